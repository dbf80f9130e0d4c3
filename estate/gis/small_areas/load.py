"""Loads a file of small areas: read, check, store, place in areas."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from estate import audit
from estate.gis.small_areas.check import Checked, check_rows
from estate.gis.small_areas.errors import NoSuchSmallAreas
from estate.gis.small_areas.models import SmallAreaSet
from estate.gis.small_areas.place import place_small_areas
from estate.gis.small_areas.read import read_rows
from estate.settings import get_settings

STORE = text("""
    INSERT INTO small_area (set_id, code, name, population, location)
    SELECT :set_id, code, name, population, ST_SetSRID(ST_MakePoint(longitude, latitude), 4326)
    FROM unnest(
        CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:populations AS integer[]),
        CAST(:longitudes AS float8[]), CAST(:latitudes AS float8[])
    ) AS given (code, name, population, longitude, latitude)
""")


@dataclass(frozen=True)
class SmallAreaFile:
    """A file of people by small area, and what its owner says about it."""

    path: Path
    year: int
    source: str
    points_path: Path | None = None
    """A second file with the points, where the first has none."""
    columns: dict[str, str] = field(default_factory=dict)
    """Headings that somebody chose, by kind: `code`, `population`, `x`, `y`."""
    name: str = ""
    """The file's name as its owner calls it; empty: that of `path`."""


def load_small_areas(
    session: Session, file: SmallAreaFile, *, actor: int | None, reason: str = ""
) -> tuple[SmallAreaSet, Checked]:
    """Store the small areas of `file`; raises `UnreadableSmallAreas` where nothing can be used.

    Rows that can't be used are in `Checked.problems`; row_count = used_count + rejected_count.
    """
    chosen = dict(file.columns)
    points = None if file.points_path is None else read_rows(file.points_path, {})
    checked = check_rows(read_rows(file.path, chosen), points, get_settings().metric_srid)
    made = SmallAreaSet(
        year=file.year,
        source=file.source.strip() or file.path.name,
        file_name=file.name or file.path.name,
        file_sha256=hashlib.sha256(file.path.read_bytes()).hexdigest(),
        is_synthetic=False,
    )
    return store_small_areas(session, made, checked, actor=actor, reason=reason), checked


def store_small_areas(
    session: Session, made: SmallAreaSet, checked: Checked, *, actor: int | None, reason: str = ""
) -> SmallAreaSet:
    """Store `checked` under `made`, with an event, and place its points in the areas in force."""
    made.actor_id = actor
    made.row_count = checked.row_count
    made.used_count, made.rejected_count = checked.used_count, checked.rejected_count
    session.add(made)
    session.flush()
    columns = {
        "codes": checked.code,
        "names": checked.name,
        "populations": checked.population,
        "longitudes": checked.longitude.tolist(),
        "latitudes": checked.latitude.tolist(),
    }
    session.execute(STORE, {"set_id": made.id, **columns})
    place_small_areas(session)
    changes = {
        "year": made.year,
        "file_name": made.file_name,
        "sha256": made.file_sha256,
        "used": made.used_count,
        "rejected": made.rejected_count,
    }
    audit.record(
        session,
        actor=actor,
        action="loaded",
        subject_type="small_area_set",
        subject_id=made.id,
        reason=reason,
        changes=changes,
    )
    return made


def retire_small_areas(session: Session, set_id: int, *, actor: int | None, reason: str) -> SmallAreaSet:
    """Take a file of small areas back: the one before it is in force again. Raises `NoSuchSmallAreas`."""
    found = session.get(SmallAreaSet, set_id) if 0 < set_id < 2**63 else None
    if found is None or found.retired_at is not None:
        raise NoSuchSmallAreas
    found.retired_at, found.retired_reason = session.scalar(select(func.now())), reason
    session.flush()
    audit.record(
        session, actor=actor, action="retired", subject_type="small_area_set", subject_id=found.id, reason=reason
    )
    return found
