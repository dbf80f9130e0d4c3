"""A report to the register, in one transaction: each row inserted, updated, unchanged or rejected."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate import audit
from estate.people.accounts import create_agency, find_agency
from estate.people.models import Agency
from estate.register.areas import assign_areas
from estate.register.as_at import begin_change_set, end_change_set
from estate.register.change_sets import differences
from estate.register.first_load import indexes_built_after
from estate.register.imports.additions import RECORD_COLUMNS, add_rows, copy_rows, make_records
from estate.register.imports.agencies import fold_agency
from estate.register.imports.ahead import rows_ahead
from estate.register.imports.blocks import place_in_blocks, settle_homes
from estate.register.imports.bulk import keys_checked_once
from estate.register.imports.memory import CollectorAtRest
from estate.register.imports.plan import Plan, make_plan
from estate.register.imports.report import Issue, Report
from estate.register.imports.upserts import change_rows
from estate.register.matches.membership import rebuild
from estate.register.models import Import
from estate.register.sql_arrays import as_array

RETIRED = "The building of this row was retired from the register. If it is back, give the row a new reference."
OUTSIDE = (
    "The building lies outside every area that is loaded: check its position, or load the boundaries of its place."
)


ONE_AT_A_TIME = 0x494D5054
"""Lock key: two files that are stored at once could both add the same building."""
OUTSIDE_ALL = """
SELECT wanted.id FROM unnest(CAST(:ids AS bigint[])) AS wanted(id)
WHERE EXISTS (SELECT 1 FROM area WHERE valid_until IS NULL)
    AND NOT EXISTS (SELECT 1 FROM building_area a WHERE a.building_id = wanted.id)
"""
WILL_BE_OUTSIDE = """
SELECT p.row FROM unnest(CAST(:rows AS integer[]), CAST(:xs AS float8[]), CAST(:ys AS float8[])) AS p(row, x, y)
WHERE EXISTS (SELECT 1 FROM area WHERE valid_until IS NULL) AND NOT EXISTS (
    SELECT 1 FROM area a
    WHERE a.valid_until IS NULL AND ST_Covers(a.geometry, ST_SetSRID(ST_MakePoint(p.x, p.y), 4326)))
"""
OUTSIDE_CODE = "outside_areas"
BLOCK_NAMES = "SELECT id, name FROM building WHERE id = ANY(:ids) ORDER BY id"


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one file."""

    rows_in: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    new_blocks: int = 0
    """Blocks that were made of the rows: they are no rows themselves."""
    changed_blocks: int = 0

    @property
    def is_balanced(self) -> bool:
        """No row was lost and none counted twice."""
        return self.rows_in == self.inserted + self.updated + self.unchanged + self.rejected

    def sentence(self) -> str:
        """The row equation, for people."""
        return (
            f"{self.rows_in:,} rows in = {self.inserted:,} inserted + {self.updated:,} updated + "
            f"{self.unchanged:,} unchanged + {self.rejected:,} rejected{self._blocks()}"
        )

    def _blocks(self) -> str:
        if not self.new_blocks and not self.changed_blocks:
            return ""
        return f"; of their blocks {self.new_blocks:,} are new and {self.changed_blocks:,} changed"


@CollectorAtRest()
def apply(
    session: Session,
    report: Report,
    brought: Import,
    *,
    actor: int | None,
    tell: Callable[[float, str], None] = lambda fraction, doing: None,
) -> Counts:
    """Store the accepted rows of `report` for the import `brought`; `report.issues` gains what only the register knows.

    All or nothing: any error leaves the transaction to be rolled back by the caller, one that `tell` raises too.
    """
    lock_register(session)
    begin_change_set(session, brought.change_set)
    plan = make_plan(session, report, _agency_ids(session, report, brought.agency_id, actor))
    refuse_retired(plan)
    source = f"{report.source}; file {report.file_name}"
    place_in_blocks(session, plan)
    change_rows(session, plan, source)
    with keys_checked_once(session, plan, brought.id):
        add_rows(session, plan, source, lambda done: tell(*_how_far(done, len(plan.new))))
    tell(0.9, "All rows are stored; now each building's areas are found and its history is kept")
    settle_homes(session, plan)
    # What the file said, and the events, are written down while the database is busy with areas and lists: both take
    # about as long.
    names = report.values.get("name", [])
    added = audit.draft((plan.building_ids[row], {"name": [None, names[row]]}) for row in plan.new)
    with rows_ahead(session, make_records(plan, brought.id)) as records, rows_ahead(session, added) as events:
        changed = [plan.building_ids[row] for row in plan.changed]
        new = [plan.building_ids[row] for row in plan.new]
        assign_areas(session, [*changed, *plan.new_blocks, *plan.changed_blocks], new_ids=new)
        first = indexes_built_after(session, "source_record", len(plan.new))
        with keys_checked_once(session, plan, brought.id), first:
            records.copy_into(session, "source_record", RECORD_COLUMNS)
        if "sensitivity" in plan.given:
            # A record that became restricted leaves the building that it shared with others, and one set free comes
            # back.
            rebuild(session, changed)
        _warn_outside(session, plan)
        _keep_events(session, brought, plan, events, actor)
    end_change_set(session)
    counts = Counts(
        report.rows_in, len(plan.new), len(plan.changed), plan.unchanged_count, report.rejected_count,
        len(plan.new_blocks), len(plan.changed_blocks),
    )  # fmt: skip
    if not counts.is_balanced:
        raise AssertionError(f"Rows were lost: {counts.sentence()}")
    session.expire_all()
    return counts


