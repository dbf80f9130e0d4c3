"""The rules held against the register, all at once and in the database: shares, work, and one building's gaps.

A building is complete, fresh or without conflict where it breaks no rule of that kind. Everything that is counted here
goes through `_verdicts`, one row a building with one column a rule, and `_patterns`, which counts equal rows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.models import Building, BuildingArea, BuildingListed, QualityKind, QualityMoney, QualityRule
from estate.register.quality.checks import verdict, verdict_of
from estate.register.quality.facts import quality_facts
from estate.register.quality.listed import facts_by_list
from estate.register.quality.rules import list_rules
from estate.register.shown import canonical_id

NAMES = {
    QualityKind.COMPLETENESS: "complete",
    QualityKind.FRESHNESS: "fresh",
    QualityKind.CONFLICT: "agreeing",
}


SUMMED = ("annual_cost", "usual_cost", "ended_rent")
MONEY = (*SUMMED, "is_estimate")
AT_ONCE = 31
"""Verdicts that one number holds."""


@dataclass(frozen=True)
class Shares:
    """How good the records of one agency, one area or the whole register are."""

    id: int | None
    """Of the agency or area; None for all."""
    name: str
    within: str | None
    """For an area: the area around it."""
    building_count: int
    complete_count: int
    fresh_count: int
    agreeing_count: int
    good_count: int
    """Buildings that break no rule at all."""
    kept_weight: int
    """Sum of the weights of all rules that buildings keep."""
    asked_weight: int
    """Sum of the weights of all rules that were asked."""

    def share(self, name: str) -> float | None:
        """Such as `complete`: the part of the buildings; None where there is no building."""
        return getattr(self, f"{name}_count") / self.building_count if self.building_count else None

    @property
    def score(self) -> float | None:
        """Weighted share of the rules that are kept, of all that were asked; None where none was."""
        return self.kept_weight / self.asked_weight if self.asked_weight else None


@dataclass(frozen=True)
class Work:
    """One line of the work list: the buildings that break one rule, and the money that leaves in doubt."""

    rule: QualityRule
    count: int
    """Buildings that break it."""
    asked_count: int
    """Buildings that the rule applies to."""
    money: Decimal | None
    """GBP a year; None where it is known of none of them."""
    money_count: int
    """Of how many the money is known."""
    is_estimate: bool
    """Some part of the money is an estimate."""

    @property
    def worth(self) -> tuple[Decimal, int]:
        """What sorts the list: money times weight, then buildings times weight."""
        return (self.money or Decimal(0)) * self.rule.weight, self.count * self.rule.weight


def overview(session: Session, filters: BuildingFilters) -> tuple[Shares, list[Work]]:
    """The shares of all buildings that `filters` lets through, and what is broken among them, in one reading.

    What matters most comes first; rules that all keep are left out.
    """
    rules = list_rules(session, only_on=True)
    found = _patterns(_verdicts(rules, filters), rules)
    work_columns = [column for rule in rules for column in _work_columns(found, rule)]
    row = session.execute(select(*work_columns, *_share_columns(found, rules))).one()
    work = [Work(rule, *row[at * 5 : at * 5 + 5]) for at, rule in enumerate(rules)]
    in_order = sorted((line for line in work if line.count), key=lambda line: line.worth, reverse=True)
    return _shares(row, None, "All", None), in_order


def whole_shares(session: Session, filters: BuildingFilters) -> Shares:
    """The shares of all buildings that `filters` lets through, taken together."""
    return overview(session, filters)[0]


def work_list(session: Session, filters: BuildingFilters) -> list[Work]:
    """What is broken among the buildings that `filters` lets through, what matters most first."""
    return overview(session, filters)[1]


def agency_shares(session: Session, filters: BuildingFilters) -> list[Shares]:
    """The shares of each agency, by name: a building counts for each agency of which it has a record."""
    rules = list_rules(session, only_on=True)
    verdicts, record = _verdicts(rules, filters), aliased(Building, name="record")
    holders = select(canonical_id(record).label("building_id"), record.agency_id).distinct().subquery("holders")
    held = holders, holders.c.building_id == verdicts.c.building_id
    found = _patterns(verdicts, rules, holders.c.agency_id, held)
    query = (
        select(Agency.id, Agency.name, *_share_columns(found, rules))
        .join(found, found.c.key == Agency.id)
        .group_by(Agency.id)
        .order_by(func.lower(Agency.name))
    )
    if filters.agency_id is not None:
        query = query.where(Agency.id == filters.agency_id)
    return [_shares(row, row.id, row.name, None) for row in session.execute(query)]


def area_shares(session: Session, level: BoundaryLevel, filters: BuildingFilters) -> list[Shares]:
    """The shares of each area in force of `level` that has a building, by name."""
    rules = list_rules(session, only_on=True)
    verdicts, parent = _verdicts(rules, filters), aliased(Area)
    inside = BuildingArea, BuildingArea.building_id == verdicts.c.building_id
    found = _patterns(verdicts, rules, BuildingArea.area_id, inside)
    query = (
        select(Area.id, Area.name, parent.name.label("within"), *_share_columns(found, rules))
        .select_from(found)
        .join(Area, and_(Area.id == found.c.key, Area.level_code == level.code, Area.valid_until.is_(None)))
        .outerjoin(parent, parent.id == Area.parent_id)
        .group_by(Area.id, parent.id)
        .order_by(func.lower(Area.name), Area.id)
    )
    return [_shares(row, row.id, row.name, row.within) for row in session.execute(query)]


def gaps_of(session: Session, building_ids: Collection[int]) -> dict[int, list[QualityRule]]:
    """The rules that each of these buildings breaks, the heaviest first; a building in order has none.

    `building_ids` are those under which buildings stand; a part is judged with its building, and has none of its own.
    Read by index: meant for a page of them.
    """
    rules = list_rules(session, only_on=True)
    wanted = list(building_ids)
    homes = (Building.id, Building.canonical_id, Building.parent_id)
    record = select(Building.id).where(or_(*(home.in_(wanted) for home in homes)))
    facts = quality_facts([BuildingListed.id.in_(wanted)], list(session.scalars(record)))
    query = select(facts.c.building_id, *(verdict(facts.c, rule).label(rule.code) for rule in rules))
    gaps: dict[int, list[QualityRule]] = {building_id: [] for building_id in wanted}
    for row in session.execute(query):
        broken = [rule for rule in rules if row._mapping[rule.code]]
        gaps[row.building_id] = sorted(broken, key=lambda rule: (-rule.weight, rule.sort))
    return gaps


def sound_ids(session: Session) -> Select[int]:
    """Ids of the buildings in use that break no rule at all."""
    rules = list_rules(session, only_on=True)
    found = _verdicts(rules, BuildingFilters())
    return select(found.c.building_id).where(*(_keeps(found, rule) for rule in rules))


def next_to_mend(session: Session, code: str, filters: BuildingFilters, *, after: int | None = None) -> int | None:
    """The costliest building that breaks the rule `code`, or the next after `after`; None where there is no further.

    Buildings of unknown cost come last, by their id.
    """
    rules = [rule for rule in list_rules(session, only_on=True) if rule.code == code]
    if not rules:
        return None
    found = _verdicts(rules, filters)
    broken = found.c[code]
    query = (
        select(found.c.building_id, broken)
        .where(or_(broken, found.c.building_id == after))
        .order_by(found.c[_money(rules[0])].desc().nulls_last(), found.c.building_id)
    )
    rows = session.execute(query).all()
    place = next((at + 1 for at, row in enumerate(rows) if row[0] == after), 0)
    return next((row[0] for row in rows[place:] if row[1]), None)


def _verdicts(rules: list[QualityRule], filters: BuildingFilters) -> Subquery:
    """One row a building: `building_id annual_cost is_estimate usual_cost ended_rent`, and a verdict by rule's code."""
    ages = {rule.code: rule for rule in rules}
    facts = facts_by_list(listed_conditions(filters), ages.get("record_age"))
    plain = (facts.c[name] for name in ("building_id", *MONEY))
    columns = [
        (verdict(facts.c, rule) if rule.code != "record_age" else verdict_of(facts.c, rule, facts.c.is_old)).label(
            rule.code
        )
        for rule in rules
    ]
    verdicts = select(*plain, *columns).subquery("by_rule")
    packed = [
        _packed([verdicts.c[rule.code] for rule in rules[at : at + AT_ONCE]]).label(f"packed_{at // AT_ONCE}")
        for at in range(0, len(rules), AT_ONCE)
    ]
    return select(verdicts, *packed).subquery("verdicts")


