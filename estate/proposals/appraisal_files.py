"""An appraisal as a table and as plain JSON, for files and programs."""

from dataclasses import asdict
from typing import Any

from pandas import DataFrame

from estate.appraise.cash import Curve
from estate.proposals.appraisal import Appraisal


def lines_frame(found: Appraisal) -> DataFrame:
    """Columns `line year_0 year_1 ...`: every line that is known, to the penny, then their sum."""
    whole = found.whole
    rows = [*((line.name, *line.by_year) for line in whole.lines), ("Sum", *whole.by_year)]
    return DataFrame(rows, columns=["line", *(f"year_{year}" for year in range(found.years + 1))])


def document_of(found: Appraisal) -> dict[str, Any]:
    """The appraisal as plain JSON; money as text, so that no penny is lost."""
    return {
        "price_year": found.price_year,
        "years": found.years,
        "cash": _curve(found.cash),
        "with_receipts": _curve(found.with_receipts) if found.with_receipts else None,
        "social": _curve(found.social) if found.social else None,
        "receipts": [{**asdict(row), "net": row.net} for row in found.receipts],
        "without_receipt": [asdict(row) for row in found.without_receipt],
        "backlog_avoided": found.backlog_avoided,
        "carbon": {
            "tonnes_saved_per_year": found.carbon.saved_per_year,
            "value_per_tonne": found.carbon.value_per_tonne,
            "buildings": [{**asdict(row), "saved": row.saved} for row in found.carbon.buildings],
        },
        "spread": asdict(found.spread),
        "tornado": [asdict(swing) for swing in found.swings],
        "facts_worth_surveying": [asdict(fact) for fact in found.facts],
        "assumptions": dict(found.assumptions),
    }


def _curve(found: Curve) -> dict[str, Any]:
    return {
        "lines": {line.name: line.by_year for line in found.lines},
        "by_year": found.by_year,
        "net_present_value": found.net_present_value,
        "saved_per_pound": found.saved_per_pound,
        "payback_year": found.payback_year,
    }
