"""Every export format reads back, by a reader that is not ours, to the rows that were written."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas
import openpyxl
import pandas
import pyarrow.parquet
import pyogrio
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.exports.formats import Format, formats
from estate.exports.formats.xlsx_file import TooLongForExcel
from estate.exports.layer_styles import style_document
from estate.exports.tables import Column, Kind, Table
from estate.register.imports.readers.delimited import read_delimited

COLUMNS = (
    Column("UPRN"),
    Column("Name"),
    Column("Count", Kind.WHOLE),
    Column("Area", Kind.NUMBER),
    Column("Day", Kind.DAY),
    Column("IsListed", Kind.YES_NO),
    Column("GeoX", Kind.NUMBER),
    Column("GeoY", Kind.NUMBER),
)
Row = dict[str, Any]


def row(**cells: Any) -> Row:
    values: Row = {column.name: None for column in COLUMNS}
    return {**values, "UPRN": "000012345678", "GeoX": -2.3520922, "GeoY": 53.3879587, **cells}


ROWS = [
    row(Name="Town Hall", Count=3, Area=Decimal("415.05"), Day=date(2024, 2, 29), IsListed=True),
    row(Name="No position", UPRN=None, GeoX=None, GeoY=None, IsListed=False),
    row(Name=None, UPRN="100012797623", Count=0, Area=Decimal("0.01")),
    row(Name='=HYPERLINK("http://example.org","x")'),
    row(Name="+44 161 912 2000"),
    row(Name="-"),
    row(Name="@SUM(1)"),
    row(Name="＝1+1"),
    row(Name="'=already guarded"),
    row(Name="'plain apostrophe"),
    row(Name="''-two"),
    row(Name="http://example.org/a b"),
    row(Name="1.00E+11"),
    row(Name="NA"),
    row(Name='Łódź, “Café” "quoted"; line\nbreak; 語 🏛'),
    row(Name="{=1+1}"),
    row(Name="<script>alert(1)</script>"),
    row(Name="007"),
    row(Name="TRUE"),
    row(Name="2024-01-01"),
]


def table(rows: list[Row]) -> Table:
    return Table("made_rows", "Made for a test", COLUMNS, rows, "GeoX", "GeoY", ["A note."])


def read_csv(content: bytes, folder: Path) -> list[Row]:
    sheet, encoding, _ = read_delimited(content, "export.csv")
    assert encoding == "UTF-8"
    (plain, *_) = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert plain == [column.name for column in COLUMNS]
    assert content.count(b"\r\n") >= 1
    header, *body = sheet.rows
    return [
        {name: parse(cell, kind) for name, kind, cell in zip(header, kinds(), cells, strict=True)} for cells in body
    ]


def kinds() -> list[Kind]:
    return [column.kind for column in COLUMNS]


def parse(cell: str, kind: Kind) -> Any:
    parsers: dict[Kind, Callable[[str], Any]] = {
        Kind.TEXT: str,
        Kind.WHOLE: int,
        Kind.NUMBER: float,
        Kind.DAY: date.fromisoformat,
        Kind.YES_NO: {"Yes": True, "No": False}.__getitem__,
    }
    return None if cell == "" else parsers[kind](cell)


def read_xlsx(content: bytes, folder: Path) -> list[Row]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["made_rows", "about"]
    header, *body = book["made_rows"].iter_rows()
    for cells in body:
        assert all(cell.data_type in "sndi" for cell in cells), [cell.data_type for cell in cells]
        assert not any(cell.hyperlink for cell in cells)
    names = [cell.value for cell in header]
    return [
        {name: xlsx_value(cell.value, kind) for name, kind, cell in zip(names, kinds(), cells, strict=True)}
        for cells in body
    ]


def xlsx_value(value: Any, kind: Kind) -> Any:
    if kind is Kind.YES_NO and value is not None:
        return {"Yes": True, "No": False}[value]
    return value.date() if isinstance(value, datetime) else value


def read_layer(content: bytes, folder: Path, suffix: str) -> list[Row]:
    path = folder / f"export.{suffix}"
    path.write_bytes(content)
    if suffix == "parquet":
        frame = geopandas.read_parquet(path)
    else:
        frame = geopandas.read_file(path, layer="made_rows" if suffix == "gpkg" else None)
    assert frame.crs == "EPSG:4326"
    for point, x in zip(frame.geometry, frame.GeoX, strict=True):
        assert (point is None) == pandas.isna(x)
        assert point is None or point.x == pytest.approx(x)
    plain = frame.drop(columns="geometry").astype(object).where(frame.drop(columns="geometry").notna(), None)
    return [
        {name: layer_value(cells[name], kind) for name, kind in zip(plain.columns, kinds(), strict=True)}
        for cells in plain.to_dict("records")
    ]


def layer_value(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind is Kind.DAY:
        return pandas.Timestamp(value).date()
    return {Kind.YES_NO: bool, Kind.WHOLE: int}.get(kind, lambda same: same)(value)


READERS: dict[str, Callable[[bytes, Path], list[Row]]] = {
    "csv": read_csv,
    "xlsx": read_xlsx,
    "geojson": lambda content, folder: read_layer(content, folder, "geojson"),
    "gpkg": lambda content, folder: read_layer(content, folder, "gpkg"),
    "parquet": lambda content, folder: read_layer(content, folder, "parquet"),
}


def same(rows: list[Row]) -> list[Row]:
    """The rows with decimals as floats and empty texts as unknown: what a file can say."""
    return [
        {name: float(cell) if isinstance(cell, Decimal) else cell if cell != "" else None for name, cell in one.items()}
        for one in rows
    ]


@pytest.mark.parametrize("chosen", list(formats().values()), ids=lambda chosen: chosen.suffix)
def test_reads_back_to_the_same_rows(chosen: Format, tmp_path: Path) -> None:
    assert chosen.suffix in READERS, f"write a reader for {chosen.suffix}"
    assert READERS[chosen.suffix](chosen.content(table(ROWS)), tmp_path) == same(ROWS)


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "geojson"])
def test_any_text_reads_back(suffix: str, tmp_path: Path) -> None:
    printable = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(
        texts=st.lists(
            printable | st.sampled_from("=+-@'").flatmap(lambda first: printable.map(first.__add__)), max_size=5
        )
    )
    def check(texts: list[str]) -> None:
        rows = [row(Name=text) for text in texts]
        content = formats()[suffix].content(table(rows))
        if suffix == "geojson":
            found = [feature["properties"]["Name"] for feature in json.loads(content)["features"]]
            assert found == texts
        else:
            assert [one["Name"] for one in READERS[suffix](content, tmp_path)] == [text or None for text in texts]

    check()


@pytest.mark.parametrize("chosen", list(formats().values()), ids=lambda chosen: chosen.suffix)
def test_no_rows_are_a_file_too(chosen: Format, tmp_path: Path) -> None:
    path = tmp_path / f"export.{chosen.suffix}"
    path.write_bytes(chosen.content(table([])))
    if chosen.suffix in ("geojson", "gpkg"):
        assert len(geopandas.read_file(path, layer=0)) == 0
    else:
        assert READERS[chosen.suffix](path.read_bytes(), tmp_path) == []


def test_geojson_keeps_to_its_standard() -> None:
    content = json.loads(formats()["geojson"].content(table(ROWS)))
    assert set(content) == {"type", "features"}
    assert content["features"][0]["geometry"] == {"type": "Point", "coordinates": [-2.3520922, 53.3879587]}
    assert content["features"][1]["geometry"] is None


def test_no_spreadsheet_cell_is_a_formula() -> None:
    lines = list(csv.DictReader(io.StringIO(formats()["csv"].content(table(ROWS)).decode(), newline="")))
    assert not [line["Name"] for line in lines if line["Name"][:1] in tuple("=+-@\t\r＝")]
    assert lines[0]["GeoX"] == "-2.3520922"


def test_too_much_for_excel_is_refused_not_cut() -> None:
    with pytest.raises(TooLongForExcel):
        formats()["xlsx"].content(table([row(Name="x" * 32_768)]))


def test_a_geopackage_brings_the_style_that_qgis_opens_it_with(tmp_path: Path) -> None:
    """Read by GDAL: the layer first, then the styles as a table without geometry."""
    path = tmp_path / "styled.gpkg"
    path.write_bytes(formats()["gpkg"].content(replace(table(ROWS), colour_by="Name")))
    assert [name for name, _ in pyogrio.list_layers(path)] == ["made_rows", "layer_styles"]
    [style] = pyogrio.read_dataframe(path, layer="layer_styles").to_dict("records")
    assert (style["f_table_name"], style["f_geometry_column"], style["useAsDefault"]) == ("made_rows", "geom", True)
    document = ElementTree.fromstring(style["styleQML"])
    renderer = document.find("renderer-v2")
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "Name")
    symbols = {symbol.get("name") for symbol in renderer.iter("symbol")}
    assert {category.get("symbol") for category in renderer.iter("category")} == symbols
    plain = ElementTree.fromstring(style_document(None, []))
    assert plain.find("renderer-v2/symbols/symbol/layer") is not None


def test_a_parquet_file_says_what_geoparquet_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    path.write_bytes(formats()["parquet"].content(table(ROWS)))
    file = pyarrow.parquet.ParquetFile(path)
    told = json.loads(file.metadata.metadata[b"geo"])
    assert (told["version"], told["primary_column"]) == ("1.1.0", "geometry")
    [column] = told["columns"].values()
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])
    assert column["bbox"] == [-2.3520922, 53.3879587, -2.3520922, 53.3879587]
    assert pyproj.CRS.from_json_dict(column["crs"]) == pyproj.CRS(4326)
    empty = formats()["parquet"].content(table([]))
    assert len(geopandas.read_parquet(io.BytesIO(empty))) == 0


@pytest.mark.parametrize("suffix", ["gpkg", "parquet"])
def test_rows_beyond_one_batch_are_written_once_each(suffix: str, tmp_path: Path) -> None:
    rows = [row(Name=f"Building {number}", Count=number) for number in range(10_001)]
    found = READERS[suffix](formats()[suffix].content(table(rows)), tmp_path)
    assert [one["Count"] for one in found] == list(range(10_001))
