import json
import re

import geopandas
import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from pandas import Series
from shapely.geometry import LineString, Point, Polygon, box

from estate.gis.maps import (
    AreaLayer,
    Assets,
    Caption,
    Look,
    PointLayer,
    Scheme,
    area_map,
    building_map,
    buildings_map,
    classify,
    content_policy,
    moves_map,
)
from estate.gis.maps.escape import script_json
from estate.gis.outlines import simplified

ASSETS = Assets(("/static/leaflet.js", "/static/map.js"), ("/static/leaflet.css",), "n0nce")
CAPTION = Caption("Running cost by district", "2024-25", True)
EVIL = "</script><script>alert(1)</script> ${alert(1)} `x` \" ' \\ <img src=x onerror=alert(1)> \u2028 {{ 7 * 7 }} ]]>"


def areas(**columns: object) -> GeoDataFrame:
    shapes = [box(-2.4, 53.3, -2.3, 53.4), box(-2.3, 53.3, -2.2, 53.4), box(-2.2, 53.3, -2.1, 53.4)]
    values = {"name": ["A", "B", "C"], "is_estimate": False, "is_empty": False, "lines": [["£1"]] * 3}
    return GeoDataFrame({**values, **columns}, geometry=shapes, crs=4326)


def points(count: int = 2, **columns: object) -> GeoDataFrame:
    values = {"name": [f"Building {i}" for i in range(count)], "kind": 0, "is_approximate": False, **columns}
    return GeoDataFrame(values, geometry=[Point(-2.3, 53.3 + i / 1e5) for i in range(count)], crs=4326)


def layer(frame: GeoDataFrame, figures: list[float], name: str = "Districts", **fields: object) -> AreaLayer:
    classes = classify(Series(figures, dtype=float), Scheme.QUANTILE, 5)
    return AreaLayer(frame, classes, lambda value: f"£{value:g}", "Running cost", name, **fields)


def features_of(html: str) -> list[dict]:
    found = re.findall(r"L\.geoJson\((\{.*\}), \{\n", html)
    packed = re.findall(r"L\.geoJson\(EstateMap\.unpack\((\{.*\})\), \{\n", html)
    return [feature for data in packed for feature in unpacked(json.loads(data))] + [
        feature for data in found for feature in json.loads(data)["features"]
    ]


def unpacked(packed: dict) -> list[dict]:
    """What `map.js` makes of packed areas, less the shapes."""
    count = len(packed["names"])
    lines = packed.get("lines", [None] * count)
    properties = zip(packed["names"], packed["looks"], lines, strict=True)
    return [{"properties": {"name": name, "look": look, "lines": texts}} for name, look, texts in properties]


def facts_of(html: str) -> dict:
    return json.loads(re.search(r"EstateMap\.start\(\w+, (\{.*\})\);", html)[1])


def test_the_document_has_one_heading_inside_its_main_part() -> None:
    html = area_map(layer(areas(), [1, 2, 3]), caption=Caption(EVIL, "2024-25", True), assets=ASSETS)
    [heading] = re.findall(r"<main[^>]*>\s*<h1 class=\"estate-title\">(.*?)</h1>\s*</main>", html, re.DOTALL)
    assert heading.startswith("Map: ")
    assert "<" not in heading
    assert html.count("<h1") == 1


def test_the_document_loads_only_its_assets() -> None:
    html = area_map(layer(areas(), [1, 2, 3]), caption=CAPTION, assets=ASSETS)
    assert "http" not in html.replace('http-equiv="', "")
    assert re.findall(r'(?:src|href)="([^"]+)"', html) == [
        "/static/leaflet.css",
        "/static/leaflet.js",
        "/static/map.js",
    ]
    assert all('nonce="n0nce"' in tag for tag in re.findall(r"<(?:script|link|style)[^>]*>", html))
    assert not re.search(r"\son\w+=|style=", html)


def test_the_policy_names_no_other_host() -> None:
    policy = content_policy("n0nce")
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-n0nce';" in policy
    assert "unsafe" not in policy
    assert "allow-same-origin" not in policy


def test_unknown_estimated_and_empty_areas_look_apart() -> None:
    frame = areas(is_estimate=[True, False, False], is_empty=[False, False, True])
    html = area_map(layer(frame, [5, np.nan, np.nan]), caption=CAPTION, assets=ASSETS)
    facts = facts_of(html)
    patterns = [facts["looks"][feature["properties"]["look"]]["pattern"] for feature in features_of(html)]
    assert patterns == ["dots", "hatch", ""]
    texts = [(entry["text"], entry["count"]) for entry in facts["legends"][0]["entries"]]
    assert texts == [("£5", 1), ("unknown", 1), ("no buildings", 1), ("half or more is estimated", 1)]
    assert facts["foot"].startswith("Synthetic data")


@pytest.mark.parametrize("evil", [EVIL, "${alert(1)}", "`", "</SCRIPT >", "<!--<script>", "\\", "'-alert(1)-'"])
def test_names_stay_data(evil: str) -> None:
    frame = areas(name=[evil] * 3, lines=[[evil]] * 3, href=["/x"] * 3, link=[evil] * 3)
    found = points(2, name=[evil] * 2, lines=[[evil]] * 2)
    dots = PointLayer(found, ((evil, Look("#123456", "circle")),), evil, evil, evil, is_shown=True)
    html = area_map(layer(frame, [1, 2, 3], note=evil), caption=Caption(evil, evil), assets=ASSETS, points=dots)
    assert html.count("<script") == len(ASSETS.scripts) + 1 == html.lower().count("</script")
    assert "<img" not in html
    assert {feature["properties"]["name"] for feature in features_of(html)} == {evil}
    assert facts_of(html)["title"] == evil


