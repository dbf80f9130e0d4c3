"""A view's sheet of paper: the map at a round scale, and in words what it shows, from where and to whom."""

from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select

from estate.gis.paper import Drawn, Sheet, Words, draw, labels_of, legend_on_paper, place, typeset
from estate.people.models import Agency
from estate.register.seen import viewer_of
from estate.web.as_at import as_it_was, today
from estate.web.base_map import left_out_note
from estate.web.database import current_session
from estate.web.filters import LOCAL_TIME, day
from estate.web.map_documents import map_caption, source_of
from estate.web.map_scenes import Told
from estate.web.map_words import subtitle_of
from estate.web.maps_forms import MapQuestion
from estate.web.names import Choices, text_of
from estate.web.programmes import current_programme
from estate.web.sensitivity import restricted_note

UNITED_KINGDOM = (-8.7, 49.8, 1.8, 60.9)
"""What a sheet shows where the view has nothing to show."""
MOST_NAMES = 3


def sheet_bytes(question: MapQuestion, choices: Choices, told: Told, sheet: Sheet, form: str) -> bytes:
    """The sheet as `pdf` or `png`. Raises `CannotBeSet`."""
    drawn = Drawn(place(told.scene.bounds or UNITED_KINGDOM, sheet.map_mm))
    count = sum(len(layer.frame) for layer in told.scene.layers if layer.role == "building")
    radius_mm = 0.8 if count > 600 else 1.0 if count > 150 else 1.4
    for layer in told.scene.layers:
        draw(drawn, layer.frame, layer.looks, radius_mm=radius_mm)
        drawn.labels += labels_of(drawn.placing, layer.frame)
    words = Words(
        title=told.title,
        subtitle=subtitle_of(question, choices),
        summary=" ".join(told.summary),
        legends=[legend_on_paper(legend) for legend in told.scene.legends],
        notes=[
            *_sources(question, told),
            filters_line(question, choices),
            reading_line(),
            " ".join(filter(None, [*_left_out(question), *told.notes, left_out_note()])),
        ],
        mark="Synthetic data" if map_caption("").is_synthetic else "",
    )
    return typeset(sheet, drawn, words, cast(Literal["pdf", "png"], form), datetime.now(LOCAL_TIME))


def _sources(question: MapQuestion, told: Told) -> list[str]:
    return [" ".join(filter(None, [f"{source_of(question)}.", told.outlines, f"Made on {day(today())} with Estate."]))]


def filters_line(question: MapQuestion, choices: Choices) -> str:
    """`Filters: Agency: Town council; Use: Office.`; says so where there are none."""
    parts = [text_of(name, value, choices) for name, value in question.filters.chosen.items()]
    return f"Filters: {'; '.join(parts) or 'none'}."


def reading_line() -> str:
    """How the register was read: which day, which programme, with whose eyes."""
    programme = current_programme()
    parts = [f"the register {as_it_was()}" if as_it_was() else f"the register on {day(today())}"]
    if programme:
        parts.append(f"programme {programme.name}")
    viewer = viewer_of(current_session())
    ids = viewer.agency_ids if viewer else frozenset()
    names = current_session().scalars(select(Agency.name).where(Agency.id.in_(ids)).order_by(Agency.name)).all()
    if not names:
        return f"Reading: {', '.join(parts)}."
    others = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    who = f"{', '.join(names[:MOST_NAMES])}{others}"
    return f"Reading: {', '.join(parts)}, as {who} may see it. Pass it on only to those who may see the same."


def _left_out(question: MapQuestion) -> list[str]:
    note = restricted_note(question.filters) if question.area is None else ""
    return [note] if note else []
