"""From the register's rows to a Problem: the only bridge between the two.

Whatever the register does not know is either estimated by a dated assumption, and marked as an estimate, or it keeps
the building out of the part of the plan that would need it. Unknown is never zero.
"""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from estate.appraise.discounting import annuity_ratio
from estate.gis.models import Area
from estate.optimise import Building, Problem, Settings, Team
from estate.people.programme_models import Programme
from estate.people.programmes import programme_for
from estate.proposals import eligibility, figures
from estate.proposals.leaving import Leaving, leaving_of
from estate.proposals.options import Options
from estate.proposals.reference import Reference, reference_on
from estate.proposals.rows import BuildingRows, rows_of
from estate.register.models import FixSource

ROUGH_FIXES = (FixSource.POSTCODE_SECTOR, FixSource.POSTCODE_DISTRICT)

RULES = (
    (
        "need of a team",
        "FTE x the space standard of the use it works in (at a public counter at least the area recorded for it); "
        "without FTE the area recorded for it; else its workstations x the space standard.",
    ),
    (
        "need where nobody recorded who works in a building",
        "The whole building counts as one team that needs the area in use: its area less the recorded vacant area, or "
        "else the assumed share of it.",
    ),
    ("capacity", "Net internal area; where only the gross area is known, that x the assumed net-to-gross ratio."),
    (
        "running cost",
        "All categories of the latest financial year that has any. Where none is recorded, the benchmark for the use "
        "x the gross internal area, marked as an estimate.",
    ),
    (
        "what a host pays",
        "The assumed share of its running cost per m², for each m² that moves in. A kept building that teams leave "
        "is counted as saving nothing.",
    ),
    (
        "leases",
        "A leased building may be emptied where its lease ends, or has a break, in the horizon. Rent counts as saved; "
        "the rent that stays due until the next break, or else the end, is a one-off cost of emptying it, in today's "
        "money: rent a year x years, discounted as savings are. The rent is the lease's; where the lease names none, "
        "the one recorded among the costs of the latest year.",
    ),
)


def problem_for(session: Session, area: Area | None, options: Options, programme: Programme | None = None) -> Problem:
    """The problem of an area as the register stands now. Needs no more from the database to be solved.

    Without an area it holds every building, and without a level besides no boundary keeps a team from moving.

    It holds the buildings of the agencies that take part today in `programme`, by default the only one there is.
    Buildings of which neither floor area nor running cost is known are left out and named in the notes.
    """
    today, programme = datetime.now(UTC).date(), programme_for(session, programme)
    reference = reference_on(session, today)
    horizon_years = options.horizon_years or programme.horizon_years or int(reference.figure("horizon_years"))
    max_move_m = reference.figure("move_distance_m") if options.max_move_m is None else options.max_move_m
    level_code = options.level_code or (area.level_code if area else None)
    rows = rows_of(session, area, level_code, programme.id)
    known = [row for row in rows if figures.running_cost(row, reference) is not None]
    rates = reference.rates
    leavings = [leaving_of(row, reference) for row in known]
    buildings = tuple(
        _building(row, reference, horizon_years, leaving) for row, leaving in zip(known, leavings, strict=True)
    )
    teams = tuple(team for row in known for team in figures.teams_of(row, reference))
    return Problem(
        buildings=buildings,
        teams=teams,
        settings=Settings(
            annuity_ratio=annuity_ratio(rates, horizon_years),
            max_move_m=max_move_m,
            team_rule=options.team_rule,
            horizon_years=horizon_years,
            discount_rate=rates.rate_of(1),
            discount_rates=rates.steps,
            assumptions=(*RULES, *sorted(reference.used.items())),
        ),
        title=f"{area.name if area else programme.name}, {today:%-d %B %Y}",
        notes=tuple(_notes(rows, known, buildings, teams, leavings)),
    )


def _building(row: BuildingRows, reference: Reference, horizon_years: int, leaving: Leaving) -> Building:
    capacity = figures.capacity_m2(row, reference)
    cost = figures.running_cost(row, reference)
    assert cost is not None  # noqa: S101  (`problem_for` keeps only buildings whose cost is known or estimated)
    host_reason = eligibility.why_not_host(row, reference)
    close_rule, close_reason = eligibility.why_not_close(row, reference, horizon_years)
    estimates = [
        name for name, found in (("capacity_m2", capacity), ("running_cost_per_year", cost)) if found.is_estimate
    ]
    marginal = reference.figure("marginal_cost_share") * cost.value / capacity.value if capacity.value else 0.0
    return Building(
        id=str(row.building.id),
        name=row.building.name,
        area_id=row.inside,
        x_m=row.x_m,
        y_m=row.y_m,
        capacity_m2=round(capacity.value, 2),
        running_cost_per_year=round(cost.value, 2),
        leaving_cost=leaving.cost,
        leaving_reason=leaving.reason,
        leaving_payers=leaving.payers,
        hosting_cost_per_m2_per_year=round(marginal, 4),
        may_host=host_reason is None,
        may_host_reason=host_reason or "",
        may_close=not close_rule,
        may_close_reason=close_reason,
        may_close_rule=close_rule,
        accepts=reference.accepts.get(row.building.use_class_code or "", ()),
        payers=figures.payers_of(row),
        estimates=tuple(estimates),
    )


def _notes(
    rows: list[BuildingRows],
    known: list[BuildingRows],
    buildings: tuple[Building, ...],
    teams: tuple[Team, ...],
    leavings: list[Leaving],
) -> list[str]:
    """Sentences on how much of the problem is estimated or left out."""
    estimated = Counter(name for building in buildings for name in building.estimates)
    rough = sum(row.building.fix_source in ROUGH_FIXES for row in known)
    rent_unknown = sum(
        leaving.is_unknown and building.may_close for leaving, building in zip(leavings, buildings, strict=True)
    )
    unrecorded = sum(team.id.startswith("building:") for team in teams)
    counts = [
        (len(rows) - len(known), "of {} neither running cost nor floor area is recorded: left out"),
        (estimated["running_cost_per_year"], "the running cost of {} is an estimate"),
        (estimated["capacity_m2"], "the capacity of {} is an estimate"),
        (rough, "the position of {} is known only to a postcode sector or district"),
        (unrecorded, "nobody recorded who works in {}; the need is an estimate"),
        (
            rent_unknown,
            "what rent stays due after leaving, or until when, is not recorded for some lease of {} that may "
            "be emptied; none is counted for it",
        ),
    ]
    return [f"{text[0].upper()}{text[1:].format(_buildings(count))}." for count, text in counts if count]


def _buildings(count: int) -> str:
    return f"{count} building{'' if count == 1 else 's'}"
