"""The appraisal of a finished proposal: Green Book lines, carbon, and what it may be worth over ranges.

Nothing is stored: it is worked out from the proposal's own figures, the register's valuations, surveys and
certificates, and the reference data of the day on which the proposal was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from estate.appraise.cash import Curve, Line, curve, in_year, one_off, yearly
from estate.appraise.discounting import Rates
from estate.appraise.positions import to_pence
from estate.appraise.ranges import Input
from estate.appraise.risk import RATE, Case, Fact, Spread, Swing, Term, facts_worth_knowing, spread, tornado
from estate.proposals.cash import ALL, rates_of
from estate.proposals.emissions import PlanCarbon, carbon_of
from estate.proposals.models import Proposal
from estate.proposals.reference import Reference, reference_on
from estate.proposals.stakes import NOTHING, Stake, problem_of, stakes_of
from estate.proposals.worth import Worth, worth_of
from estate.settings import get_settings

DRAWS, SEED = 10_000, 0
WHY_NO_RECEIPT = {
    None: (True, "no tenure is recorded"),
    True: (True, "no valuation is recorded"),
    False: (False, "no freehold or ground lease"),
}
"""By whether the building is owned: whether a receipt is unknown, and why none is counted."""


@dataclass(frozen=True)
class Receipt:
    """What selling one emptied building would bring; to the penny."""

    building_id: int
    name: str
    gross: Decimal
    sale_cost: Decimal
    basis: str

    @property
    def net(self) -> Decimal:
        """Gross less the costs of sale."""
        return self.gross - self.sale_cost


@dataclass(frozen=True)
class NoReceipt:
    """An emptied building for which no receipt is counted, and why."""

    building_id: int
    name: str
    is_unknown: bool
    """False where it is known that there is nothing to sell."""
    reason: str


@dataclass(frozen=True)
class Appraisal:
    """Everything that the page shows."""

    stakes: tuple[Stake, ...]
    cash: Curve
    """Without receipts and carbon: as the plan was solved."""
    with_receipts: Curve | None
    """None where no receipt is known, though there may be some."""
    social: Curve | None
    """With known receipts and the value of carbon, which is no cash; None where no carbon is known."""
    receipts: tuple[Receipt, ...]
    without_receipt: tuple[NoReceipt, ...]
    receipt_year: int
    backlog: tuple[tuple[int, str, Decimal | None], ...]
    """Of each emptied building: id, name, cost of bringing it to condition B; None where unknown."""
    carbon: PlanCarbon
    spread: Spread
    swings: tuple[Swing, ...]
    facts: tuple[Fact, ...]
    assumptions: tuple[tuple[str, str], ...]
    years: int
    price_year: int
    """First year of the financial year in whose prices it is."""

    @property
    def whole(self) -> Curve:
        """The curve with the most lines that are known."""
        return self.social or self.with_receipts or self.cash

    @property
    def unknown_receipts(self) -> list[NoReceipt]:
        """Emptied buildings that may bring a receipt of which nobody knows."""
        return [row for row in self.without_receipt if row.is_unknown]

    @property
    def backlog_avoided(self) -> Decimal | None:
        """Sum of what is known; None where nothing is."""
        known = [cost for _, _, cost in self.backlog if cost is not None]
        return sum(known, NOTHING) if known else None


def appraisal_of(session: Session, proposal: Proposal) -> Appraisal | None:
    """The appraisal; None where the plan changes nothing. Raises `ProblemNotKept`, `AssumptionMissing`."""
    day = (proposal.finished_at or proposal.created_at).date()
    reference, rates = reference_on(session, day), rates_of(session, proposal)
    stakes = stakes_of(session, proposal, reference)
    if not stakes:
        return None
    years = int(proposal.summary["horizon_years"])
    hosts = {host for stake in stakes for host, _ in stake.need_by_host}
    worth = worth_of(session, {stake.building_id for stake in stakes} | hosts)
    receipts, without = _receipts(stakes, worth, reference), _without_receipt(stakes, worth)
    is_unsold = not receipts and any(row.is_unknown for row in without)
    delay = round(reference.figure("sale_delay_years"))
    lines = _lines(stakes, years)
    sold = [] if is_unsold else _receipt_lines(receipts, delay, years)
    carbon = carbon_of(stakes, worth, problem_of(proposal), reference)
    saved = carbon.saved_per_year
    social = None
    if saved is not None:
        line = yearly("Value of carbon avoided", to_pence(saved * carbon.value_per_tonne), years)
        social = curve(ALL, [*lines, *sold, line], rates)
    case = _case(stakes, receipts, reference, rates, years, delay)
    return Appraisal(
        stakes=tuple(stakes),
        cash=curve(ALL, lines, rates),
        with_receipts=None if is_unsold else curve(ALL, [*lines, *sold], rates),
        social=social,
        receipts=tuple(receipts),
        without_receipt=tuple(without),
        receipt_year=delay,
        backlog=tuple(
            (stake.building_id, stake.name, worth.get(stake.building_id, Worth()).backlog_cost)
            for stake in stakes
            if stake.is_emptied
        ),
        carbon=carbon,
        spread=spread(case, draws=DRAWS, seed=SEED),
        swings=tuple(tornado(case)),
        facts=tuple(facts_worth_knowing(case)),
        assumptions=tuple(sorted({**reference.used, **dict(proposal.summary.get("assumptions", []))}.items())),
        years=years,
        price_year=day.year if day.month >= get_settings().financial_year_start_month else day.year - 1,
    )


def _lines(stakes: Sequence[Stake], years: int) -> list[Line]:
    bias = sum((stake.optimism_bias for stake in stakes), NOTHING)
    moves = sum((stake.move_cost for stake in stakes), NOTHING)
    return [
        one_off("Moves and fit-out before optimism bias", moves - bias, years),
        one_off("Optimism bias", bias, years),
        one_off("Rent that stays due", sum((stake.leaving_cost for stake in stakes), NOTHING), years),
        yearly("Running cost released", sum((stake.released_per_year for stake in stakes), NOTHING), years),
        yearly("Running cost added in hosts", -sum((stake.added_per_year for stake in stakes), NOTHING), years),
    ]


def _receipt_lines(receipts: Sequence[Receipt], year: int, years: int) -> list[Line]:
    gross = sum((receipt.gross for receipt in receipts), NOTHING)
    costs = sum((receipt.sale_cost for receipt in receipts), NOTHING)
    return [in_year("Receipts, gross", gross, year, years), in_year("Costs of sale", -costs, year, years)]


def _receipts(stakes: Sequence[Stake], worth: Mapping[int, Worth], reference: Reference) -> list[Receipt]:
    found = []
    for stake in stakes:
        own = worth.get(stake.building_id, Worth())
        if stake.is_emptied and own.is_owned and own.value is not None:
            cost = to_pence(float(own.value) * reference.figure("sale_cost_ratio"))
            found.append(Receipt(stake.building_id, stake.name, own.value, cost, own.value_basis))
    return found


def _without_receipt(stakes: Sequence[Stake], worth: Mapping[int, Worth]) -> list[NoReceipt]:
    found = []
    for stake in stakes:
        own = worth.get(stake.building_id, Worth())
        if stake.is_emptied and not (own.is_owned and own.value is not None):
            is_unknown, reason = WHY_NO_RECEIPT[own.is_owned]
            found.append(NoReceipt(stake.building_id, stake.name, is_unknown, reason))
    return found


def _case(
    stakes: Sequence[Stake],
    receipts: Sequence[Receipt],
    reference: Reference,
    rates: Rates,
    years: int,
    delay: int,
) -> Case:
    """Terms by building, so that each can be left out, and the ranges of what is uncertain about them."""
    terms: list[Term] = []
    inputs = {
        RATE: _input(RATE, "Discount rate", "discount_rate", reference, likely=0.0),
        "moves": _input("moves", "Cost of moves and fit-out", "move_cost", reference),
        "hosting": _input("hosting", "Running cost added in hosts", "hosting_cost", reference),
        "benchmark": _input("benchmark", "Benchmark of running cost", "running_cost_benchmark", reference),
    }
    for stake in stakes:
        place = str(stake.building_id)
        kind = "estimated" if stake.is_cost_estimate else "recorded"
        own = _own(stake, "running cost", f"running_cost_{kind}", reference)
        rent = _own(stake, "rent and lease break", "leaving_cost", reference)
        shared = (own.key, "benchmark") if stake.is_cost_estimate else (own.key,)
        for line, keys in (
            (yearly("Running cost released", stake.released_per_year, years), shared),
            (yearly("Running cost added in hosts", -stake.added_per_year, years), ("hosting",)),
            (one_off("Moves and fit-out", stake.move_cost, years), ("moves",)),
            (one_off("Rent that stays due", stake.leaving_cost, years), (rent.key,)),
        ):
            if any(line.by_year):
                terms.append(Term(line.name, line.by_year, keys, place))
                inputs |= {each.key: each for each in (own, rent) if each.key in keys}
    for receipt in receipts:
        stake = next(stake for stake in stakes if stake.building_id == receipt.building_id)
        sale = _own(stake, "valuation", "receipts", reference)
        line = in_year("Receipt, net", receipt.net, delay, years)
        terms.append(Term(line.name, line.by_year, (sale.key,), str(receipt.building_id)))
        inputs[sale.key] = sale
    used = {RATE, *(key for term in terms for key in term.inputs)}
    empty = Term("Nothing", (NOTHING,) * (years + 1))
    return Case(terms or [empty], [each for key, each in inputs.items() if key in used], rates)


def _own(stake: Stake, field: str, code: str, reference: Reference) -> Input:
    """An input of one building."""
    place = str(stake.building_id)
    label = f"{field.capitalize()} of {stake.name}"
    return _input(f"{place}: {field}", label, code, reference, place=place, field=field)


def _input(
    key: str, label: str, code: str, reference: Reference, *, likely: float = 1.0, place: str = "", field: str = ""
) -> Input:
    low, high = (reference.figure(f"range_{code}_{end}") for end in ("low", "high"))
    return Input(key, label, low, likely, high, place, field)
