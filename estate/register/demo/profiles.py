"""What the demo place's agencies and buildings are like, as `profiles.toml` states it."""

import random
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

PROFILES_PATH = Path(__file__).with_name("profiles.toml")


@dataclass(frozen=True)
class UseProfile:
    """What buildings of one use are like."""

    gia: tuple[float, float]
    """Median gross internal area in m2, and the spread of its logarithm."""
    m2_per_fte: float
    leased: float
    pfi: float
    rent_m2: float
    centre: float
    teams: tuple[int, int]
    counter: float
    cost_factor: float
    names: tuple[str, ...]


@dataclass(frozen=True)
class AgencyProfile:
    """One agency, and how many buildings of each use it has in which districts."""

    code: str
    name: str
    kind: str
    districts: tuple[str, ...]
    per_district: dict[str, int]
    in_all: dict[str, int]
    parent: str | None = None


@dataclass(frozen=True)
class Profiles:
    """The whole file."""

    seed: int
    as_of: date
    year_starts: tuple[int, ...]
    place_name: str
    attribution: str
    source: str
    year_factors: dict[str, dict[str, float]]
    cost_rates_m2: dict[str, float]
    missing: dict[str, float]
    use: dict[str, UseProfile]
    services: dict[str, list[str]]
    office_services: dict[str, list[str]]
    agencies: tuple[AgencyProfile, ...]
    words: dict[str, list[str]]

    def dice(self, *purpose: object) -> random.Random:
        """Random numbers for one purpose: the same for the same seed and purpose, whatever else is drawn."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, purpose))}")  # noqa: S311  (invents data, guards nothing)


@cache
def read_profiles() -> Profiles:
    """The profiles of the demo place."""
    content: dict[str, Any] = tomllib.loads(PROFILES_PATH.read_text(encoding="utf-8"))
    agencies = tuple(
        AgencyProfile(**{"per_district": {}, "in_all": {}, **row, "districts": tuple(row["districts"])})
        for row in content.pop("agency")
    )
    uses = {code: UseProfile(**row) for code, row in content.pop("use").items()}
    return Profiles(**{**content, "use": uses, "agencies": agencies, "year_starts": tuple(content["year_starts"])})
