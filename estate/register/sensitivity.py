"""Who may see a record or a field: setting the levels, and what others learn of a restricted record (ADR 18).

A level governs the whole history of a record: raising it hides the past too, lowering it shows the past.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, column, func, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import InvalidInput, NotFound
from estate.gis.models import Area
from estate.people.models import Agency
from estate.register import rules
from estate.register.changes import keep_event, require_open, set_fields
from estate.register.filters import BuildingFilters
from estate.register.matches.membership import rebuild
from estate.register.models import Building, FieldSensitivity, SensitiveField, Sensitivity


class NoSuchField(NotFound):
    """There is no such field. Choose one from the list of fields."""


@dataclass(frozen=True)
class Stub:
    """All that other agencies learn of a restricted record."""

    building_id: int
    agency_id: int
    agency: str
    district: str | None
    """None: the record has no position, or lies in no district."""


@dataclass(frozen=True)
class FieldLevel:
    """A field that may be withheld, its level today, and every level it had or will have, newest first."""

    field: SensitiveField
    level: Sensitivity
    dated: list[FieldSensitivity]

    @property
    def since(self) -> date | None:
        """From when the level holds; None: from the beginning."""
        in_force = [row.valid_from for row in self.dated if row.valid_from <= date.today()]  # noqa: DTZ011
        return max(in_force, default=None)


def change_sensitivity(
    session: Session, building: Building, level: Sensitivity, *, version: int, actor: int | None, reason: str
) -> None:
    """Say who may see this record. A restricted one stands alone, whatever was decided on it and others."""
    reason = rules.require_reason(reason)
    require_open(building)
    rules.require_version(building, version)
    changes = set_fields(building, {"sensitivity": level})
    if changes:
        building.changed_at = datetime.now(UTC)
        rebuild(session, [building.id])
        keep_event(session, building, actor, "change_sensitivity", reason, changes)


def list_field_levels(session: Session) -> list[FieldLevel]:
    """Every field that may be withheld, in its order."""
    fields = session.scalars(select(SensitiveField).order_by(SensitiveField.sort)).all()
    return [get_field_level(session, field.code) for field in fields]


def get_field_level(session: Session, code: str) -> FieldLevel:
    """The field with its levels. Raises `NoSuchField`."""
    field = session.get(SensitiveField, code)
    if field is None:
        raise NoSuchField
    dated = select(FieldSensitivity).where(FieldSensitivity.field_code == code)
    newest_first = (FieldSensitivity.valid_from.desc(), FieldSensitivity.id.desc())
    level = session.scalar(select(func.seen.level_of(code)))
    return FieldLevel(field, Sensitivity(level), list(session.scalars(dated.order_by(*newest_first)).unique()))


def change_field_level(
    session: Session, code: str, level: Sensitivity, *, valid_from: date | None, actor: int | None, reason: str
) -> None:
    """Let a field have `level` from a day on, today or later. Raises `InvalidInput` by field."""
    known = get_field_level(session, code)
    errors = {} if reason.strip() else {"reason": "Say why you make this change"}
    if valid_from is None or valid_from < date.today():  # noqa: DTZ011  (a local calendar day)
        errors["valid_from"] = "Choose today or a later day: what was shown until now was shown"
    if errors:
        raise InvalidInput(fields=errors)
    row = FieldSensitivity(field_code=code, level=level, valid_from=valid_from, actor_id=actor, reason=reason.strip())
    session.add(row)
    session.flush()
    changes = {code: [known.level.value, level.value], "valid_from": [None, valid_from.isoformat()]}  # type: ignore[union-attr]
    subject = {"subject_type": "field_sensitivity", "subject_id": row.id}
    audit.record(session, actor=actor, action="change_field_level", reason=row.reason, changes=changes, **subject)  # type: ignore[arg-type]


def list_stubs(
    session: Session, filters: BuildingFilters | None = None, known_agency_ids: Collection[int] | None = None
) -> Sequence[Stub]:
    """The restricted records of other agencies, by agency and district; of `known_agency_ids`, None for all.

    Empty where any filter but the agency is in force: whether a record fits one would tell what is restricted.
    """
    chosen = (filters or BuildingFilters()).chosen
    if set(chosen) - {"agency_id"}:
        return []
    found = func.seen.stubs().table_valued(
        column("building_id", BigInteger), column("agency_id", BigInteger), column("area_id", BigInteger)
    )
    query = (
        select(found.c.building_id, found.c.agency_id, Agency.name, Area.name)
        .join(Agency, Agency.id == found.c.agency_id)
        .outerjoin(Area, Area.id == found.c.area_id)
        .order_by(func.lower(Agency.name), Area.name.nulls_last(), found.c.building_id)
    )
    if known_agency_ids is not None:
        query = query.where(found.c.agency_id.in_(known_agency_ids))
    if "agency_id" in chosen:
        query = query.where(found.c.agency_id == chosen["agency_id"])
    return [Stub(*row) for row in session.execute(query)]


def levels_by_field(session: Session) -> dict[str, Sensitivity]:
    """The level of each field today, by its code."""
    query = select(SensitiveField.code, func.seen.level_of(SensitiveField.code))
    return {code: Sensitivity(level) for code, level in session.execute(query)}
