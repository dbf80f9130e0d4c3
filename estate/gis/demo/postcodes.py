"""Postcode locations in and around the demo place, from the index of the ONS Postcode Directory."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.gis.demo.place import DemoPlace
from estate.gis.postcodes import postcode_index


def postcodes_of_place(place: DemoPlace) -> pd.DataFrame:
    """The place's own postcodes: those of its districts. Columns as in `postcodes_around`."""
    records = _records(place)
    return _frame(records[_is_inside(records, place)])


def postcodes_around(place: DemoPlace) -> pd.DataFrame:
    """Placed postcodes of the place and of `place.surroundings_m` around its bounding box, sorted by first letter.

    Columns: `postcode` (one space before its last three characters), `sector` ("M33 2"), `outward` ("M33"),
    `district_code`, and `easting_m`, `northing_m` in EPSG:27700.
    """
    records = _records(place)
    inside = records[_is_inside(records, place)]
    is_near = np.ones(len(records), dtype=bool)
    for axis in ("easting", "northing"):
        low, high = inside[axis].min() - place.surroundings_m, inside[axis].max() + place.surroundings_m
        is_near &= (records[axis] >= low) & (records[axis] <= high)
    return _frame(records[is_near])


def postcode_locations(postcodes: pd.DataFrame) -> pd.DataFrame:
    """One row for each pair of coordinates: the first postcode there, by the alphabet."""
    ordered = postcodes.sort_values(["easting_m", "northing_m", "postcode"])
    return ordered.drop_duplicates(["easting_m", "northing_m"]).reset_index(drop=True)


def _records(place: DemoPlace) -> NDArray[np.void]:
    index = postcode_index()
    return np.concatenate([index.starting_with(letter) for letter in sorted(set(place.postcode_letters))])


def _is_inside(records: NDArray[np.void], place: DemoPlace) -> NDArray[np.bool_]:
    return np.isin(records["district"], np.array(sorted(place.districts), dtype="S9"))


def _frame(records: NDArray[np.void]) -> pd.DataFrame:
    compact = pd.Series(records["code"].astype(str))
    return pd.DataFrame(
        {
            "postcode": compact.str[:-3] + " " + compact.str[-3:],
            "sector": compact.str[:-3] + " " + compact.str[-3:-2],
            "outward": compact.str[:-3],
            "district_code": records["district"].astype(str),
            "easting_m": records["easting"].astype(float),
            "northing_m": records["northing"].astype(float),
        }
    )
