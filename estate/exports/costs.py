"""The cost pages as tables: exactly the figures that they show."""

from decimal import ROUND_HALF_UP, Decimal

from estate.board.wording import financial_year
from estate.exports.tables import Cell, Column, Kind, Table
from estate.register.allocation import PENNY
from estate.register.cost_report import CostRow
from estate.register.cost_shares import Shares

COST_COLUMNS = (
    Column("financial_year"),
    Column("grouped_by", meaning="What a row is: category, payer, owner, area or building"),
    Column("key", meaning="Number or code of the group in this register"),
    Column("name"),
    Column("actual", Kind.NUMBER, "GBP paid, as far as it is known"),
    Column("actual_is_estimate", Kind.YES_NO, "Some part is an estimate, or was apportioned by months"),
    Column("budget", Kind.NUMBER, "GBP"),
    Column("forecast", Kind.NUMBER, "GBP"),
    Column("compared_actual", Kind.NUMBER, "GBP, of the lines with both figures"),
    Column("compared_budget", Kind.NUMBER, "GBP, of the lines with both figures"),
    Column("variance", Kind.NUMBER, "Actual less budget, GBP, of the lines with both figures"),
    Column("lines", Kind.WHOLE, "Lines (building, payer, category) with any figure"),
    Column("lines_compared", Kind.WHOLE),
    Column("lines_left_out", Kind.WHOLE, "Lines of which a year that they need is unknown"),
)
SHARE_COLUMNS = (
    Column("financial_year"),
    Column("method", meaning="area or heads"),
    Column("agency"),
    Column("pays", Kind.NUMBER, "GBP"),
    Column("share", Kind.NUMBER, "GBP that its share would be, where it is known"),
    Column("difference", Kind.NUMBER, "What it pays less its share, GBP, over the buildings compared"),
    Column("buildings_compared", Kind.WHOLE, "Buildings of which every occupier's share is known"),
    Column("buildings_paid", Kind.WHOLE),
    Column("buildings_shared", Kind.WHOLE),
    Column("buildings_unknown", Kind.WHOLE, "Buildings where it sits and its share is unknown"),
)


def costs_table(rows: list[CostRow], year_start: int | None, grouping: str, *, notes: tuple[str, ...] = ()) -> Table:
    """The rows of a report."""
    year = financial_year(year_start) if year_start else None
    return Table(
        "budget_and_actual",
        "Budget and actual",
        COST_COLUMNS,
        [{"financial_year": year, "grouped_by": grouping, **_cost_row(row)} for row in rows],
        notes=notes,
    )


def _cost_row(row: CostRow) -> dict[str, Cell]:
    money = ("actual", "budget", "forecast", "compared_actual", "compared_budget", "variance")
    return {
        "key": None if row.key is None else str(row.key),
        "name": row.name,
        "actual_is_estimate": None if row.actual is None else row.is_estimate or row.is_apportioned,
        **{name: _pennies(getattr(row, name)) for name in money},
        "lines": row.line_count,
        "lines_compared": row.compared_count,
        "lines_left_out": row.open_count,
    }


def shares_table(
    shares: Shares | None, year_start: int | None, names: dict[int, str], *, notes: tuple[str, ...] = ()
) -> Table:
    """One row an agency, and a last one for what nobody's share is. Empty where nothing could be worked out."""
    rows: list[dict[str, Cell]] = []
    if shares is not None:
        head = {"financial_year": financial_year(year_start) if year_start else None, "method": shares.method.value}
        for agency_id, one in sorted(shares.agencies.items(), key=lambda pair: names[pair[0]].casefold()):
            rows.append(
                {
                    **head,
                    "agency": names[agency_id],
                    "pays": one.pays,
                    "share": one.share if one.share_count else None,
                    "difference": one.difference,
                    "buildings_compared": one.compared_count,
                    "buildings_paid": one.pays_count,
                    "buildings_shared": one.share_count,
                    "buildings_unknown": one.unknown_count,
                }
            )
        last: dict[str, Cell] = dict.fromkeys(column.name for column in SHARE_COLUMNS)
        rows.append({**last, **head, "agency": "Unallocated", "share": shares.unallocated})
    return Table("cost_shares", "What each agency's share would be", SHARE_COLUMNS, rows, notes=notes)


def _pennies(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(PENNY, ROUND_HALF_UP)
