"""The sheet as PDF or PNG, set by Typst: one program makes both from the same page, so they never differ.

Every text reaches it as data (JSON), never as markup: a building called `#read("/etc/passwd")` is set as that name. The
page and its data are files in memory; no path, package or address of the host is named, so none is read.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst

from estate.errors import EstateError
from estate.gis.paper.drawing import Drawn
from estate.gis.paper.sheets import FOOT_MM, GAP_MM, HEAD_MM, MARGIN_MM, STRIP_MM, Sheet

PAGE = Path(__file__).with_name("sheet.typ")
PNG_PIXELS_PER_INCH = 200.0
Form = Literal["pdf", "png"]


class CannotBeSet(EstateError):
    """This map could not be put on a sheet. Try fewer buildings or a smaller area; if that fails, tell who runs it."""


@dataclass(frozen=True)
class Words:
    """What stands on the sheet besides the map."""

    title: str
    subtitle: str
    summary: str
    """What the map shows, in sentences; also told to who cannot see it."""
    legends: list[dict[str, Any]]
    """As `legend_on_paper` gives them."""
    notes: list[str]
    """Lines at the foot: source, filters, how the register was read."""
    mark: str = ""
    """A word of warning beside the title, such as `Synthetic data`."""


def typeset(sheet: Sheet, drawn: Drawn, words: Words, form: Form, made_at: datetime) -> bytes:
    """The whole sheet. PDF: tagged, PDF/UA where every letter has a font. Raises `CannotBeSet`."""
    # Typst takes only times with a fixed offset, in whole seconds.
    made_at = datetime.fromisoformat(made_at.isoformat(timespec="seconds"))
    data = _data(sheet, drawn, words, made_at)
    files = {"main.typ": PAGE.read_bytes(), "data.json": json.dumps(data).encode(), "map.svg": drawn.svg}
    if form == "png":
        return _compiled(files, format="png", ppi=PNG_PIXELS_PER_INCH)
    try:
        return _compiled(files, format="pdf", pdf_standards=["ua-1"], timestamp=made_at)
    except CannotBeSet:
        # A name in a script that no font here has may stand in no PDF/UA; it is tagged all the same.
        return _compiled(files, format="pdf", timestamp=made_at)


def _compiled(files: dict[str, bytes], **options: Any) -> bytes:
    try:
        made = typst.compile(files, **options)
    except typst.TypstError as error:
        raise CannotBeSet from error
    if not isinstance(made, bytes):
        raise CannotBeSet
    return made


def _data(sheet: Sheet, drawn: Drawn, words: Words, made_at: datetime) -> dict[str, Any]:
    placing = drawn.placing
    return {
        **asdict(words),
        "sheet": {**asdict(sheet), "size": sheet.size, "is_wide": sheet.is_wide, "map_mm": sheet.map_mm},
        "lengths": {"margin": MARGIN_MM, "head": HEAD_MM, "foot": FOOT_MM, "gap": GAP_MM, "strip": STRIP_MM},
        "labels": [asdict(label) for label in drawn.labels],
        "scale": f"1:{placing.denominator:,}",
        "bar_mm": placing.bar_mm,
        "bar_texts": [_length(placing.bar_m * part / 2) for part in range(3)],
        "north_degrees": placing.north_degrees,
        "year": made_at.year,
        "month": made_at.month,
        "day": made_at.day,
    }


def _length(metres: float) -> str:
    return "0" if not metres else f"{metres / 1000:,g} km" if metres >= 1000 else f"{metres:,g} m"
