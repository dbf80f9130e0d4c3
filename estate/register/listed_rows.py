"""What each building's row in the list must be, worked out anew from its records: one query, set-based.

Which value wins is the business of `estate.register.shown`, and is asked there. A building with one record is read
without any subquery a row, so that a hundred thousand imported buildings are as quick as a plain INSERT ... SELECT.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    SmallInteger,
    Text,
    TextClause,
    and_,
    any_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
    type_coerce,
    union_all,
    values,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import aggregate_order_by, array
from sqlalchemy.orm import aliased
from sqlalchemy.types import NullType

from estate.register.listed_fullness import columns_of, fullness
from estate.register.models import (
    AssetClass,
    Building,
    BuildingArea,
    BuildingKind,
    BuildingListed,
    FieldOverride,
    Interest,
    RunningCost,
    UseClass,
)
from estate.register.shown import (
    canonical_id,
    counted_id,
    counts_once,
    is_building,
    tells_of_no_restricted,
)
from estate.register.shown import counted_area as area_counted
from estate.register.shown import shown as value_shown

COLUMNS = tuple(
    found.name for found in BuildingListed.__table__.columns if found.name not in ("recorded_at", "change_set")
)
"""What a row says, in the order of the table; the database dates it."""


CHOSEN_WORDS = ("name", "street", "post_town", "postcode", "uprn")
"""Fields of which a search finds a steward's choice as well."""
IDS: ColumnElement[Any] = literal_column("CAST(:ids AS bigint[])")
YEAR: ColumnElement[int] = literal_column("coalesce(CAST(:year AS smallint), 0)")
"""Parameters: the queries are worked out once a process and kept as text, for that takes longer than asking them."""


