"""Which column of a file is which: the names under which statistics offices publish them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from estate.gis.small_areas.errors import UnreadableSmallAreas

NAMES = {
    "code": r"(lsoa|dz|soa|oa|msoa|sa|datazone|data zone)\s*(20)?\d*\s*(cd|code)|code|geography code|geography_code|"
    r"area.?code|mnemonic|small.?area.?code|geo_code|gss.?code|(lower layer super output areas?|lower tier) code",
    "name": r"(lsoa|dz|soa|oa|msoa|datazone|data zone)\s*(20)?\d*\s*(nm|name)|name|geography|area.?name",
    "population": r"population|total|all.?ages|all persons|persons|all.?people|usual residents|value|obs_?value|"
    r"observation|people|(total|mid.\d{4}) population|mid.\d{4}.*",
    "longitude": r"long|longitude|lon|lng",
    "latitude": r"lat|latitude",
    "easting": r"x|easting|eastings|geox|bng_?e|oseast1m",
    "northing": r"y|northing|northings|geoy|bng_?n|osnrth1m",
}
"""Regular expressions of whole headings, in lower case; earlier words are not better than later ones."""
WORDS = {"code": "the code of the small area, such as LSOA21CD", "population": "the number of people"}
HEADER_WITHIN = 20
"""A published table has a few lines of title above its headings."""


@dataclass(frozen=True)
class Columns:
    """Where a file says what: positions of its columns, None where it has none of the kind."""

    code: int
    name: int | None = None
    population: int | None = None
    x: int | None = None
    y: int | None = None


def find_header(rows: Sequence[Sequence[str]], wanted: dict[str, str]) -> tuple[int, Columns]:
    """Which of the first rows holds the headings, and what they are.

    `wanted` names headings that a person chose, by kind (`code`, `population`, `x`, `y`). Raises
    `UnreadableSmallAreas` where no row has a column of codes.
    """
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        headings = [" ".join(cell.split()).lower() for cell in row]
        code = _find(headings, "code", wanted.get("code"))
        if code is None:
            continue
        x, y = _find_place(headings, wanted)
        name, people = _find(headings, "name", None), _find(headings, "population", wanted.get("population"))
        return number, Columns(code, name, people, x, y)
    first = next((row for row in rows if len(row) > 1), rows[0] if rows else [])
    there = ", ".join(f"“{cell[:40]}”" for cell in first[:8]) or "none"
    asked = f"“{wanted['code']}”" if wanted.get("code") else WORDS["code"]
    raise UnreadableSmallAreas(f"The file has no column for {asked}. Its first row reads: {there}.")


def _find(headings: list[str], kind: str, chosen: str | None) -> int | None:
    """The first column of this kind, or the one that somebody chose."""
    if chosen:
        name = " ".join(chosen.split()).lower()
        return headings.index(name) if name in headings else None
    return next((place for place, text in enumerate(headings) if re.fullmatch(NAMES[kind], text)), None)


def _find_place(headings: list[str], wanted: dict[str, str]) -> tuple[int | None, int | None]:
    """Degrees where the file has them, else eastings and northings; both of a pair or neither."""
    if wanted.get("x") or wanted.get("y"):
        x, y = _find(headings, "easting", wanted.get("x")), _find(headings, "northing", wanted.get("y"))
        return (x, y) if x is not None and y is not None else (None, None)
    for pair in (("longitude", "latitude"), ("easting", "northing")):
        x, y = (_find(headings, kind, None) for kind in pair)
        if x is not None and y is not None:
            return x, y
    return None, None
