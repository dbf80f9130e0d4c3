"""A legend as a sheet takes it: its words, and for each entry a sample."""

from typing import Any

from estate.gis.maps.legend import Legend
from estate.gis.paper.drawing import swatch

LONGEST = 70


def legend_on_paper(legend: Legend) -> dict[str, Any]:
    """`title`, `note`, and `entries` of `text`, `count` (text, may be empty) and `swatch` (SVG)."""
    entries = [
        {
            "text": entry.text if len(entry.text) <= LONGEST else f"{entry.text[: LONGEST - 1]}…",
            "count": "" if entry.count is None else f"({entry.count:,})",
            "swatch": swatch(entry.look).decode(),
        }
        for entry in legend.entries
    ]
    return {"title": legend.title, "note": legend.note, "entries": entries}