def test_two_thousand_buildings_are_one_layer_below_a_megabyte() -> None:
    dots = PointLayer(points(2000), (("Office", Look("#123456", "circle")),), "Use", is_shown=True)
    html = buildings_map(dots, caption=CAPTION, assets=ASSETS, outlines=areas())
    assert html.count("L.geoJson") == 2
    assert "L.circleMarker(" not in html
    assert len(html) < 1_000_000
    assert facts_of(html)["point_count"] == 2000


def test_points_without_place_are_left_out_and_approximate_ones_are_hollow() -> None:
    frame = points(3, is_approximate=[False, True, True])
    frame.loc[2, "geometry"] = None
    dots = PointLayer(frame, (("Office", Look("#123456", "circle")),), "Use", is_shown=True)
    html = buildings_map(dots, caption=CAPTION, assets=ASSETS)
    facts = facts_of(html)
    assert [facts["looks"][f["properties"]["look"]]["is_hollow"] for f in features_of(html)] == [False, True]
    assert ("position only from the postcode", 1) in [(e["text"], e["count"]) for e in facts["legends"][0]["entries"]]


def test_a_map_of_nothing_is_a_map() -> None:
    frame = areas().iloc[:0]
    html = area_map(layer(frame, []), caption=CAPTION, assets=ASSETS)
    assert facts_of(html)["bounds"] is None
    nothing = points(0)
    assert "L.map" in buildings_map(PointLayer(nothing, (), "Use"), caption=CAPTION, assets=ASSETS)
    assert "L.map" in moves_map(None, nothing.assign(is_host=[]), nothing, nothing, caption=CAPTION, assets=ASSETS)


def test_moves_tell_roles_by_colour_and_shape() -> None:
    kept, emptied = points(2, is_host=[True, False]), points(1)
    lines = GeoDataFrame({"name": ["3 FTE"]}, geometry=[LineString([(-2.3, 53.3), (-2.2, 53.4)])], crs=4326)
    html = moves_map(areas(), kept, emptied, lines, caption=CAPTION, assets=ASSETS)
    looks = facts_of(html)["looks"]
    used = [looks[feature["properties"]["look"]] for feature in features_of(html)][3:]
    assert [look["shape"] for look in used] == ["line", "square", "circle", "cross"]
    assert len({look["colour"] for look in used}) == 4
    assert [e["text"] for e in facts_of(html)["legends"][0]["entries"]] == [
        "kept, teams move in",
        "kept as it is",
        "emptied",
    ]


def test_building_map_reaches_around_the_building() -> None:
    html = building_map(points(1), caption=CAPTION, assets=ASSETS, outlines=areas())
    (south, west), (north, east) = facts_of(html)["bounds"]
    assert west < -2.3 < east
    assert south < 53.3 < north
    assert facts_of(html)["legends"] == []


def test_a_building_far_away_does_not_shrink_the_map() -> None:
    place = facts_of(area_map(layer(areas(), [1, 2, 3]), caption=CAPTION, assets=ASSETS))["bounds"]
    far = points(2)
    far = far.set_geometry([Point(2.35, 48.85), *far.geometry[1:]], crs=4326)
    dots = PointLayer(far, (("A", Look("#123456", "circle")),), "Buildings", is_shown=True)
    html = area_map(layer(areas(), [1, 2, 3]), caption=CAPTION, assets=ASSETS, points=dots)
    assert facts_of(html)["bounds"] == place
    assert facts_of(buildings_map(dots, caption=CAPTION, assets=ASSETS, outlines=areas()))["bounds"] == place


def test_simplified_neighbours_share_their_edge() -> None:
    edge = [(-2.3 + np.sin(i / 3) / 300, 53.3 + i / 1000) for i in range(101)]
    west = Polygon([(-2.5, 53.3), *edge, (-2.5, 53.4)])
    east = Polygon([(-2.1, 53.3), *edge, (-2.1, 53.4)])
    frame = simplified(GeoDataFrame({"area_id": [1, 2]}, geometry=[west, east], crs=4326))
    first, second = frame.geometry
    assert shapely.get_num_coordinates(first) < shapely.get_num_coordinates(west)
    assert first.intersection(second).area == 0
    assert first.union(second).geom_type == "Polygon"
    assert not first.union(second).interiors
    assert all(shape.contains(Point(at)) for shape, at in zip(frame.geometry, frame["label_at"], strict=True))


def test_simplified_keeps_islets_and_takes_nothing() -> None:
    islet = box(-2.0, 53.0, -1.99999, 53.00001)
    frame = simplified(GeoDataFrame({"area_id": [1, 2]}, geometry=[box(-4, 52, -3, 53), islet], crs=4326))
    assert not frame.geometry.is_empty.any()
    assert simplified(geopandas.GeoDataFrame({"area_id": []}, geometry=[], crs=4326)).empty


@pytest.mark.parametrize("evil", ["{{ 7 * 7 }}", "{% for %}", "{# x", "{{{{ 1 }}}}", "{{{% raw %}", "}} {{ cycler }}"])
def test_names_are_no_templates_on_the_server(evil: str) -> None:
    frame = areas(name=[evil] * 3, lines=[[evil]] * 3)
    dots = PointLayer(points(2, name=[evil] * 2), ((evil, Look("#123456", "circle")),), evil, evil, is_shown=True)
    html = area_map(layer(frame, [1, 2, 3], name=evil), caption=Caption(evil, evil), assets=ASSETS, points=dots)
    assert {feature["properties"]["name"] for feature in features_of(html)} == {evil}
    assert facts_of(html)["foot"].endswith(evil)


def test_figures_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError):
        script_json({"figure": float("nan")})
