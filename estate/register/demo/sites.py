"""Where the demo's buildings stand: a real postcode for each, in a town centre or elsewhere in its district. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from estate.gis.crs import transform
from estate.gis.demo.place import DemoPlace
from estate.register.demo.profiles import Profiles


@dataclass(frozen=True)
class DemoSite:
    """A place for one building, and who builds what there."""

    number: int
    agency_code: str
    use: str
    district_code: str
    postcode: str
    locality: str
    longitude: float
    latitude: float


def demo_sites(profiles: Profiles, place: DemoPlace, postcodes: pd.DataFrame) -> list[DemoSite]:
    """One site for each building that the profiles ask for; no two at the same spot.

    `postcodes` are the place's own (`estate.gis.demo.postcodes.postcodes_of_place`).
    """
    known = postcodes[postcodes["outward"].isin(place.localities)]
    known = known.drop_duplicates(["easting_m", "northing_m"]).reset_index(drop=True)
    longitude, latitude = transform(known["easting_m"], known["northing_m"], 27700)
    known = known.assign(longitude=longitude, latitude=latitude)
    stock = {code: _Stock(rows, profiles, place, code) for code, rows in known.groupby("district_code", sort=True)}
    sites = []
    for number, (agency_code, use, district) in enumerate(_wanted(profiles), start=1):
        dice = profiles.dice("site", number)
        row = stock[district].take(is_centre=dice.random() < profiles.use[use].centre)
        sites.append(
            DemoSite(
                number=number,
                agency_code=agency_code,
                use=use,
                district_code=district,
                postcode=row.postcode,
                locality=place.localities[row.outward],
                longitude=round(float(row.longitude), 6),
                latitude=round(float(row.latitude), 6),
            )
        )
    return sites


def _wanted(profiles: Profiles) -> Iterator[tuple[str, str, str]]:
    """Agency, use and district of every building, in a fixed order."""
    for agency in profiles.agencies:
        for district in agency.districts:
            for use, number in agency.per_district.items():
                yield from [(agency.code, use, district)] * number
        for use, number in agency.in_all.items():
            for position in range(number):
                yield agency.code, use, agency.districts[position % len(agency.districts)]


class _Stock:
    """The postcodes of one district, shuffled, each given out once."""

    def __init__(self, rows: pd.DataFrame, profiles: Profiles, place: DemoPlace, district: str) -> None:
        self.rows = rows
        order = list(range(len(rows)))
        profiles.dice("stock", district).shuffle(order)
        in_centre = rows["sector"].isin(place.town_centres[district]).to_numpy()
        self.centre = [position for position in order if in_centre[position]]
        self.elsewhere = [position for position in order if not in_centre[position]]

    def take(self, *, is_centre: bool) -> Any:
        """The next postcode's row, in a town centre while there are any."""
        return self.rows.iloc[self.centre.pop() if is_centre and self.centre else self.elsewhere.pop()]
