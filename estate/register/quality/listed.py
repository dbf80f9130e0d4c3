"""The rules of quality as conditions on the list, so that a rule filters it as quickly as anything else does.

What the list's own row says is asked there. Of the other records only sets of ids are asked, each once a query. Where
a rule compares what other records add up to, its buildings are those of `checks.broken_ids`. A test holds all of it
beside `evaluate.gaps_of`, which asks the records themselves.
"""

from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from estate.register.as_at import day_of_reading
from estate.register.leases import LeaseState, has_listed_lease
from estate.register.listed_statements import newest_cost_year
from estate.register.models import (
    Attestation,
    AttestationVerdict,
    Building,
    BuildingKind,
    BuildingListed,
    ConditionSurvey,
    Interest,
    Occupation,
    QualityRule,
    RunningCost,
)
from estate.register.quality.checks import CHECKS, applies, broken_ids, limit, of_use_and_status, year_end
from estate.register.quality.facts import RENTED, energy_facts, known_of_list, newest_facts, quality_facts, team_facts
from estate.register.shown import counted_id, counts_once

SEEN_BY = {
    "team_size": "team_count",
    "condition_age": "surveyed_on",
    "valuation_age": "valued_on",
    "count_age": "observed_on",
    "energy_age": "energy_rated_on",
    "teams_outgrow": "team_m2",
    "vacant_but_used": "team_count",
}
"""Rules that compare what other records of few buildings say, and the fact without which they ask nothing."""


NOT_BY_LIST = ("team_count", "surveyed_on", "energy_rated_on")
"""Facts of which a rule compares the values, too."""


def breaks(code: str) -> ColumnElement[bool]:
    """The buildings of the list that break the rule `code`, if it is on."""
    if code in SEEN_BY:
        return BuildingListed.id.in_(broken_ids(code, SEEN_BY[code]))
    rule, facts = _rule(code), _facts()
    if code == "records_disagree":
        return and_(rule.is_in_force, of_use_and_status(facts, rule), _is_contradictory())
    fails = _is_old(rule) if code == "record_age" else CHECKS[code].fails(facts, rule)
    return and_(rule.is_in_force, *_in_words_of_index(code), applies(facts, code, rule), fails)


def blank(code: str) -> list[ColumnElement[bool]]:
    """What the buildings that break the rule have not, where an index of the list has just those by name."""
    return [CHECKS[code].fails(_facts(), None)] if code in {"gross_area", "net_area", "uprn"} else []


def is_cost_unknown_where_old(session: Session) -> bool:
    """True where no building that breaks the rule `cost_age` has a cost in the list's year: that year is not so old."""
    is_old = year_end(newest_cost_year()) < limit(_rule("cost_age"))
    return session.scalar(select(is_old)) is False


def facts_by_list(conditions: Sequence[ColumnElement[bool]], old: QualityRule | None) -> Subquery:
    """`quality_facts` of many buildings, by the list where it says them; and `is_old`, by the rule `old`."""
    instead = {name: fact for name, fact in vars(_facts()).items() if name not in NOT_BY_LIST}
    return quality_facts(conditions, instead={**instead, "is_old": false() if old is None else _is_old(old)})


def _in_words_of_index(code: str) -> list[ColumnElement[bool]]:
    """What follows from breaking the rule, as an index of the list has it."""
    row = BuildingListed
    if code == "lease_ended":
        return [or_(has_listed_lease(LeaseState.ENDED), row.id == any_(_ids_with_parts(*_is_over())))]
    found: dict[str, ColumnElement[bool]] = {
        "net_area": row.net_internal_area_m2.is_(None),
        "running_cost": row.annual_cost.is_(None),
        "tenure": row.tenures == cast([], ARRAY(Text)),
    }
    return [found[code]] if code in found else []


def _rule(code: str) -> SimpleNamespace:
    """The rule's row, each field asked once a query."""
    of_rule = QualityRule.code == code

    def field(column: Any) -> Any:
        return select(column).where(of_rule).scalar_subquery()

    return SimpleNamespace(
        code=code,
        uses=cast(field(QualityRule.uses), ARRAY(Text)),
        statuses=cast(field(QualityRule.statuses), ARRAY(Text)),
        since=select(day_of_reading() - func.make_interval(0, QualityRule.months)).where(of_rule).scalar_subquery(),
        is_in_force=exists().where(of_rule, QualityRule.is_on, QualityRule.valid_from <= day_of_reading()),
    )


