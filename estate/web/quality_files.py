"""The tables of data quality as CSV; a share without a building behind it is an empty cell."""

import csv
import io
from collections.abc import Iterable, Sequence

from estate.exports.formats.csv_file import harmless
from estate.register.quality.evaluate import Shares, Work
from estate.web.quality_words import plain_sentence

SHARE_HEADER = (
    "name",
    "within",
    "buildings",
    "complete",
    "complete_share",
    "fresh",
    "fresh_share",
    "without_conflict",
    "without_conflict_share",
    "without_any_problem",
    "without_any_problem_share",
    "weighted_share_of_rules_kept",
)
WORK_HEADER = (
    "rule",
    "kind",
    "buildings",
    "of_buildings",
    "gbp_a_year",
    "gbp_known_of_buildings",
    "gbp_is_part_estimate",
    "weight",
    "sentence",
    "who_could_tell",
)


def write_shares(rows: Iterable[Shares]) -> str:
    """A line an agency or area."""
    cells = []
    for row in rows:
        line: list[object] = [row.name, row.within, row.building_count]
        for name in ("complete", "fresh", "agreeing", "good"):
            line += [getattr(row, f"{name}_count"), _rounded(row.share(name))]
        cells.append([*line, _rounded(row.score)])
    return _write(SHARE_HEADER, cells)


def write_work(lines: Iterable[Work]) -> str:
    """A line a rule that is broken."""
    return _write(
        WORK_HEADER,
        [
            [
                line.rule.code,
                line.rule.kind.value,
                line.count,
                line.asked_count,
                line.money,
                line.money_count,
                line.is_estimate,
                line.rule.weight,
                plain_sentence(line),
                line.rule.who,
            ]
            for line in lines
        ],
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _write(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + buffer.getvalue()
