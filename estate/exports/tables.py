"""A table to be written as a file: named, typed columns and rows of plain values."""

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

Cell = str | int | float | Decimal | bool | date | None


class Kind(enum.Enum):
    """What the cells of a column hold. None is unknown in every kind, and becomes an empty cell."""

    TEXT = "text"
    """Stays text whatever it looks like: a UPRN keeps its leading zeros."""
    WHOLE = "whole number"
    NUMBER = "number"
    DAY = "day"
    YES_NO = "yes or no"


@dataclass(frozen=True)
class Column:
    """One column: the name in the file, what it holds and what it means, for people."""

    name: str
    kind: Kind = Kind.TEXT
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """Rows with a position each, unless unknown: `x` and `y` name the columns of longitude and latitude (EPSG:4326)."""

    name: str
    """Name of the sheet or layer: small letters and underscores."""
    title: str
    columns: Sequence[Column]
    rows: Collection[Mapping[str, Cell]]
    """Each row has a value, or None, for each column. They may be read while they are written: go through them once."""
    x: str | None = None
    y: str | None = None
    notes: Sequence[str] = ()
    """Sentences about where the rows come from, for formats that have a place for them."""
    colour_by: str | None = None
    """The column by which a map of the rows is coloured, in formats that hold a style."""

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [column.name for column in self.columns]

    def position(self, row: Mapping[str, Cell]) -> tuple[float, float] | None:
        """Longitude and latitude of the row; None where they are unknown."""
        x, y = (row[self.x], row[self.y]) if self.x and self.y else (None, None)
        return (float(x), float(y)) if x is not None and y is not None else None  # type: ignore[arg-type]

    def batches(self, size: int) -> Iterator[list[Mapping[str, Cell]]]:
        """The rows, so many at a time; one empty batch where there are none."""
        rows = iter(self.rows)
        batch = list(islice(rows, size))
        yield batch
        while batch := list(islice(rows, size)):
            yield batch


def as_text(cell: Any) -> str:
    """`cell` as a text file holds it: unknown is empty, dates ISO 8601, yes and no in words."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)
