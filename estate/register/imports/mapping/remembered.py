"""Mappings that an agency's files were read by: found by the header, reused, renamed and retired."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import NotFound
from estate.register import rules
from estate.register.imports.mapping.spec import Mapping
from estate.register.models import Import, ImportMapping

LONGEST_NAME = 120


class MappingNotFound(NotFound):
    """There is no such mapping, or you may not see it."""


def get_mapping(session: Session, mapping_id: int) -> ImportMapping:
    """The mapping; `MappingNotFound` where there is none."""
    found = session.get(ImportMapping, mapping_id)
    if found is None:
        raise MappingNotFound
    return found


def find_remembered(session: Session, agency_id: int, fingerprints: Collection[str]) -> ImportMapping | None:
    """The mapping in force for one of these headers of the agency, the newest of several."""
    query = (
        select(ImportMapping)
        .where(
            ImportMapping.agency_id == agency_id,
            ImportMapping.fingerprint.in_(fingerprints),
            ImportMapping.retired_at.is_(None),
        )
        .order_by(ImportMapping.changed_at.desc(), ImportMapping.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def list_mappings(session: Session, agency_ids: Collection[int] | None = None) -> list[ImportMapping]:
    """The mappings of these agencies or of all, those in force first, by name."""
    query = select(ImportMapping).order_by(ImportMapping.retired_at.isnot(None), ImportMapping.name, ImportMapping.id)
    if agency_ids is not None:
        query = query.where(ImportMapping.agency_id.in_(agency_ids))
    return list(session.scalars(query))


def count_uses(session: Session, mappings: Collection[ImportMapping]) -> dict[int, int]:
    """How many imports were read by each mapping."""
    ids = [one.id for one in mappings]
    query = select(Import.mapping_id, func.count()).where(Import.mapping_id.in_(ids)).group_by(Import.mapping_id)
    return {number: count for number, count in session.execute(query) if number is not None}


def remember(
    session: Session, mapping: Mapping, *, agency_id: int, fingerprint: str, name: str, actor: int | None
) -> ImportMapping:
    """Keep a mapping for files of this header; the one in force for it, if any, takes the new content.

    Two people who do so at once leave one mapping, the later one's.
    """
    name = (" ".join(name.split()) or "Mapping")[:LONGEST_NAME]
    before = find_remembered(session, agency_id, [fingerprint])
    spec: dict[str, Any] = mapping.as_json()
    if before is not None and before.spec == _plain(spec) and before.name == name:
        return before
    # `changed_at` comes with the statement: within one transaction now() stands still.
    values = {"agency_id": agency_id, "fingerprint": fingerprint, "name": name, "spec": spec, "created_by_id": actor}
    adding = insert(ImportMapping).values(**values, version=1)
    keeping = adding.on_conflict_do_update(
        index_elements=["agency_id", "fingerprint"],
        index_where=ImportMapping.retired_at.is_(None),
        set_={
            "spec": spec, "name": name, "version": ImportMapping.version + 1, "changed_at": func.clock_timestamp(),
        },
    ).returning(ImportMapping.id)  # fmt: skip
    number = session.execute(keeping).scalar_one()
    kept = session.get_one(ImportMapping, number, populate_existing=True)
    _record(session, kept, actor, "change_mapping" if kept.version > 1 else "add_mapping", {"name": [None, name]})
    return kept


def _plain(spec: dict[str, Any]) -> dict[str, Any]:
    """As JSON gives it back: tuples are lists."""
    return {**spec, "columns": list(spec["columns"])}


def rename_mapping(session: Session, kept: ImportMapping, *, version: int, name: str, actor: int | None) -> None:
    """Give a mapping another name; `ChangedMeanwhile` where somebody changed it since `version`."""
    rules.require_version(kept, version)
    before, kept.name = kept.name, " ".join(name.split())[:LONGEST_NAME]
    rules.require_valid({} if kept.name else {"name": "Enter a name"})
    kept.changed_at = func.clock_timestamp()
    session.flush()
    _record(session, kept, actor, "rename_mapping", {"name": [before, kept.name]})


def retire_mapping(session: Session, kept: ImportMapping, *, version: int, reason: str, actor: int | None) -> None:
    """Take a mapping out of force: the next file of its header is mapped anew. What it read stays as it is."""
    rules.require_version(kept, version)
    if kept.retired_at is not None:
        return
    kept.retired_reason = rules.require_reason(reason)
    kept.retired_at = kept.changed_at = func.clock_timestamp()
    session.flush()
    _record(session, kept, actor, "retire_mapping", {}, kept.retired_reason)


def _record(
    session: Session, kept: ImportMapping, actor: int | None, action: str, changes: dict[str, Any], reason: str = ""
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="import_mapping",
        subject_id=kept.id,
        reason=reason,
        changes=changes,
    )
