"""Postcode locations in and around the demo place, from the index of the ONS Postcode Directory."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from estate.gis.demo.place import DemoPlace
from estate.gis.postcodes import postcode_index


def read_postcodes(letters: str, district_codes: Iterable[str] | None = None) -> pd.DataFrame:
    """Placed postcodes that start with one of `letters`, sorted; with `district_codes`, only those districts'.

    Columns: `postcode` (one space before its last three characters), `sector` ("M33 2"), `outward` ("M33"),
    `district_code`, and `easting_m`, `northing_m` in EPSG:27700.
    """
    index = postcode_index()
    records = np.concatenate([index.starting_with(letter) for letter in sorted(set(letters))])
    if district_codes is not None:
        records = records[np.isin(records["district"], np.array(sorted(district_codes), dtype="S9"))]
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


def postcodes_of_place(place: DemoPlace) -> pd.DataFrame:
    """The place's own postcodes: those of its districts."""
    return read_postcodes(place.postcode_letters, place.districts)


def postcodes_around(postcodes: pd.DataFrame, place: DemoPlace) -> pd.DataFrame:
    """The postcodes within `place.surroundings_m` of the place's bounding box."""
    inside = postcodes[postcodes["district_code"].isin(place.districts)]
    is_near = pd.Series(True, index=postcodes.index)
    for column in ("easting_m", "northing_m"):
        low, high = inside[column].min() - place.surroundings_m, inside[column].max() + place.surroundings_m
        is_near &= postcodes[column].between(low, high)
    return postcodes[is_near].reset_index(drop=True)


def postcode_locations(postcodes: pd.DataFrame) -> pd.DataFrame:
    """One row for each pair of coordinates: the first postcode there, by the alphabet."""
    ordered = postcodes.sort_values(["easting_m", "northing_m", "postcode"])
    return ordered.drop_duplicates(["easting_m", "northing_m"]).reset_index(drop=True)
