"""The phase of a check that compares the fields of one row with each other."""

from estate.register.imports.fields import FIELDS
from estate.register.imports.state import Check
from estate.register.imports.values import Problem


def compare_fields(run: Check) -> None:
    """Rules between two fields of one row."""
    _compare(
        run, "lease_start_on", "lease_end_on", "lease_ends_first",
        "The lease ends ({late}) before it starts ({early}). Correct one of the dates.",
    )  # fmt: skip
    _compare(
        run, "break_earliest_on", "break_last_on", "breaks_reversed",
        "The last break ({late}) comes before the earliest ({early}). Correct one of the dates.",
    )  # fmt: skip
    _compare(
        run, "period_start_on", "observed_on", "count_reversed",
        "The count ends ({late}) before it begins ({early}). Correct one of the dates.",
    )  # fmt: skip
    _compare(
        run, "hours_used", "hours_available", "hours_exceeded",
        "{early} hours were used, of only {late} that were available. Correct one of them.",
    )  # fmt: skip
    _compare(run, "average", "peak", "peak_below_average", "The peak ({late}) is below the average ({early}).")
    for needed, wanted in DATED:
        for name in wanted:
            for row, value in enumerate(run.values.get(name, [])):
                if value is not None and run.values.get(needed, [None] * run.count)[row] is None:
                    message = f"{FIELDS[name].title} needs a date. It was left out."
                    run.issue(row, FIELDS[needed].title, Problem("date_missing", message, False))


def _compare(run: Check, early: str, late: str, code: str, message: str) -> None:
    if early not in run.values or late not in run.values:
        return
    for row, (first, last) in enumerate(zip(run.values[early], run.values[late], strict=True)):
        if first is not None and last is not None and (last < first or (code == "lease_ends_first" and last == first)):
            text = message.format(early=first, late=last)
            run.issue(row, FIELDS[late].title, Problem(code, text), str(last))


DATED = (
    ("observed_on", ("capacity", "peak", "average", "hours_used")),
    ("valued_on", ("valuation",)),
    ("surveyed_on", ("condition_grade", "backlog_cost")),
    ("energy_rated_on", ("energy_band",)),
)