def _how_far(done: int, count: int) -> tuple[float, str]:
    """Part of the whole work, and a sentence, once `done` of `count` new buildings are stored."""
    return 0.65 + 0.2 * done / max(1, count), f"{done:,} of {count:,} new buildings stored"


def refuse_retired(plan: Plan) -> None:
    """Keep out the rows whose building was retired from the register, with the reason."""
    report = plan.report
    for row in plan.retired:
        if report.is_accepted[row]:
            report.is_accepted[row] = False
            report.issues.append(Issue(report.lines[row], "", "building_retired", report.keys[row], RETIRED))


def lock_register(session: Session) -> None:
    """Let no other import be stored or undone until this transaction ends."""
    session.flush()
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})


def _agency_ids(session: Session, report: Report, parent_id: int, actor: int | None) -> list[int | None]:
    """Each row's agency; agencies that the file names and the register lacks are created below the one that sent it."""
    wanted = {
        fold_agency(name)
        for name, agency_id, is_accepted in zip(report.agency_names, report.agency_ids, report.is_accepted, strict=True)
        if is_accepted and agency_id is None
    }
    created: dict[str, int] = {}
    parent = session.get_one(Agency, parent_id)
    for agency in report.new_agencies:
        name = fold_agency(agency.name)
        if name in wanted and name not in created:
            made = find_agency(session, agency.name) or (find_agency(session, agency.code) if agency.code else None)
            made = made or create_agency(
                session, agency.name, agency.kind_code, actor=actor, parent=parent, code=agency.code or None
            )
            created[name] = made.id
    return [
        agency_id if agency_id is not None else created.get(fold_agency(name))
        for agency_id, name in zip(report.agency_ids, report.agency_names, strict=True)
    ]


def _warn_outside(session: Session, plan: Plan) -> None:
    """A warning for each stored row whose building has a position, but lies in none of the areas in force."""
    report = plan.report
    report.issues[:] = [issue for issue in report.issues if issue.code != OUTSIDE_CODE]
    is_fixed = report.fixes.is_fixed
    placed = {number: row for row, number in plan.building_ids.items() if is_fixed[row]}
    for building_id in session.scalars(text(OUTSIDE_ALL), {"ids": as_array(placed)}):
        report.issues.append(_outside_issue(report, placed[building_id]))


def foresee_outside(session: Session, plan: Plan) -> None:
    """The same warning before anything is stored, by the positions that the file gives."""
    report = plan.report
    rows = [row for row in [*plan.new, *plan.changed] if report.fixes.is_fixed[row]]
    points = {"xs": report.fixes.longitude[rows].tolist(), "ys": report.fixes.latitude[rows].tolist()}
    found = session.scalars(text(WILL_BE_OUTSIDE), {"rows": rows, **points}) if rows else ()
    report.issues.extend(_outside_issue(report, row) for row in found)


def _outside_issue(report: Report, row: int) -> Issue:
    value = f"{report.fixes.longitude[row]:.5f}, {report.fixes.latitude[row]:.5f}"
    return Issue(report.lines[row], "position", OUTSIDE_CODE, value, OUTSIDE, False)


def _keep_events(session: Session, brought: Import, plan: Plan, added: Iterable[Any], actor: int | None) -> None:
    """One event for each building that was added or changed, bound together by the import."""
    shared: dict[str, Any] = {
        "actor": actor,
        "subject_type": "building",
        "reason": f"Import of {brought.file_name}",
        "group_id": brought.change_set,
    }
    with indexes_built_after(session, "event", len(plan.new)):
        audit.record_drafts(session, added, action="import_building", **shared)
    made = session.execute(text(BLOCK_NAMES), {"ids": plan.new_blocks})
    blocks = ((number, {"name": [None, name]}) for number, name in made)
    audit.record_many(session, blocks, action="import_building", **shared)
    changed = [*(plan.building_ids[row] for row in plan.changed), *plan.changed_blocks]
    changes = differences(session, brought.change_set, changed)
    audit.record_many(session, changes.items(), action="change_building", **shared)


def store_problems(session: Session, brought: Import, issues: list[Issue]) -> None:
    """Replace the problems that are kept with an import."""
    session.execute(text("DELETE FROM import_problem WHERE import_id = :id"), {"id": brought.id})
    rows = ((brought.id, *issue) for issue in sorted(issues))
    copy_rows(session, "import_problem", ("import_id", *Issue._fields), rows)