@cache  # The expressions are the same for ever, and making them takes as long as asking them.
def _facts() -> SimpleNamespace:
    """What `quality_facts` says, by the list. Of records beside the list only whether there are any: 1, or NULL."""
    row = BuildingListed
    held = Interest.ended_on.is_(None)
    has_interest = or_(func.cardinality(row.tenures) > 0, _has_in_parts(held))
    rented = row.tenures.overlap(cast([tenure.value for tenure in RENTED], ARRAY(Text)))
    rents = held, Interest.tenure.in_(RENTED)
    ended = row.lease_end_first < day_of_reading()
    has_end = held, Interest.lease_end_on.is_not(None)
    teams = team_facts()
    return SimpleNamespace(
        **known_of_list(),
        interest_count=_one(has_interest),
        rented_count=_one(or_(rented, _has_in_parts(*rents))),
        unpriced_count=_one(_is_unpriced(rented, rents)),
        lease_count=_one(or_(row.lease_end_first.is_not(None), _has_in_parts(*has_end))),
        ended_lease_count=_one(or_(ended, _has_in_parts(*_is_over()))),
        team_count=_one(row.id.in_(select(teams.c.building_id))),
        surveyed_on=_one(row.id.in_(select(newest_facts(ConditionSurvey, "surveyed_on").c.building_id))),
        energy_rated_on=_one(row.id.in_(select(energy_facts().c.building_id))),
    )


def _one(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((condition, 1))


def _is_over() -> tuple[ColumnElement[bool], ...]:
    return Interest.ended_on.is_(None), Interest.lease_end_on < day_of_reading()


def _in_parts(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Ids of the buildings that have a part with such an interest: their rows tell of their own only."""
    of_parts = select(Building.parent_id).join(Interest, Interest.building_id == Building.id)
    return of_parts.where(Building.kind == BuildingKind.PART, Building.parent_id.is_not(None), *conditions)


def _has_in_parts(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return BuildingListed.id.in_(_in_parts(*conditions))


def _ids_with_parts(*conditions: ColumnElement[bool]) -> Any:
    """The same as an array, which an index can be asked for beside another one."""
    of_parts = _in_parts(*conditions).subquery()
    return cast(select(func.array_agg(of_parts.c.parent_id)).scalar_subquery(), ARRAY(BigInteger))


def _is_unpriced(rented: ColumnElement[bool], rents: tuple[ColumnElement[bool], ...]) -> ColumnElement[bool]:
    """Some rent is unknown: of the record under which the building stands, of another one or of a part."""
    unpriced = (*rents, Interest.rent_per_year.is_(None))
    # As a value, for which the database asks one building's leases at a time, and never reads all that there are.
    own = select(func.bool_or(true())).where(Interest.building_id == BuildingListed.id, *unpriced).scalar_subquery()
    other = select(func.bool_or(true())).select_from(Building).join(Interest, Interest.building_id == Building.id)
    of_building = Building.canonical_id == BuildingListed.id, Building.kind != BuildingKind.PART
    others = other.where(*of_building, *unpriced).correlate(BuildingListed).scalar_subquery()
    return or_(and_(rented, or_(own, others)), _has_in_parts(*unpriced))


def _is_contradictory() -> ColumnElement[bool]:
    # Imported here, as in `facts`: the list of conflicts asks for the filtered list of buildings.
    from estate.register.matches.conflicts import conflicts

    return BuildingListed.id.in_(select(conflicts().c.building_id))


def _is_old(rule: Any) -> ColumnElement[bool]:
    """Nobody touched the record or anything that belongs to it, since the day before which it is too old."""
    since = select(limit(rule)).scalar_subquery()

    def touched(model: Any, at: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
        query = select(counted_id()).select_from(model).join(Building, Building.id == model.building_id)
        # Each id once: of a past day the database knows too little to expect a set that it can keep in memory.
        return query.where(at >= since, counted_id().is_not(None), *conditions).distinct()

    records = select(Building.canonical_id).where(Building.canonical_id.is_not(None), Building.changed_at >= since)
    attested = Attestation.verdict != AttestationVerdict.WRONG, Attestation.superseded_at.is_(None)
    touches = (
        records,
        touched(Interest, Interest.recorded_at),
        touched(RunningCost, RunningCost.recorded_at),
        touched(Occupation, Occupation.recorded_at, Occupation.ended_on.is_(None), counts_once(Occupation)),
        touched(Attestation, Attestation.created_at, *attested),
    )
    old = Building.changed_at < since, *(Building.id.not_in(touch) for touch in touches)
    # First, and once, whether the oldest record is so old: else all would be looked at for nothing.
    oldest = select(Building.changed_at).order_by(Building.changed_at).limit(1).scalar_subquery()
    return and_(oldest < since, BuildingListed.id.in_(select(Building.id).where(*old)))
