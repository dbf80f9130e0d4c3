"""The register's records as matching takes them."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.matching.records import Records, normalised
from estate.register.matches.site_lists import SITE_LISTS
from estate.register.models import NAMING, Building
from estate.settings import get_settings

NUMBERS = {
    "record_id": (">i8", "int8send(record_id)"),
    "uprn": (">i8", "int8send(uprn)"),
    "x_m": (">f8", "float8send(coalesce(ST_X(point), 'NaN'))"),
    "y_m": (">f8", "float8send(coalesce(ST_Y(point), 'NaN'))"),
}
TEXTS = ("source", "kind", "name", "address", "postcode")
AT_ONCE = 50_000

RECORDS = """
SELECT b.id AS record_id,
    b.agency_id || '/' || coalesce(r.layout, 'by hand') AS source,
    CASE WHEN r.layout = ANY(%(site_lists)s) THEN 'site' ELSE 'building' END AS kind,
    CAST(coalesce(b.uprn, '0') AS bigint) AS uprn,
    b.name,
    concat_ws(', ', b.street, b.post_town) AS address,
    coalesce(b.postcode, '') AS postcode,
    CASE WHEN b.fix_source NOT IN ('postcode_sector', 'postcode_district')
        THEN ST_Transform(b.location, CAST(%(srid)s AS integer)) END AS point
FROM building b
LEFT JOIN (SELECT building_id, min(layout) AS layout FROM source_record
    WHERE layout !~ %(naming)s AND building_id BETWEEN part.low AND part.high GROUP BY building_id
) r ON r.building_id = b.id
WHERE b.id BETWEEN part.low AND part.high
    AND b.status <> 'retired' AND b.sensitivity NOT IN ('owner', 'secret')
    AND (b.use_class_code IS NULL OR b.use_class_code NOT IN (
        SELECT u.code FROM use_class u JOIN asset_class c ON c.code = u.asset_class_code WHERE NOT c.is_usual))
"""
"""A source is one agency's list: the same agency may tell of one building in two of them. A position that is only that
of part of a postcode says nothing of how far apart two records are. Classes that are left out, such as housing, are not
matched: their landlord's list is the only one of them."""

AGGREGATES = ", ".join(
    [f"string_agg({value}, '')" for _, value in NUMBERS.values()]
    + [f"string_agg(replace({name}, E'\\n', ' '), E'\\n')" for name in TEXTS]
)
COLUMNS = f"""
SELECT taken.* FROM unnest(CAST(%(lows)s AS bigint[]), CAST(%(highs)s AS bigint[])) AS part(low, high)
CROSS JOIN LATERAL (SELECT {AGGREGATES} FROM ({RECORDS} OFFSET 0) record) taken
"""  # noqa: S608
"""Whole columns of many records in one row: of a million in a third of the time that a row each would take. All columns
of a row see its records in one order."""


def read_records(session: Session, ids: Collection[int] | None = None) -> pd.DataFrame:
    """These records, or all, less those that are retired, restricted or of a class that is left out; by rising id."""
    session.flush()
    lows = sorted(ids) if ids is not None else list(range(0, _highest_id(session) + 1, AT_ONCE))
    highs = lows if ids is not None else [low + AT_ONCE - 1 for low in lows]
    asked = {"lows": lows, "highs": highs, "srid": get_settings().metric_srid, "naming": NAMING}
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor:
        found = cursor.stream(COLUMNS, {**asked, "site_lists": list(SITE_LISTS)}, binary=True)
        parts = [_frame(row) for row in found]
    frame = pd.concat(parts or [_frame([None] * (len(NUMBERS) + len(TEXTS)))], ignore_index=True)
    return frame.sort_values("record_id", ignore_index=True)


def load_records(session: Session, ids: Collection[int] | None = None) -> Records:
    """The same, normalised."""
    return normalised(read_records(session, ids))


def _highest_id(session: Session) -> int:
    return session.scalar(select(func.max(Building.id))) or 0


def _frame(row: Sequence[Any]) -> pd.DataFrame:
    """The columns of one row; without records, all are empty."""
    columns: dict[str, Any] = {}
    for (name, (kind, _)), value in zip(NUMBERS.items(), row[: len(NUMBERS)], strict=True):
        columns[name] = np.frombuffer(value or b"", kind).astype(kind[1:])
    for name, value in zip(TEXTS, row[len(NUMBERS) :], strict=True):
        columns[name] = np.array([] if value is None else value.split("\n"), dtype=object)
    return pd.DataFrame(columns)