def as_text(statement: Any) -> TextClause:
    """The statement as text, with its parameters."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return text(str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})))


def stands_alone() -> ColumnElement[bool]:
    """True for a building with one record and no parts, on no site, of which no steward chose a value.

    Nothing speaks of it but its own record, so `listed_rows` needs none of the rules for several.
    """
    inside, choice = aliased(Building, name="inside"), aliased(FieldOverride, name="choice")
    return and_(
        Building.canonical_id.is_(None),
        Building.parent_id.is_(None),
        Building.kind != BuildingKind.PART,
        ~exists().where(inside.parent_id == Building.id),
        ~exists().where(choice.building_id == Building.id),
    )


def listed_rows(*, of_all: bool, alone: bool = False) -> Select[Any]:
    """The row of each of the buildings `:ids`, or of all, with `COLUMNS`. Costs are those of `:year`.

    An id under which no building stands gives no row. `alone`: all of them stand alone, which is five times as quick.
    """
    records: Any = _own_records(of_all=of_all) if alone else records_of(of_all=of_all)
    costs = _costs(records, None) if alone else _costs(_counted_records(of_all=of_all), counts_once(RunningCost))
    leases, dates, areas = _leases(records), _lease_dates(records), _areas(of_all=of_all)
    merged, chosen = (None, None) if alone else (_merged(records), _chosen(records))
    shown, counted_area = (_itself, _itself) if alone else (value_shown, area_counted)
    full = fullness(records, shown, alone=alone)
    named: dict[str, Any] = {
        "id": Building.id,
        "name_key": func.lower(shown(Building.name)),
        "kind": Building.kind,
        "site_id": Building.site_id,
        "agency_id": Building.agency_id,
        "uprn": shown(Building.uprn),
        "postcode": shown(Building.postcode),
        "use_class_code": shown(Building.use_class_code),
        "status": shown(Building.status),
        "gross_internal_area_m2": shown(Building.gross_internal_area_m2),
        "net_internal_area_m2": shown(Building.net_internal_area_m2),
        "counted_gross_m2": counted_area(Building.gross_internal_area_m2),
        "counted_net_m2": counted_area(Building.net_internal_area_m2),
        "location": type_coerce(shown(Building.location), NullType()),
        "annual_cost": costs.c.annual_cost,
        "has_cost": func.coalesce(costs.c.has_cost, False),
        "is_estimate": costs.c.is_estimate,
        "cost_years": func.coalesce(costs.c.cost_years, cast([], ARRAY(SmallInteger))),
        "agency_ids": _told(merged, "agency_ids", array([Building.agency_id])),
        "area_ids": func.coalesce(areas.c.area_ids, cast([], ARRAY(BigInteger))),
        "tenures": func.coalesce(leases.c.tenures, cast([], ARRAY(Text))),
        "lease_end_first": leases.c.lease_end_first,
        "lease_dates": func.coalesce(dates.c.lease_dates, cast([], ARRAY(Date))),
        "search_text": func.concat(_told(merged, "search_text", search_text(Building)), _told(chosen, "words", "")),
        **columns_of(full, shown),
    }
    first = aliased(AssetClass, name="first_class")
    first_class = select(first.code).where(first.is_usual).order_by(first.sort).limit(1).scalar_subquery()
    named |= {
        "asset_class_code": func.coalesce(UseClass.asset_class_code, first_class),
        "is_usual": func.coalesce(AssetClass.is_usual, true()),
        "management_patch": Building.management_patch,
    }
    columns: list[Any] = [named[name].label(name) for name in COLUMNS]
    query: Any = select(*columns).select_from(Building).where(is_building())
    query = query.outerjoin(UseClass, UseClass.code == named["use_class_code"])
    query = query.outerjoin(AssetClass, AssetClass.code == UseClass.asset_class_code)
    for told in (costs, leases, dates, areas, merged, chosen, *full):
        query = query if told is None else query.outerjoin(told, told.c.building_id == Building.id)
    found: Select[Any] = query if of_all else query.where(Building.id == any_(IDS))
    return found


def _itself(attribute: Any) -> ColumnElement[Any]:
    """The value of a building with one record."""
    found: ColumnElement[Any] = attribute
    return found


def _told(several: CTE | None, name: str, own: Any) -> ColumnElement[Any]:
    """What several records say together, or what the one record says itself."""
    found: ColumnElement[Any] = literal(own) if isinstance(own, str) else own
    return found if several is None else func.coalesce(several.c[name], found)


def _own_records(*, of_all: bool) -> CTE:
    """As `records_of`, of buildings that stand alone.

    One list of numbers for all: the planner weighs each number of each `= ANY`, and there are a hundred thousand.
    """
    ids: Any = Building.id if of_all else func.unnest(IDS)
    wanted = select(ids.label("record_id")).cte("wanted")
    return select(wanted.c.record_id, wanted.c.record_id.label("building_id")).cte("records")


def records_of(*, of_all: bool) -> CTE:
    """`record_id` and `building_id` of every record of the buildings `:ids`, or of all."""
    if of_all:
        return select(Building.id.label("record_id"), canonical_id().label("building_id")).cte("records")
    alone = select(Building.id.label("record_id"), Building.id.label("building_id"))
    shared = select(Building.id, Building.canonical_id)
    return union_all(
        alone.where(Building.id == any_(IDS), Building.canonical_id.is_(None)),
        shared.where(Building.canonical_id == any_(IDS)),
    ).cte("records")


def search_text(record: Any) -> ColumnElement[str]:
    """The words of a record that a search looks at, in lower case, a space before each."""
    fields = (record.name, record.street, record.post_town, record.postcode)
    blanks = "\t\n\r\v\f"
    return func.lower(func.translate(func.concat_ws(" ", "", *fields), blanks, " " * len(blanks)))


def _counted_records(*, of_all: bool) -> CTE:
    """The same of the building in which each record's figures are counted: those of parts too."""
    counted = select(Building.id.label("record_id"), counted_id().label("building_id"))
    if of_all:
        return counted.cte("counted_records")
    in_part = and_(Building.parent_id == any_(IDS), Building.kind == BuildingKind.PART)
    return union_all(
        counted.where(Building.id == any_(IDS), Building.canonical_id.is_(None), Building.kind != BuildingKind.PART),
        counted.where(Building.canonical_id == any_(IDS), Building.kind != BuildingKind.PART),
        counted.where(in_part),
    ).cte("counted_records")


