"""The rows of a query as a frame."""

from typing import Any

import pandas
from pandas import DataFrame
from sqlalchemy import Select
from sqlalchemy.orm import Session

from estate.register.sums import SUMS

NUMBERS = frozenset(
    {
        *(column for column in SUMS if not column.endswith("_count")),
        "population",
        "annual_cost",
        "gross_internal_area_m2",
    }
)
"""Columns that come as decimals; the database has added them up by then."""


def read_frame(session: Session, query: Select[Any]) -> DataFrame:
    """The rows as a frame; figures as floats, NaN where unknown."""
    result = session.execute(query)
    frame = pandas.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    for column in frame.columns:
        if column in NUMBERS:
            frame[column] = frame[column].astype(float)
        elif column.endswith("_count"):
            frame[column] = frame[column].astype(int)
    return frame