def _patterns(found: Subquery, rules: list[QualityRule], key: Any = None, *joins: Any) -> CTE:
    """The buildings that break and keep the same rules, counted, and their money added up, by the column `key` if any.

    There are few of them, so all that is counted by rule after that costs next to nothing.
    """
    by = [column for column in found.c if column.name.startswith("packed_")]
    by += [] if key is None else [key.label("key")]
    query = select(
        *by,
        func.count().label("buildings"),
        *(func.sum(found.c[name]).label(name) for name in SUMMED),
        *(func.count(found.c[name]).label(f"{name}_count") for name in SUMMED),
        func.bool_or(and_(found.c.is_estimate, found.c.annual_cost.is_not(None))).label("is_estimate"),
    ).select_from(found)
    for target, on in joins:
        query = query.join(target, on)
    counted = (query.group_by(*by) if by else query).subquery("counted")
    verdicts = [
        _unpacked(counted.c[f"packed_{at // AT_ONCE}"], at % AT_ONCE).label(rule.code) for at, rule in enumerate(rules)
    ]
    return select(counted, *verdicts).cte("patterns").prefix_with("MATERIALIZED")


def _packed(verdicts: list[ColumnElement[bool]]) -> ColumnElement[int]:
    """Verdicts as a number, two bits each: 0 where a rule does not apply, 1 where it is kept, 2 where it is broken.

    The database counts by a number without sorting.
    """
    bits = [
        func.coalesce(cast(cast(one, Integer), BigInteger) + 1, 0) * literal(1 << 2 * at, BigInteger)
        for at, one in enumerate(verdicts)
    ]
    return sum(bits[1:], bits[0])


