"""Maps on paper: the scale is that of the ground, nothing in a name is markup, and the sheet is what it says."""

import io
import struct
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from pypdf import PdfReader
from pyproj import Geod

from estate.gis.maps.legend import Entry, Legend, Look
from estate.gis.paper import SHEETS, Drawn, Placing, Sheet, Words, draw, labels_of, legend_on_paper, place, typeset

MADE_AT = datetime(2026, 3, 3, 12, 30, 5, 123456, tzinfo=UTC)
ENGLAND, WARD, SHETLAND = (-6.4, 49.9, 1.8, 55.8), (-2.31, 53.40, -2.29, 53.42), (-1.8, 59.8, -0.7, 60.9)
EVIL = '#read("/etc/passwd") #panic() $x$ *b* <a href="http://x.example"> & ]]> @ref // \\u{41}'


def words(**changed: Any) -> Words:
    return Words(**{"title": "T", "subtitle": "S", "summary": "", "legends": [], "notes": [], **changed})


def areas(*boxes: tuple[float, float, float, float]) -> GeoDataFrame:
    shapes = [shapely.box(*box) for box in boxes]
    names = {"name": [f"Area {place}" for place in range(len(boxes))]}
    return GeoDataFrame(
        {**names, "label_at": [shape.centroid.coords[0] for shape in shapes]}, geometry=shapes, crs=4326
    )


@pytest.mark.parametrize("bounds", [ENGLAND, WARD, SHETLAND, (-2.3, 53.4, -2.3, 53.4)])
@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
@pytest.mark.parametrize("srid", [27700, 3857, 25830])
def test_the_scale_bar_is_as_long_as_the_ground_it_stands_for(bounds: Any, sheet: Sheet, srid: int) -> None:
    placing = place(bounds, sheet.map_mm, srid)
    middle = np.array([placing.width_mm / 2, placing.height_mm / 2])
    half = np.array([placing.bar_mm / 2, 0])
    (west, south), (east, north) = placing.on_ground(np.array([middle - half, middle + half]))
    _, _, metres = Geod(ellps="WGS84").inv(west, south, east, north)
    assert metres == pytest.approx(placing.bar_m, rel=0.002)
    assert placing.bar_mm == pytest.approx(placing.bar_m / placing.denominator * 1000)
    assert placing.bar_mm <= placing.width_mm * 0.3 + 1e-9


@pytest.mark.parametrize("bounds", [ENGLAND, WARD, SHETLAND])
@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_the_whole_view_lies_inside_the_frame_and_fills_it(bounds: Any, sheet: Sheet) -> None:
    placing = place(bounds, sheet.map_mm)
    west, south, east, north = bounds
    corners = placing.on_paper(np.array([(west, south), (west, north), (east, south), (east, north)]))
    assert (corners >= 0).all()
    assert (corners[:, 0] <= placing.width_mm).all()
    assert (corners[:, 1] <= placing.height_mm).all()
    extent = np.ptp(corners, axis=0) / (placing.width_mm, placing.height_mm)
    assert extent.max() > 0.6
    back = placing.on_ground(corners)
    assert back == pytest.approx(np.array([(west, south), (west, north), (east, south), (east, north)]), abs=1e-6)


def test_true_north_is_up_on_the_central_meridian_and_leans_beside_it() -> None:
    size = SHEETS["a4-landscape"].map_mm
    assert place((-2.1, 53, -1.9, 54), size).north_degrees == pytest.approx(0, abs=0.1)
    east = place((1.2, 52, 1.4, 52.2), size)
    assert -3 < east.north_degrees < -2  # East of the meridian the grid's north lies clockwise of true north.


