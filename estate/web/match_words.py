"""Two records in words: which words differ, and what a decision is called."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from estate.register.matches.chosen import chosen_value
from estate.register.matches.origins import Origin
from estate.register.matches.pair import Pair, Side
from estate.register.models import Building, UseClass
from estate.web.database import current_session
from estate.web.filters import UNKNOWN, area_m2, day, money, number, words

VERDICTS = {
    "same": "the same building",
    "same_site": "two buildings on one site",
    "part_of": "one is a part of the other",
    "different": "different buildings",
    "unsure": "not sure",
}

LABELS = {
    "uprn": "UPRN",
    "use_class_code": "Use",
    "gross_internal_area_m2": "Gross internal area",
    "net_internal_area_m2": "Net internal area",
    "built_year": "Built",
    "location": "Position",
    "condition": "Condition",
    "dec": "Display energy certificate",
    "epc": "Energy performance certificate",
}


@dataclass(frozen=True)
class Word:
    """A word of a text, and whether the other text lacks it."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
    """One line of the comparison."""

    label: str
    low: list[Word]
    high: list[Word]
    note: str = ""
    """A warning that stands below both."""


def field_label(name: str) -> str:
    """A field's name for people."""
    return LABELS.get(name) or words(name)


def shown_value(name: str, record: Building, value: Any) -> Any:
    """A record's value of a field in words."""
    if value is None:
        return UNKNOWN
    if name.endswith("_area_m2"):
        return area_m2(value)
    if name == "use_class_code":
        use = record.use_class if record.use_class_code == value else current_session().get(UseClass, value)
        return use.name if use else value
    return words(value) if name in ("status", "location") else value


def origin_words(origin: Origin | None) -> str:
    """Since when a record says a value, and by which file or whose hand."""
    if origin is None:
        return ""
    told = [f"since {day(origin.since)}" if not origin.source else day(origin.since)] if origin.since else []
    if origin.file:
        told.append(f"{origin.file.file_name}{f', row {number(origin.line)}' if origin.line else ''}")
    elif origin.source:
        told.append(origin.source)
    else:
        told.append(f"entered by {origin.person}" if origin.person else "not from a file")
    return ", ".join(told)


def compared(pair: Pair) -> list[Row]:
    """The lines of the comparison, with the words that differ."""
    notes = {
        "Street": "The house numbers clash." if pair.numbers_clash else "",
        "UPRN": _uprn_note(pair),
    }
    return [
        Row(label, *differing(text(pair.low), text(pair.high)), notes.get(label, "")) for label, text in LINES.items()
    ]


def differing(one: str, other: str) -> tuple[list[Word], list[Word]]:
    """The words of two texts; a word differs where the other text has it less often, whatever its case."""
    sides = one.split(), other.split()
    counts = [Counter(_folded(word) for word in side) for side in sides]
    if not one or not other:
        return [Word(word, False) for word in sides[0]], [Word(word, False) for word in sides[1]]
    return _marked(sides[0], counts[1]), _marked(sides[1], counts[0])


def _marked(side: list[str], others: Counter[str]) -> list[Word]:
    left, found = others.copy(), []
    for word in side:
        key = _folded(word)
        found.append(Word(word, left[key] <= 0))
        left[key] -= 1
    return found


def _folded(word: str) -> str:
    return word.strip(".,;:()'\"").casefold() or word


def _uprn_note(pair: Pair) -> str:
    low, high = pair.low, pair.high
    if not low.record.uprn or not high.record.uprn:
        return ""
    if low.record.uprn != high.record.uprn:
        return "The UPRNs differ."
    others = low.uprn_others - 1
    if others <= 0:
        return "No other record has this UPRN."
    return f"{number(others)} more record{' has' if others == 1 else 's have'} this UPRN: it may stand for a site."


LINES: dict[str, Callable[[Side], str]] = {
    "Name": lambda side: side.record.name,
    "Street": lambda side: side.record.street or "",
    "Town": lambda side: side.record.post_town or "",
    "Postcode": lambda side: side.record.postcode or "",
    "UPRN": lambda side: side.record.uprn or "",
    "Use": lambda side: side.record.use_class.name if side.record.use_class else "",
    "Status": lambda side: words(side.record.status),
    "Held by": lambda side: "; ".join(side.holders),
    "Who sits here": lambda side: "; ".join(side.occupiers),
    "Gross internal area": lambda side: (
        area_m2(side.record.gross_internal_area_m2) if side.record.gross_internal_area_m2 else ""
    ),
    "Running cost": lambda side: money(side.annual_cost) if side.annual_cost is not None else "",
    "Last changed": lambda side: day(side.record.changed_at),
}


def says_words() -> dict[str, Any]:
    """What the table of what each agency says needs."""
    return {
        "field_label": field_label,
        "shown_value": shown_value,
        "origin_words": origin_words,
        "chosen_value": chosen_value,
    }
