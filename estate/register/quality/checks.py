"""What each rule looks for: one entry a rule, by its code. The rule's row says when it applies and how old is old."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from estate.register.as_at import day_of_reading
from estate.register.models import Building, QualityRule
from estate.register.quality.facts import quality_facts
from estate.register.shown import canonical_id
from estate.settings import get_settings

CERTIFICATE_FROM_M2 = 250


class Mend(Enum):
    """Where a gap is closed."""

    FACTS = "facts"
    COSTS = "costs"
    INTERESTS = "interests"
    OCCUPATIONS = "occupations"
    FILE = "file"
    """No form: it comes with a file."""
    RECORDS = "records"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Check:
    """`fails(facts, rule)` is true where a building breaks the rule; `matters(facts)` where it can be asked at all."""

    mend: Mend
    fails: Callable[[Any, Any], ColumnElement[bool]]
    matters: Callable[[Any], ColumnElement[bool]] = lambda f: true()


def limit(rule: Any) -> ColumnElement[Any]:
    """The day before which something is too old; `rule` may know it as `since`."""
    if hasattr(rule, "since"):
        found: ColumnElement[Any] = rule.since
        return found
    return day_of_reading() - func.make_interval(0, rule.months)


def year_end(year_start: Any) -> ColumnElement[Any]:
    """The day after a financial year."""
    return func.make_date(year_start + 1, get_settings().financial_year_start_month, 1)


def _uprn_is_shared(f: Any) -> ColumnElement[bool]:
    other = aliased(Building, name="other_with_uprn")
    return exists().where(other.uprn == f.uprn, canonical_id(other) != f.building_id, other.retired_at.is_(None))


def _certificate_expired(f: Any, rule: Any) -> ColumnElement[bool]:
    is_valid = or_(
        func.coalesce(f.energy_expires_on >= day_of_reading(), False),
        func.coalesce(f.energy_undated_on >= limit(rule), False),
    )
    return ~is_valid


CHECKS: dict[str, Check] = {
    "net_area": Check(Mend.FACTS, lambda f, rule: f.net_m2.is_(None)),
    "gross_area": Check(Mend.FACTS, lambda f, rule: f.gross_m2.is_(None)),
    "running_cost": Check(Mend.COSTS, lambda f, rule: f.annual_cost.is_(None)),
    "location": Check(Mend.FACTS, lambda f, rule: ~f.is_located),
    "use": Check(Mend.FACTS, lambda f, rule: f.use.is_(None)),
    "uprn": Check(Mend.FACTS, lambda f, rule: f.uprn.is_(None)),
    "address": Check(Mend.FACTS, lambda f, rule: f.postcode.is_(None)),
    "tenure": Check(Mend.INTERESTS, lambda f, rule: func.coalesce(f.interest_count, 0) == 0),
    "rent": Check(Mend.INTERESTS, lambda f, rule: f.unpriced_count > 0, lambda f: f.rented_count > 0),
    "people": Check(Mend.OCCUPATIONS, lambda f, rule: f.team_count.is_(None)),
    "team_size": Check(Mend.OCCUPATIONS, lambda f, rule: f.unsized_count > 0, lambda f: f.team_count > 0),
    "condition": Check(Mend.FILE, lambda f, rule: f.surveyed_on.is_(None)),
    "energy": Check(Mend.FILE, lambda f, rule: f.energy_rated_on.is_(None), lambda f: f.gross_m2 > CERTIFICATE_FROM_M2),
    "cost_is_actual": Check(Mend.COSTS, lambda f, rule: f.is_estimate, lambda f: f.annual_cost.is_not(None)),
    "cost_age": Check(
        Mend.COSTS,
        lambda f, rule: year_end(f.newest_year) < limit(rule),
        lambda f: f.newest_year.is_not(None),
    ),
    "condition_age": Check(
        Mend.FILE, lambda f, rule: f.surveyed_on < limit(rule), lambda f: f.surveyed_on.is_not(None)
    ),
    "valuation_age": Check(Mend.FILE, lambda f, rule: f.valued_on < limit(rule), lambda f: f.valued_on.is_not(None)),
    "count_age": Check(Mend.FILE, lambda f, rule: f.observed_on < limit(rule), lambda f: f.observed_on.is_not(None)),
    "energy_age": Check(Mend.FILE, _certificate_expired, lambda f: f.energy_rated_on.is_not(None)),
    "record_age": Check(Mend.CONFIRM, lambda f, rule: f.touched_at < limit(rule)),
    "areas_disagree": Check(
        Mend.FACTS,
        lambda f, rule: f.net_m2 > f.gross_m2,
        lambda f: and_(f.net_m2.is_not(None), f.gross_m2.is_not(None)),
    ),
    "teams_outgrow": Check(
        Mend.OCCUPATIONS,
        lambda f, rule: f.team_m2 > func.coalesce(f.net_m2, f.gross_m2),
        lambda f: and_(f.team_m2.is_not(None), func.coalesce(f.net_m2, f.gross_m2).is_not(None)),
    ),
    "vacant_but_used": Check(Mend.FACTS, lambda f, rule: f.team_count > 0),
    "lease_ended": Check(Mend.INTERESTS, lambda f, rule: f.ended_lease_count > 0, lambda f: f.lease_count > 0),
    "records_disagree": Check(
        Mend.RECORDS, lambda f, rule: f.is_contradictory, lambda f: f.is_contradictory.is_not(None)
    ),
    "uprn_shared": Check(Mend.FACTS, lambda f, rule: _uprn_is_shared(f), lambda f: f.uprn.is_not(None)),
}


def applies(f: Any, code: str, rule: Any) -> ColumnElement[bool]:
    """True where rule `code` asks something of a building. `rule` holds its row, or is the table itself."""
    return and_(func.coalesce(CHECKS[code].matters(f), False), of_use_and_status(f, rule))


def of_use_and_status(f: Any, rule: Any) -> ColumnElement[bool]:
    """True where the rule is meant for buildings of this use and status."""
    wanted: list[ColumnElement[bool]] = []
    for column, allowed in ((f.use, rule.uses), (f.status, rule.statuses)):
        if isinstance(allowed, list):
            wanted.append(func.coalesce(column.in_(allowed), False))
        elif allowed is not None:
            wanted.append(or_(allowed.is_(None), func.coalesce(column == any_(allowed), False)))
    return and_(true(), *wanted)


def verdict(f: Any, rule: QualityRule) -> ColumnElement[bool | None]:
    """True where a building breaks the rule, false where it keeps it, NULL where the rule does not apply."""
    return verdict_of(f, rule, CHECKS[rule.code].fails(f, rule))


def verdict_of(f: Any, rule: QualityRule, fails: ColumnElement[bool]) -> ColumnElement[bool | None]:
    """The same where it is known already whether the rule fails."""
    return case((applies(f, rule.code, rule), func.coalesce(fails, False)))


def broken_ids(code: str, seen_by: str) -> Select[Any]:
    """Ids of the buildings that break the rule `code`, if it is on: among those that the fact `seen_by` is known of."""
    facts = quality_facts()
    in_force = and_(QualityRule.is_on, QualityRule.valid_from <= day_of_reading())
    return (
        select(facts.c.building_id)
        .join(QualityRule, QualityRule.code == code)
        .where(
            facts.c[seen_by].is_not(None),
            in_force,
            applies(facts.c, code, QualityRule),
            CHECKS[code].fails(facts.c, QualityRule),
        )
    )
