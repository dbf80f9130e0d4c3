"""The list worked out anew with its whole past: each moment at which a record changed, in order, from its versions.

For a register that is older than the list, or after the rules changed by which a building shows its values.
"""

from datetime import datetime
from functools import cache

from sqlalchemy import TextClause, column, insert, select, table, text
from sqlalchemy.orm import Session

from estate.register import pyramid
from estate.register.as_at import look_at_today, look_back
from estate.register.change_sets import versioned_tables
from estate.register.listed import buildings_of, place_past, years_told
from estate.register.listed_rows import COLUMNS, as_text, listed_rows
from estate.register.listed_statements import NEWEST_COST_YEAR
from estate.register.models import Building, BuildingListed, OccupancyObservation

TOLD = ", ".join(name for name in COLUMNS if name != "id")
ALL = ", ".join(COLUMNS)
EMPTY = "TRUNCATE building_listed, history.building_listed, cost_year_step, history.cost_year_step"
STAGING = "CREATE TEMP TABLE IF NOT EXISTS listed_new (LIKE building_listed INCLUDING DEFAULTS) ON COMMIT DROP"
DIFFERS = """
SELECT l.id FROM public.building_listed l LEFT JOIN listed_new n USING (id)
WHERE (CAST(:ids AS bigint[]) IS NULL OR l.id = ANY(:ids)) AND (n.id IS NULL OR {} IS DISTINCT FROM {})
""".format(*(f"({', '.join(f'{alias}.{name}' for name in COLUMNS)})" for alias in ("l", "n")))
SUPERSEDE = f"""
WITH gone AS (DELETE FROM public.building_listed WHERE id IN ({DIFFERS}) RETURNING {ALL}, recorded_at, change_set)
INSERT INTO history.building_listed ({ALL}, recorded_at, change_set, superseded_at)
SELECT {ALL}, recorded_at, change_set, :moment FROM gone
"""  # noqa: S608
STEP = """
INSERT INTO public.cost_year_step (year_start, building_delta, recorded_at) VALUES (:year, :delta, :moment)
"""
PLACE = """
UPDATE building_listed l SET area_ids = found.ids
FROM (SELECT building_id, array_agg(area_id ORDER BY area_id) AS ids FROM building_area GROUP BY building_id) found
WHERE found.building_id = l.id
"""
STAGED = table("listed_new", *(column(name) for name in COLUMNS))
ADD = f"""
INSERT INTO public.building_listed ({ALL}, recorded_at, change_set)
SELECT {ALL}, :moment, NULL FROM listed_new n
WHERE NOT EXISTS (SELECT 1 FROM public.building_listed l WHERE l.id = n.id)
"""  # noqa: S608


def is_missing(session: Session) -> bool:
    """True where there are buildings, but no list of them, or counts of which the list says nothing: it is older."""
    has_buildings = session.scalar(select(Building.id).limit(1)) is not None
    if not has_buildings or session.scalar(select(BuildingListed.id).limit(1)) is None:
        return has_buildings
    people = OccupancyObservation.average.is_not(None), OccupancyObservation.retired_at.is_(None)
    is_counted = session.scalar(select(OccupancyObservation.id).where(*people).limit(1)) is not None
    is_told = select(BuildingListed.id).where(BuildingListed.counted_on.is_not(None)).limit(1)
    return is_counted and session.scalar(is_told) is None


def rebuild(session: Session) -> int:
    """Work out all rows anew, today's and those of every past moment; gives how many moments there were.

    Nobody else writes the register meanwhile.
    """
    session.flush()
    session.execute(text("LOCK TABLE building, building_listed IN SHARE ROW EXCLUSIVE MODE"))
    session.execute(text(EMPTY))
    session.execute(text(STAGING))
    session.execute(text("ALTER TABLE building_listed DISABLE TRIGGER USER"))
    moments = list(session.scalars(text(_moments())))
    for moment in moments:
        _replay(session, moment)
    look_at_today(session)
    # On the way the areas were unknown: those of a past day are read from this very list.
    session.execute(text(PLACE))
    session.execute(text("ALTER TABLE building_listed ENABLE TRIGGER USER"))
    place_past(session)
    pyramid.rebuild(session)
    return len(moments)


def _replay(session: Session, moment: datetime) -> None:
    """Bring the list from the moment before to this one."""
    touched = list(session.scalars(text(_touched()), {"moment": moment}))
    look_back(session, moment)
    ids: list[int] | None = buildings_of(session, touched)
    year = session.scalar(NEWEST_COST_YEAR)
    kept = text("SELECT unnest(cost_years), count(*) FROM public.building_listed WHERE id = ANY(:ids) GROUP BY 1")
    before: dict[int, int] = dict(session.execute(kept, {"ids": ids}).all())
    after = years_told(session, ids)
    for changed in sorted({*before, *after}):
        step = {"year": changed, "delta": after.get(changed, 0) - before.get(changed, 0), "moment": moment}
        if step["delta"]:
            session.execute(text(STEP), step)
    new_year = session.scalar(NEWEST_COST_YEAR)
    if new_year != year:
        ids = None
    session.execute(text("TRUNCATE listed_new"))
    session.execute(_staging(of_all=ids is None), {"year": new_year} if ids is None else {"ids": ids, "year": new_year})
    session.execute(text(SUPERSEDE), {"ids": ids, "moment": moment})
    session.execute(text(ADD), {"moment": moment})


@cache
def _staging(*, of_all: bool) -> TextClause:
    return as_text(insert(STAGED).from_select(COLUMNS, listed_rows(of_all=of_all)))


def _versions(columns: str) -> str:
    """SQL for all versions of all records and of what belongs to them, the present ones too; `columns` with {owner}."""
    selects = []
    for found in versioned_tables():
        owner = "id" if found.name == "building" else "building_id"
        others = "canonical_id, parent_id" if found.name == "building" else "NULL::bigint, NULL::bigint"
        for schema, end in (("public", "NULL::timestamptz"), ("history", "superseded_at")):
            selects.append(
                f"SELECT {owner}::bigint AS owner, ARRAY[{others}] AS others, recorded_at, {end} AS superseded_at "  # noqa: S608
                f"FROM {schema}.{found.name}"
            )
    return f"SELECT {columns} FROM ({' UNION ALL '.join(selects)}) versions"  # noqa: S608


def _moments() -> str:
    times = _versions("unnest(ARRAY[recorded_at, superseded_at]) AS moment")
    return f"SELECT DISTINCT moment FROM ({times}) found WHERE moment IS NOT NULL ORDER BY moment"  # noqa: S608


def _touched() -> str:
    """The records that changed at a moment, and the buildings that they belonged to until then."""
    ends = _versions("unnest(owner || others) AS id, recorded_at, superseded_at")
    return (
        f"SELECT DISTINCT id FROM ({ends}) found "  # noqa: S608
        "WHERE (recorded_at = :moment OR superseded_at = :moment) AND id IS NOT NULL"
    )
