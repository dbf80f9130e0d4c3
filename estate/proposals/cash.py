"""The cash curves of a finished proposal, from the figures that were stored with it."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from pandas import DataFrame
from sqlalchemy.orm import Session

from estate.appraise.cash import Curve, curve, one_off, together, yearly
from estate.appraise.discounting import Rates
from estate.proposals.models import Proposal
from estate.proposals.queries import list_moves, list_positions
from estate.proposals.reference import reference_on

ALL = "All together"


@dataclass(frozen=True)
class ProposalCash:
    """The curve of each agency by its id as text, its name, and the curve of all together."""

    curves: dict[str, Curve]
    names: dict[str, str]
    whole: Curve | None
    """None where nothing changes for anybody."""
    rates: Rates
    years: int


def cash_of(session: Session, proposal: Proposal) -> ProposalCash:
    """The curves over the proposal's horizon, at the rates that it was made with."""
    years = int(proposal.summary["horizon_years"])
    rates = rates_of(session, proposal)
    moving: Counter[int] = Counter()
    for move in list_moves(session, proposal):
        moving[move.agency_id] += move.move_cost  # type: ignore[assignment]
    curves, names = {}, {}
    for row in list_positions(session, proposal):
        moved = Decimal(moving[row.agency_id])
        key = str(row.agency_id)
        names[key] = row.agency.name
        lines = [
            one_off("Moves and fit-out", moved, years),
            one_off("Rent that stays due", row.one_off_cost - moved, years),
            yearly("Running cost released", row.released_per_year, years),
            yearly("Running cost added in hosts", -row.added_per_year, years),
        ]
        curves[key] = curve(key, lines, rates)
    whole = together(ALL, list(curves.values()), rates) if curves else None
    return ProposalCash(curves, names, whole, rates, years)


def rates_of(session: Session, proposal: Proposal) -> Rates:
    """Those that were stored with it; of an older proposal those in force on its day."""
    steps = proposal.summary.get("discount_rates")
    if steps:
        return Rates(tuple((int(after), float(rate)) for after, rate in steps))
    return reference_on(session, (proposal.finished_at or proposal.created_at).date()).rates


def cash_frame(cash: ProposalCash) -> DataFrame:
    """Columns `agency line year_0 year_1 ...`: the lines of each agency and their sum, then those of all together."""
    every = [(cash.names[key], each) for key, each in cash.curves.items()]
    rows = [
        (name, label, *amounts)
        for name, each in [*every, *([(ALL, cash.whole)] if cash.whole else [])]
        for label, amounts in [*((line.name, line.by_year) for line in each.lines), ("Sum", each.by_year)]
    ]
    return DataFrame(rows, columns=["agency", "line", *(f"year_{year}" for year in range(cash.years + 1))])
