"""Files become rows of text, or one sentence; whatever is in them, the reader's process is the only one to suffer."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
import xlsxwriter

from estate.register.imports.read import SUFFIXES, Reader, UnreadableUpload, read_file, warm_reader
from estate.register.imports.readers import NO_VALUE
from estate.sandbox.archive import MAXIMUM_MEMBERS
from estate.settings import ROOT

BAD_FILES = ROOT.parent / "shared" / "data" / "bad_files"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with warm_reader() as reader:
        yield reader


def rows(reader: Reader, content: bytes, name: str = "file.csv") -> list[list[str]]:
    return reader.read(content, name).sheets[0].rows


def problem(reader: Reader, content: bytes, name: str = "file.csv") -> str:
    with pytest.raises(UnreadableUpload) as caught:
        reader.read(content, name)
    return caught.value.message


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without byte order mark"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_encodings_are_found_and_named(reader: Reader, codec: str, name: str) -> None:
    content = reader.read("name,cost\nCafé Röd,12\n".encode(codec), "a.csv")
    assert content.encoding == name
    assert content.sheets[0].rows == [["name", "cost"], ["Café Röd", "12"]]


def test_bytes_that_are_no_text_are_refused_with_their_line(reader: Reader) -> None:
    assert "Line 2" in problem(reader, b"name\n\x81\x8d\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(reader: Reader, delimiter: str) -> None:
    assert rows(reader, f"a{delimiter}b\n1{delimiter}2\n".encode()) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_blank_lines(reader: Reader, ending: str) -> None:
    sheet = reader.read(ending.join(["a,b", "", "1,2", ",", "3,4"]).encode(), "a.csv").sheets[0]
    assert sheet.rows == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert sheet.lines == [1, 3, 5]


def test_a_cell_over_two_lines_keeps_the_line_numbers(reader: Reader) -> None:
    sheet = reader.read(b'a,b\n"x\ny",1\nz,2\n', "a.csv").sheets[0]
    assert sheet.rows[1] == ["x\ny", "1"]
    assert sheet.lines == [1, 2, 4]


def test_an_open_quotation_mark_loses_no_row(reader: Reader) -> None:
    assert "Line 2 opens a quotation mark" in problem(reader, b'a,b\n"x,1\ny,2\n')
    assert "Line 2 has text after a closing" in problem(reader, b'a,b\n"x"y,1\n')


def test_the_guard_against_formulas_is_taken_off(reader: Reader) -> None:
    assert rows(reader, b"a,b\n'=1+1,'tis\n")[1] == ["=1+1", "'tis"]


@pytest.mark.parametrize(("content", "name"), [(b"", "a.csv"), (b"\n\n", "a.csv"), (b"x", "a.exe"), (b"x", "noname")])
def test_empty_files_and_other_kinds(reader: Reader, content: bytes, name: str) -> None:
    assert problem(reader, content, name).endswith(".")


def test_content_that_is_not_what_the_name_says(reader: Reader) -> None:
    assert "ZIP or spreadsheet" in problem(reader, workbook([["a"]]), "a.csv")
    source = b"<OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
    vrt = b"<OGRVRTDataSource>" + source + b"</OGRVRTDataSource>"
    for name in ("a.xlsx", "a.ods", "a.gpkg", "a.geojson", "a.zip"):
        assert "root:" not in problem(reader, vrt, name)
    assert "not a Shapefile" in problem(reader, packed({"a.shp": vrt, "a.dbf": b"x", "a.shx": b"x"}), "a.zip")


def workbook(table: list[list[object]], number_format: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    if number_format:
        for row in book.active.iter_rows(min_row=2):
            for cell in row:
                cell.number_format = number_format
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_workbook_cells_are_text(reader: Reader) -> None:
    import datetime

    table = [["a", "b", "c", "d"], [100012345678, 1.5, datetime.datetime(2026, 2, 1), True], [None, None, "x", None]]  # noqa: DTZ001
    assert rows(reader, workbook(table), "a.xlsx")[1:] == [["100012345678", "1.5", "2026-02-01", "TRUE"], ["", "", "x"]]
    assert rows(reader, workbook([["a"], [123]], "000000"), "a.xlsx")[1] == ["000123"]


def test_a_formula_without_a_value_is_marked(reader: Reader) -> None:
    table = rows(reader, workbook([["a", "b", "c"], ["x", None, "=1+1"], ["=A2", "y", None]]), "a.xlsx")
    assert table == [["a", "b", "c"], ["x", "", NO_VALUE], [NO_VALUE, "y"]]


def test_formulas_with_a_stored_value_give_it(reader: Reader) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_formula(1, 0, "=20+22", value=42)
        sheet.write_formula(1, 1, '=""', value="")
        sheet.write_string(1, 2, "x")
    assert rows(reader, buffer.getvalue(), "a.xlsx")[1][0::2] == ["42", "x"]


def test_formulas_of_an_opendocument_sheet_without_a_value_are_marked(reader: Reader) -> None:
    spaced = """
      <table:table-row><table:table-cell office:value-type="string"><text:p>Ref</text:p></table:table-cell>
        <table:table-cell office:value-type="string"><text:p>Rent</text:p></table:table-cell></table:table-row>
      <table:table-row table:number-rows-repeated="2"/>
      <table:table-row><table:table-cell office:value-type="date" office:date-value="2026-02-01"/>
        <table:table-cell table:number-columns-repeated="2" table:formula="of:=1+1"/></table:table-row>
      <table:table-row><table:table-cell office:value-type="float" office:value="100012345678"/>
        <table:table-cell table:formula="of:=40+2" office:value-type="float" office:value="42"/></table:table-row>
      <table:table-row><table:table-cell table:formula="of:=2"/></table:table-row>"""
    rows_of_xml = "".join(line.strip() for line in spaced.splitlines())
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    sheet = f'<table:table table:name="Costs">{rows_of_xml}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    document = f'<?xml version="1.0"?><office:document-content{names}>{body}</office:document-content>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    members = {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": document.encode()}
    content = reader.read(packed(members), "a.ods")
    assert content.sheets[0].rows == [
        ["Ref", "Rent"], ["2026-02-01", NO_VALUE, NO_VALUE], ["100012345678", "42"], [NO_VALUE],
    ]  # fmt: skip
    assert content.sheets[0].lines == [1, 4, 5, 6]


def test_a_chosen_encoding_and_delimiter_are_used(reader: Reader) -> None:
    content = "n;c\nCafé;1,5\n".encode("cp850")
    found = reader.read(content, "a.csv", encoding="cp850", delimiter=";")
    assert (found.sheets[0].rows[1], found.encoding, found.delimiter) == (["Café", "1,5"], "MS-DOS (850)", ";")
    with pytest.raises(UnreadableUpload, match="not known here"):
        reader.read(content, "a.csv", encoding="punycode")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (100000000000, "0.00E+00", "1.00E+11"),
        (1e11, "0.00E+00", "1.00E+11"),
        (100012000000, "0.00000E+00", "1.00012E+11"),
        (100012345678, "0.00E+00", "100012345678"),
        (1500, "0.00E+00", "1500"),
        (100000000000, "General", "100000000000"),
    ],
)
def test_large_numbers_rounded_by_their_notation_show_it(
    reader: Reader, value: float, number_format: str, text: str
) -> None:
    assert rows(reader, workbook([["a"], [value]], number_format), "a.xlsx")[1] == [text]


def test_a_cell_in_the_last_corner_harms_nobody(reader: Reader) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "name"
    book.active["XFD1048576"] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    assert "columns" in problem(reader, buffer.getvalue(), "a.xlsx")


def test_zip_traps(reader: Reader) -> None:
    assert "hundred times" in problem(reader, packed({"a.csv": b"0" * 20_000_000}), "a.zip")
    assert "another ZIP" in problem(reader, packed({"a.zip": packed({"b.csv": b"a"})}), "a.zip")
    assert "path" in problem(reader, packed({"../a.csv": b"a"}), "a.zip")
    assert "path" in problem(reader, packed({"/etc/a.csv": b"a"}), "a.zip")
    assert str(MAXIMUM_MEMBERS) in problem(
        reader, packed({f"{i}.csv": b"a" for i in range(MAXIMUM_MEMBERS + 1)}), "a.zip"
    )
    assert "neither" in problem(reader, packed({"readme.txt": b"a"}), "a.zip")


def test_a_zip_of_tables_gives_a_sheet_each(reader: Reader) -> None:
    content = reader.read(packed({"b.csv": b"x\n1\n", "a.csv": b"y\n2\n"}), "a.zip")
    assert [sheet.name for sheet in content.sheets] == ["a", "b"]


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: object, **members: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}).encode()


def test_geojson_keeps_null_and_broken_features(reader: Reader) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]]}
    content = collection(
        feature({"type": "Point", "coordinates": [1, 2]}, name="a"),
        feature(None, name="b", extra=1.0),
        feature({"type": "Pont", "coordinates": [1, 2]}, name="c"),
        None,
        feature(square, name="d"),
    )
    header, *body = rows(reader, content, "a.geojson")
    assert header == ["name", "extra", "@x", "@y", "@outline", "@problem"]
    assert [row[-1] for row in body] == ["", "missing", "broken", "broken", ""]
    assert body[0][2:4] == ["1.0", "2.0"]
    assert body[1][1] == "1"
    assert shapely.from_wkb(body[4][4]).area == 4


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_geojson_refuses_numbers_that_are_none(reader: Reader, word: str) -> None:
    content = collection(feature({"type": "Point", "coordinates": [1, 2]})).replace(b"1, 2", f"1, {word}".encode())
    assert word in problem(reader, content, "a.geojson")


def test_geojson_coordinate_systems(reader: Reader) -> None:
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    assert reader.read(collection(feature(None, a=1), crs=named), "a.json").sheets[0].srid == 27700
    linked = {"type": "link", "properties": {"href": "http://127.0.0.1/crs"}}
    assert "link" in problem(reader, collection(feature(None, a=1), crs=linked), "a.json")


def test_geopackage_and_shapefile(reader: Reader, tmp_path: Path) -> None:
    import geopandas

    frame = geopandas.GeoDataFrame(
        {"name": ["a", "b"], "size": [1, 2]},
        geometry=geopandas.points_from_xy([380000, 381000], [390000, 391000]),
        crs=27700,
    )
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG")
    frame.to_file(tmp_path / "s.shp")
    shapefile = packed({path.name: path.read_bytes() for path in tmp_path.glob("s.*")})
    for content, name in (((tmp_path / "a.gpkg").read_bytes(), "a.gpkg"), (shapefile, "s.zip")):
        sheet = reader.read(content, name).sheets[0]
        assert sheet.srid == 27700
        assert sheet.rows[1] == ["a", "1", "380000.0", "390000.0", ""] or sheet.rows[1][:4] == [
            "a",
            "1",
            "380000.0",
            "390000.0",
        ]
        assert len(sheet.rows) == 3


def test_the_reading_process_has_no_secrets_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    with Reader() as reader:
        environment = Path(f"/proc/{reader._sandbox.process_id}/environ").read_bytes()
        assert b"secret" not in environment
        number = reader._sandbox.process_id
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_reader_that_needs_too_much_memory_ends_in_a_sentence(reader: Reader) -> None:
    # Forty million one-byte cells: more rows and cells than a table may have.
    assert "larger than" in problem(reader, b"a\n" * 4_000_000)


def test_one_shot_reading() -> None:
    content = read_file(b"a,b\n1,2\n", "folder\\..\\x.csv")
    assert content.name == "x.csv"
    assert len(content.sha256) == 64


def test_every_bad_file_ends_in_rows_or_a_sentence(reader: Reader) -> None:
    if not BAD_FILES.is_dir():
        pytest.skip("the folder of bad files is not here")
    files = [path for path in sorted(BAD_FILES.rglob("*")) if path.is_file() and path.suffix.lower() in SUFFIXES]
    assert len(files) > 500
    outcomes = {"rows": 0, "sentence": 0}
    for path in files:
        sentence = ""
        try:
            content = reader.read(path.read_bytes(), path.name)
        except UnreadableUpload as error:
            sentence = error.message
        if sentence:
            assert sentence.endswith("."), (path, sentence)
            outcomes["sentence"] += 1
        else:
            assert not path.name.startswith("n_"), path
            assert sum(len(sheet.rows) for sheet in content.sheets) > 0
            assert all(len(sheet.rows) == len(sheet.lines) for sheet in content.sheets)
            assert not np.any([len(row) == 0 for sheet in content.sheets for row in sheet.rows])
            outcomes["rows"] += 1
    assert outcomes["rows"] > 200
    assert outcomes["sentence"] > 300