def test_a_drawing_holds_shapes_only() -> None:
    drawn = Drawn(place(WARD, (200, 140)))
    frame = areas(WARD, (-2.29, 53.40, -2.28, 53.42)).assign(name=[EVIL, "B"])
    draw(drawn, frame, [Look("#ffffcc"), Look("#8a9390", pattern="hatch")])
    far = GeoDataFrame(geometry=[shapely.Point(-2.3, 53.41), shapely.Point(140, -80), None], crs=4326)
    draw(drawn, far, [Look("#0072b2", "circle"), Look("#0072b2", "square"), Look("#0072b2", "square")])
    svg = drawn.svg.decode()
    assert "passwd" not in svg
    assert "href" not in svg
    assert svg.count("<circle") == 3  # Two of the dots' pattern, and the one building that lies on the map.
    assert "url(#hatch)" in svg
    assert "nan" not in svg.lower()


def test_names_lie_apart_and_on_the_map() -> None:
    boxes = [(-3 + i * 0.05, 53 + j * 0.02, -2.95 + i * 0.05, 53.02 + j * 0.02) for i in range(20) for j in range(20)]
    frame = areas(*boxes)
    labels = labels_of(place((-3, 53, -2, 53.4), SHEETS["a3-landscape"].map_mm), frame)
    assert 50 < len(labels) <= 400
    boxes_mm = [shapely.box(it.x_mm, it.y_mm, it.x_mm + it.width_mm, it.y_mm + it.height_mm) for it in labels]
    tree = shapely.STRtree(boxes_mm)
    left, right = tree.query(boxes_mm, predicate="overlaps")
    assert not len(left), (left, right)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_a_sheet_says_all_its_words_as_text(sheet: Sheet) -> None:
    drawn = Drawn(place(WARD, sheet.map_mm))
    frame = areas(WARD).assign(name=["Hale"])
    draw(drawn, frame, [Look("#ffffcc", pattern="dots")])
    drawn.labels += labels_of(drawn.placing, frame)
    legend = legend_on_paper(Legend("Running cost", (Entry("over £1 to £2", Look("#ffffcc"), 12),), "£ a year."))
    content = typeset(sheet, drawn, words(title="Cost by ward", legends=[legend], notes=[EVIL]), "pdf", MADE_AT)
    reader = PdfReader(io.BytesIO(content))
    assert len(reader.pages) == 1
    page = reader.pages[0]
    size_mm = [float(length) / 72 * 25.4 for length in page.mediabox[2:]]
    assert size_mm == pytest.approx([sheet.width_mm, sheet.height_mm], abs=0.1)
    text = " ".join(page.extract_text().split())
    for part in ("Cost by ward", "Hale", "Running cost", "over £1 to £2", "(12)", "£ a year.", f" on {sheet.size}"):
        assert part in text, part
    assert f"1:{drawn.placing.denominator:,}" in text
    assert '#read("/etc/passwd")' in text
    assert "root:" not in text
    assert reader.metadata.title == "Cost by ward"
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in content


def test_the_same_sheet_as_a_picture() -> None:
    sheet = SHEETS["a4-landscape"]
    content = typeset(sheet, Drawn(place(WARD, sheet.map_mm)), words(), "png", MADE_AT)
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height) == pytest.approx((297 / 25.4 * 200, 210 / 25.4 * 200), abs=1)


@pytest.mark.parametrize(
    "name", ["Zoë’s Łódź Ωmega Ыщ", "医院 مدرسة 🏥 \U000e0001", "A" * 5000, "x\ny\tz\u202e\u2028", "", "\ue000"]
)
def test_a_name_in_any_script_and_of_any_length_leaves_one_page(name: str) -> None:
    sheet = SHEETS["a4-portrait"]
    many = tuple(Entry(f"{number} {name}", Look("#ffffcc"), number) for number in range(60))
    legend = legend_on_paper(Legend(name or "Legend", many))
    filled = words(title=name, subtitle=name, summary=name, legends=[legend], notes=[name] * 20)
    content = typeset(sheet, Drawn(place(WARD, sheet.map_mm)), filled, "pdf", MADE_AT)
    assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_a_place_outside_the_grid_is_left_out() -> None:
    placing: Placing = place(WARD, (200, 140))
    drawn = Drawn(placing)
    draw(drawn, areas((170, -80, 180, -70)), [Look("#ffffcc")])
    assert "nan" not in drawn.svg.decode().lower()
