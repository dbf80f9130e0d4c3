"""The cash and fairness of a proposal as its page tells them: whole pounds that add up, and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from estate.appraise.cash import Curve
from estate.appraise.discounting import annuity_ratio
from estate.appraise.positions import shared_to_the_penny, to_pence
from estate.appraise.rounding import whole_pounds
from estate.proposals.cash import ProposalCash, cash_of
from estate.proposals.fairness import Fairness, can_share, fairness_of, schedule_of
from estate.proposals.models import Proposal

METHODS = {
    "shapley": "Shapley value: what each agency adds on average, over every order in which they could have joined. "
    "It holds everyone, so it is used as it is.",
    "nucleolus": "Nucleolus: the split whose most unhappy group is as happy as can be. The Shapley value would give "
    "some group less than it saves alone, or an agency less than nothing, so it is not used.",
    "sampled": "Sampled Shapley value: what each agency adds on average, over a sample of the orders in which they "
    "could have joined, with a 95 % confidence interval.",
}


@dataclass(frozen=True)
class CashLine:
    """An agency's curve in whole pounds; from year 1 on every year is the same."""

    name: str
    at_start: int
    each_year: int
    running_total: int
    net_present_value: int
    payback: str
    saved_per_pound: float | None


@dataclass(frozen=True)
class ShareLine:
    """What a proposal means for an agency alone, together, and after transfers; pounds a year, moves paid."""

    name: str
    alone: int
    before: int
    after: int
    lowest: int
    highest: int
    transfer_at_start: int | None
    """Received (or, below 0, paid) in year 0; None where there is no schedule."""
    transfer_each_year: int | None


@dataclass(frozen=True)
class Money:
    """What both sections of the page show."""

    cash: list[CashLine]
    whole: CashLine | None
    years: int
    fairness: Fairness | None
    can_share: bool
    shares: list[ShareLine]
    method: str
    transfers: str
    """Who is worse off in which year after transfers, as a sentence."""


def money_of(session: Session, proposal: Proposal) -> Money:
    """Cash and fairness of a finished proposal."""
    cash, found = cash_of(session, proposal), fairness_of(session, proposal)
    is_done = found is not None and found.state == "done"
    curves = sorted(cash.curves.items(), key=lambda item: (-item[1].net_present_value, cash.names[item[0]]))
    lines = _cash_lines([cash.names[key] for key, _ in curves], [each for _, each in curves])
    return Money(
        cash=lines,
        whole=_cash_lines(["All together"], [cash.whole])[0] if cash.whole else None,
        years=cash.years,
        fairness=found,
        can_share=can_share(proposal),
        shares=_share_lines(proposal, cash, found) if found and is_done else [],
        method=METHODS[found.method] if found and is_done else "",
        transfers=_transfers(cash, found) if found and is_done else "",
    )


def _cash_lines(names: Sequence[str], curves: Sequence[Curve]) -> list[CashLine]:
    start = whole_pounds([each.by_year[0] for each in curves])
    yearly = whole_pounds([each.by_year[1] for each in curves])
    totals = whole_pounds([each.running_total[-1] for each in curves])
    values = whole_pounds([each.net_present_value for each in curves])
    return [
        CashLine(name, start[at], yearly[at], totals[at], values[at], _payback(each), each.saved_per_pound)
        for at, (name, each) in enumerate(zip(names, curves, strict=True))
    ]


def _payback(found: Curve) -> str:
    if found.payback_year is None:
        return f"not within {len(found.by_year) - 1} years"
    return f"by the end of year {found.payback_year}" if found.payback_year else "nothing to pay back"


def _share_lines(proposal: Proposal, cash: ProposalCash, found: Fairness) -> list[ShareLine]:
    ratio = Decimal(str(annuity_ratio(cash.rates, cash.years)))
    own = {key: each.by_year[1] + each.by_year[0] * ratio for key, each in cash.curves.items()}
    saving = (proposal.baseline or Decimal(0)) - (proposal.objective or Decimal(0))
    shares = [row.share for row in found.rows]
    after = shared_to_the_penny(saving, shares) if min(shares) >= 0 else [to_pence(share) for share in shares]
    before = whole_pounds([own.get(row.agency, Decimal(0)) for row in found.rows])
    pounds, schedule = whole_pounds(after), schedule_of(cash, found)
    start, yearly = (
        [whole_pounds([schedule.transfers[row.agency][year] for row in found.rows]) for year in (0, 1)]
        if schedule
        else ([None] * len(shares), [None] * len(shares))
    )
    return [
        ShareLine(
            name, round(row.alone), before[at], pounds[at], round(row.lowest), round(row.highest), start[at], yearly[at]
        )
        for at, (row, name) in enumerate(zip(found.rows, found.names, strict=True))
    ]


def _transfers(cash: ProposalCash, found: Fairness) -> str:
    schedule = schedule_of(cash, found)
    if schedule is None or cash.whole is None:
        why = (
            "an agency's share is below nothing, which no part of the cash is."
            if any(row.share < 0 for row in found.rows)
            else "an agency that pays was not part of the game. Work the shares out again."
        )
        return f"There is no schedule of transfers: {why}"
    if not schedule.short_years:
        return "After these transfers no agency is worse off in any year."
    if schedule.short_years == (0,):
        return (
            f"In year 0 all together pay £{-cash.whole.by_year[0]:,.0f}, so nobody can be spared: each pays its share "
            "of it. After these transfers no agency is worse off in any later year."
        )
    return (
        "All together pay more than they gain in every one of these years, so no transfer can leave everyone as well "
        "off."
        if len(schedule.short_years) == cash.years + 1
        else "All together pay more than they gain in years 1 to "
        f"{cash.years}, so no transfer can leave everyone as well off in those."
    )
