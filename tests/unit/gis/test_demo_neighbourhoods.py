"""Labelling of postcode locations, on places small enough to draw by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from estate.gis.demo.neighbourhoods import neighbourhood_labels, shared_borders_m
from estate.gis.demo.place import DemoPlace, read_demo_place
from estate.gis.demo.shapes import demo_frames


@pytest.fixture
def place() -> DemoPlace:
    return replace(
        read_demo_place(),
        districts={"E1": "One", "E2": "Two"},
        localities={"M1": "North", "M2": "South"},
        minimum_locations=3,
        simplify_tolerance_m=0.0,
    )


def grid(rows: list[str], district: str = "E1") -> pd.DataFrame:
    """A location every 100 m: the digit is its sector of M1, "x" is a retired code, "." lies outside the place."""
    points = []
    for y, row in enumerate(reversed(rows)):
        for x, mark in enumerate(row):
            outward = "M99" if mark == "x" else "M1"
            sector = f"{outward} {mark if mark.isdigit() else 1}"
            code = "elsewhere" if mark == "." else district
            # A slight slant, so that no four points lie on one circle.
            easting, northing = 380_000.0 + 100 * x + 3 * y, 390_000.0 + 100 * y + 2 * x
            points.append((f"{sector}{x}{y}", sector, outward, code, easting, northing))
    columns = ["postcode", "sector", "outward", "district_code", "easting_m", "northing_m"]
    return pd.DataFrame(points, columns=columns)


def drawn(labels: pd.Series, width: int) -> list[str]:
    marks = [label[-1] if label else "." for label in labels]
    return ["".join(marks[start : start + width]) for start in range(0, len(marks), width)][::-1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # A detached location joins the neighbour that it borders.
        (["11122", "11122", "21122"], ["11122", "11122", "11122"]),
        # A sector that is too small and a retired code join the nearest.
        (["11122", "13x22", "11122"], ["11122", "11222", "11122"]),
        # What lies outside stays outside.
        (["..222", "11122", "11122"], ["..222", "11122", "11122"]),
    ],
)
def test_labels(given: list[str], expected: list[str], place: DemoPlace) -> None:
    assert drawn(neighbourhood_labels(grid(given), place), 5) == expected


def test_a_sector_in_two_districts_makes_two_neighbourhoods(place: DemoPlace) -> None:
    west, east = grid(["111", "111"]), grid(["111", "111"], "E2")
    east["easting_m"] += 300
    locations = pd.concat([west, east], ignore_index=True)
    assert set(neighbourhood_labels(locations, place)) == {"E1-M1-1", "E2-M1-1"}


def test_frames_nest_and_names_tell_the_districts_apart(place: DemoPlace) -> None:
    west, east, around = grid(["111", "112", "222"]), grid(["111", "111"], "E2"), grid(["....."] * 5)
    east["easting_m"] += 300
    around["easting_m"] = 378_000.0 + 1000 * (around.index % 5)
    around["northing_m"] = 388_000.0 + 1000 * (around.index // 5) + 7 * (around.index % 5)
    frames = demo_frames(pd.concat([west, east, around], ignore_index=True), place)
    names = dict(zip(frames["neighbourhood"]["code"], frames["neighbourhood"]["name"], strict=True))
    assert names == {"E1-M1-1": "North M1 1 (One)", "E1-M1-2": "North M1 2", "E2-M1-1": "North M1 1 (Two)"}
    assert frames["district"].geometry.is_valid.all()
    assert frames["neighbourhood"].geometry.union_all().equals(frames["county"].geometry.iloc[0])


def test_shared_borders_of_a_square_grid_leave_diagonals_out() -> None:
    points = grid(["11", "11"])[["easting_m", "northing_m"]].to_numpy()
    pairs, lengths = shared_borders_m(points)
    assert len(pairs) in (4, 5)
    assert (lengths > 0).all()