def counts_by_year(*, of_all: bool) -> Select[Any]:
    """Financial years, and how many of the buildings `:ids`, or of all, have a cost in each."""
    records = _counted_records(of_all=of_all)
    query: Any = (
        select(RunningCost.year_start, func.count(records.c.building_id.distinct()))
        .join(records, records.c.record_id == RunningCost.building_id)
        .group_by(RunningCost.year_start)
    )
    found: Select[Any] = query
    return found


def _costs(records: FromClause, once: ColumnElement[bool] | None) -> CTE:
    """Costs by building; `once` is what tells those that count, None where all do."""
    is_year = RunningCost.year_start == YEAR
    of_year = is_year if once is None else and_(is_year, once)
    query = (
        select(
            records.c.building_id,
            func.sum(RunningCost.amount).filter(of_year).label("annual_cost"),
            func.bool_or(is_year).label("has_cost"),
            func.bool_or(RunningCost.is_estimate).filter(of_year).label("is_estimate"),
            func.array_agg(RunningCost.year_start.distinct()).label("cost_years"),
        )
        .join(RunningCost, RunningCost.building_id == records.c.record_id)
        .group_by(records.c.building_id)
    )
    return (query if once is None else query.join(Building, Building.id == RunningCost.building_id)).cte("costs")


def _leases(records: FromClause) -> CTE:
    return (
        select(
            records.c.building_id,
            func.array_agg(cast(Interest.tenure, Text).distinct()).label("tenures"),
            func.min(Interest.lease_end_on).label("lease_end_first"),
        )
        .join(Interest, Interest.building_id == records.c.record_id)
        .where(Interest.ended_on.is_(None))
        .group_by(records.c.building_id)
        .cte("leases")
    )


def _lease_dates(records: FromClause) -> CTE:
    # A break after the lease's end never comes; see `leases.lease_state`.
    comes = case((Interest.break_on <= func.coalesce(Interest.lease_end_on, Interest.break_on), Interest.break_on))
    day = values(column("day", Date), name="days").data([(Interest.lease_end_on,), (comes,)]).lateral()
    return (
        select(records.c.building_id, func.array_agg(day.c.day.distinct()).label("lease_dates"))
        .join(Interest, Interest.building_id == records.c.record_id)
        .join(day, day.c.day.is_not(None))
        .where(Interest.ended_on.is_(None))
        .group_by(records.c.building_id)
        .cte("lease_days")
    )


def _areas(*, of_all: bool) -> CTE:
    query = select(
        BuildingArea.building_id, func.array_agg(func.distinct(BuildingArea.area_id)).label("area_ids")
    ).group_by(BuildingArea.building_id)
    return (query if of_all else query.where(BuildingArea.building_id == any_(IDS))).cte("areas")


def _merged(records: CTE) -> CTE:
    """What the records of a building say together, for buildings with several."""
    record = aliased(Building, name="record")
    words = func.concat_ws(" ", search_text(record), record.uprn)
    return (
        select(
            records.c.building_id,
            func.array_agg(record.agency_id.distinct()).label("agency_ids"),
            func.string_agg(words, aggregate_order_by(literal(" "), record.id)).label("search_text"),
        )
        .join(record, record.id == records.c.record_id)
        .where(record.canonical_id.is_not(None))
        .group_by(records.c.building_id)
        .cte("merged")
    )


def _chosen(records: CTE) -> CTE:
    """What stewards chose for a building, as words."""
    words = func.string_agg(
        func.concat(" ", func.lower(FieldOverride.value)), aggregate_order_by(literal(""), FieldOverride.id)
    )
    return (
        select(records.c.building_id, words.label("words"))
        .join(FieldOverride, FieldOverride.building_id == records.c.record_id)
        .where(FieldOverride.retracted_at.is_(None), FieldOverride.field.in_(CHOSEN_WORDS), tells_of_no_restricted())
        .group_by(records.c.building_id)
        .cte("chosen_words")
    )
