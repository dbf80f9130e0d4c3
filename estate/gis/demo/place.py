"""What the demo place is: its county, districts and the locality that each outward postcode belongs to."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from estate.settings import ROOT

BOUNDARIES_FOLDER = ROOT / "data" / "boundaries"


@dataclass(frozen=True)
class DemoPlace:
    """The demo place, as `data/boundaries/demo.toml` states it."""

    county_code: str
    county_name: str
    districts: dict[str, str]
    """District code to name."""
    localities: dict[str, str]
    """Outward postcode ("M33") to locality ("Sale"). Codes that are not listed are retired or not geographic."""
    town_centres: dict[str, tuple[str, ...]]
    """District code to postcode sectors that lie in its town centres."""
    minimum_locations: int
    """A sector with fewer postcode locations in a district is shared out among its neighbours there."""
    people_per_location: float
    """Synthetic population: people assumed for each postcode location. Not a census figure."""
    simplify_tolerance_m: float
    surroundings_m: float
    """How far beyond the place postcodes are used, so that its outline runs between neighbours."""
    postcode_letters: str
    """First letters of the postcodes in and around the place."""
    source: str


@cache
def read_demo_place(path: Path = BOUNDARIES_FOLDER / "demo.toml") -> DemoPlace:
    """The demo place as its file states it."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    centres = {code: tuple(sectors) for code, sectors in content.pop("town_centres").items()}
    return DemoPlace(town_centres=centres, **content)
