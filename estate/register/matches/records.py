"""The register's records as matching takes them."""

import tempfile
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from estate.matching.records import Records, normalised
from estate.register.models import NAMING
from estate.settings import get_settings

COLUMNS: dict[str, Any] = {
    "record_id": "int64",
    **dict.fromkeys(("source", "kind", "uprn", "name", "address", "postcode"), str),
    "x_m": float,
    "y_m": float,
}
UNPLACED = {"x_m": [""], "y_m": [""]}

SITE_LISTS = ("eric_sites",)
"""Layouts whose rows are whole sites: a site and a building are never linked by themselves."""

RECORDS = """
SELECT b.id AS record_id,
    b.agency_id || '/' || coalesce(r.layout, 'by hand') AS source,
    CASE WHEN r.layout = ANY(%(site_lists)s) THEN 'site' ELSE 'building' END AS kind,
    coalesce(b.uprn, '') AS uprn,
    b.name,
    concat_ws(', ', b.street, b.post_town) AS address,
    coalesce(b.postcode, '') AS postcode,
    ST_X(p.point) AS x_m,
    ST_Y(p.point) AS y_m
FROM building b
LEFT JOIN (SELECT building_id, min(layout) AS layout FROM source_record
    WHERE layout !~ %(naming)s GROUP BY building_id) r ON r.building_id = b.id
LEFT JOIN LATERAL (SELECT ST_Transform(b.location, CAST(%(srid)s AS integer)) AS point) p
    ON b.fix_source NOT IN ('postcode_sector', 'postcode_district')
WHERE b.status <> 'retired' AND b.sensitivity NOT IN ('owner', 'secret')
    AND (b.use_class_code IS NULL OR b.use_class_code NOT IN (
        SELECT u.code FROM use_class u JOIN asset_class c ON c.code = u.asset_class_code WHERE NOT c.is_usual))
    AND (CAST(%(ids)s AS bigint[]) IS NULL OR b.id = ANY(CAST(%(ids)s AS bigint[])))
ORDER BY b.id
"""
"""A source is one agency's list: the same agency may tell of one building in two of them. A position that is only that
of part of a postcode says nothing of how far apart two records are. Classes that are left out, such as housing, are not
matched: their landlord's list is the only one of them."""


def load_records(session: Session, ids: list[int] | None = None) -> Records:
    """These records, or all, less those that are retired, restricted or of a class that is left out; by rising id."""
    session.flush()
    chosen = {"srid": get_settings().metric_srid, "ids": ids, "site_lists": list(SITE_LISTS)}
    frame = _read(session, f"COPY ({RECORDS}) TO STDOUT (FORMAT csv)", {**chosen, "naming": NAMING})
    return normalised(frame)


def _read(session: Session, statement: str, parameters: dict[str, Any]) -> pd.DataFrame:
    """The rows of a COPY as a frame: of a million records in a third of the time and memory that rows take."""
    connection: Any = session.connection().connection.driver_connection
    with tempfile.TemporaryFile(prefix="estate-records-") as file:
        with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
            for part in copy:
                file.write(part)
        file.seek(0)
        return pd.read_csv(file, names=list(COLUMNS), dtype=COLUMNS, keep_default_na=False, na_values=UNPLACED)