def _unpacked(number: ColumnElement[int], at: int) -> ColumnElement[bool | None]:
    bits = number.bitwise_rshift(literal(2 * at, Integer)).bitwise_and(literal(3, BigInteger))
    return case((bits == 2, True), (bits == 1, False))


def _money(rule: QualityRule) -> str:
    return {
        QualityMoney.RUNNING_COST: "annual_cost",
        QualityMoney.BENCHMARK: "usual_cost",
        QualityMoney.RENT: "ended_rent",
    }[rule.money]


def _buildings(found: CTE, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(found.c.buildings).filter(condition), 0), BigInteger)


def _work_columns(found: CTE, rule: QualityRule) -> list[ColumnElement[Any]]:
    """The figures of a `Work` line, in its order."""
    broken, money = found.c[rule.code], found.c[_money(rule)]
    count = cast(func.coalesce(func.sum(found.c[f"{_money(rule)}_count"]).filter(broken), 0), BigInteger)
    return [
        _buildings(found, broken),
        _buildings(found, broken.is_not(None)),
        func.sum(money).filter(broken),
        count,
        func.coalesce(func.bool_or(_is_estimate(found, rule)).filter(broken), False),
    ]


def _is_estimate(found: CTE, rule: QualityRule) -> ColumnElement[bool]:
    return {
        QualityMoney.RUNNING_COST: found.c.is_estimate,
        QualityMoney.BENCHMARK: found.c.usual_cost_count > 0,
        QualityMoney.RENT: false(),
    }[rule.money]


def _share_columns(found: CTE, rules: list[QualityRule]) -> list[ColumnElement[Any]]:
    columns: list[ColumnElement[Any]] = [_buildings(found, true()).label("building_count")]
    for kind, name in NAMES.items():
        kept = [_keeps(found, rule) for rule in rules if rule.kind is kind]
        columns.append(_buildings(found, and_(true(), *kept)).label(f"{name}_count"))
    every = [_keeps(found, rule) for rule in rules]
    columns.append(_buildings(found, and_(true(), *every)).label("good_count"))
    asked = [_buildings(found, found.c[rule.code].is_not(None)) * rule.weight for rule in rules]
    kept_weights = [_buildings(found, found.c[rule.code].is_(False)) * rule.weight for rule in rules]
    columns.append(sum(kept_weights[1:], kept_weights[0]).label("kept_weight") if rules else _nothing("kept_weight"))
    columns.append(sum(asked[1:], asked[0]).label("asked_weight") if rules else _nothing("asked_weight"))
    return columns


def _nothing(name: str) -> ColumnElement[int]:
    return (func.count() * 0).label(name)


def _keeps(found: FromClause, rule: QualityRule) -> ColumnElement[bool]:
    """The building does not break the rule; a rule that does not apply is not broken."""
    return found.c[rule.code].is_not(True)


def _shares(row: Row[Any], row_id: int | None, name: str, within: str | None) -> Shares:
    counts = {key: row._mapping[key] for key in Shares.__annotations__ if key in row._mapping and key != "name"}
    return Shares(**{**counts, "id": row_id, "name": name, "within": within})
