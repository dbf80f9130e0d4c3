"""The form of the mapping screen, made of the draft that it shows, and the mapping that it says."""

from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from estate.register.imports.fields import DATES, FIELDS
from estate.register.imports.mapping.content import ColumnFacts
from estate.register.imports.mapping.drafts import token_of
from estate.register.imports.mapping.guess import AREAS, FILLED_DOWN, NOTHING, Guess
from estate.register.imports.mapping.kinds import COST, KINDS, kind_of, known_uses
from estate.register.imports.mapping.profile import facts_in, guessed_anew, guesses_in
from estate.register.imports.mapping.spec import ColumnUse, Mapping, needs_year
from estate.register.imports.mapping.words import codes_of, fold_word, guess_word, is_coded
from estate.settings import get_settings
from estate.web.form_fields import needed_text_field, text_field
from estate.web.forms import Form

UNITS = [("m2", "in square metres"), ("sqft", "in square feet")]
ORDERS = [
    ("", "01/02 is refused: it could be two days"),
    ("day_first", "day first: 01/02 is 1 February"),
    ("month_first", "month first: 01/02 is 2 January"),
]
PARTS = {
    "building": "Building",
    "position": "Position",
    "interest": "Tenure and lease",
    "occupation": "Occupation",
    "occupancy": "Occupancy",
    "condition": "Condition",
    "energy": "Energy",
    "valuation": "Valuation",
    "cost": "Running costs",
}
YEARS_BACK = 15
LEAVE_OUT = "Leave this column out"


@dataclass
class WordChoice:
    """One word of a coded column: how many rows have it, the field that says what it means, and the guess."""

    word: str
    count: int
    field: Any
    why: str


@dataclass
class ColumnChoice:
    """One column on the screen: its facts, its guess, and the fields that correct it."""

    place: int
    facts: ColumnFacts
    guess: Guess
    column: ColumnUse
    use: Any
    details: list[Any] = field(default_factory=list)
    words: list[WordChoice] = field(default_factory=list)

    @property
    def certainty(self) -> str:
        """How sure the guess is, in a word; "" where the column was said to be something else."""
        if self.column.use != self.guess.use:
            return "yours"
        if self.guess.use == NOTHING:
            return ""
        return "sure" if self.guess.confidence >= 0.9 else "likely" if self.guess.confidence >= 0.7 else "check"


Vocabularies = MappingType[str, MappingType[str, str]]


class MappingScreen:
    """The form and what stands around its fields."""

    def __init__(self, draft: Mapping, profile: MappingType[str, Any], vocabularies: Vocabularies, name: str) -> None:
        self.draft, self.vocabularies = draft, vocabularies
        self.profile, self.facts = profile, facts_in(profile)
        self.guesses = guesses_in(profile, draft.rows, vocabularies)
        self.groups = use_groups(vocabularies, draft.rows)
        self.form = self._form_class()(data=self._data(name))
        self.columns = [self._choice(place) for place in range(len(self.facts))]

    @property
    def constants(self) -> list[Any]:
        """The fields of what holds for all rows."""
        return [self.form[name] for name in self._constant_names if name in self.form]

    @property
    def lacks_year(self) -> bool:
        """Whether costs can't be read yet, because nothing says of which year they are."""
        return needs_year(self.draft)

    @property
    def _constant_names(self) -> tuple[str, ...]:
        return ("year", *self.draft.kind.constants, "srid")

    def mapping(self) -> Mapping:
        """What the form says; guessed anew where the rows were just said to be something else."""
        if self.form.data["rows"] != self.draft.rows:
            return guessed_anew(self.profile, self.form.data["rows"], self.vocabularies)
        columns = tuple(self._column(choice) for choice in self.columns)
        words = {
            choice.facts.name: {fold_word(word.word): word.field.data or "" for word in choice.words}
            for choice in self.columns
            if choice.words and choice.use.data == choice.column.use
        }
        data = self.form.data
        constants = {name: data[name].strip() for name in self._constant_names if data.get(name)}
        return Mapping(columns, words, constants, bool(data["is_lenient"]), self.draft.rows)

    def add_problems(self, fields: MappingType[str, str]) -> None:
        """Show what `BadMapping` says beside its fields."""
        self.form.add_errors({(f"use_{name}" if name.isdigit() else name): message for name, message in fields.items()})

    def _column(self, choice: ColumnChoice) -> ColumnUse:
        data, place, use = self.form.data, choice.place, choice.use.data or NOTHING
        if use != choice.column.use:
            return self._anew(choice, use)
        year = data.get(f"year_{place}")
        return ColumnUse(
            choice.facts.name,
            use,
            unit=data.get(f"unit_{place}") or "",
            dates=data.get(f"dates_{place}") or "",
            year=int(year) if year else None,
            is_filled_down=bool(data.get(f"down_{place}")),
        )

    def _anew(self, choice: ColumnChoice, use: str) -> ColumnUse:
        """A column that was just said to be something else: the details begin from what its cells show."""
        unit = ("sqft" if choice.facts.feet > 0.5 else "m2") if use in AREAS else ""
        year = choice.guess.year if use.startswith(COST) else None
        return ColumnUse(choice.facts.name, use, unit, choice.facts.dates if use in DATES else "", year)

    def _form_class(self) -> type[Form]:
        fields: dict[str, Any] = {
            "token": HiddenField(),
            "rows": _select("What one row of the file is", [(name, kind.title) for name, kind in KINDS.items()]),
            "action": StringField(validators=[Length(max=10)]),
            "name": needed_text_field("Remember this mapping as", "Enter a name for the mapping", 120,
                description="It is used by itself for the next file of this agency with the same header"),
            "is_lenient": BooleanField("Keep a row whose number or date can't be read, and that value as unknown",
                description="Otherwise the row is rejected, and you get it back to be mended"),
            "year": text_field("Financial year of the costs", 10, render_kw={"width": 10},
                description="Such as 2023-24, for costs of which no column or heading says it. Of this file only; "
                "guessed where a line above the header or the only dated heading names a year"),
        }  # fmt: skip
        for place, column in enumerate(self.draft.columns):
            fields |= self._column_fields(place, column)
        fields |= self._constant_fields()
        made: type[Form] = type("MappingForm", (Form,), fields)
        return made

    def _column_fields(self, place: int, column: ColumnUse) -> dict[str, Any]:
        categories = self.vocabularies.get("cost_category", {})
        uses = [(NOTHING, LEAVE_OUT), *known_uses(categories, self.draft.rows).items()]
        facts = self.facts[place]
        fields: dict[str, Any] = {f"use_{place}": _select(f"What “{column.name}” is", uses)}
        if column.use in AREAS:
            fields[f"unit_{place}"] = _select(f"Unit of “{column.name}”", UNITS)
        if column.use in DATES:
            fields[f"dates_{place}"] = _select(f"Dates of “{column.name}”", ORDERS)
        if column.use.startswith(COST):
            fields[f"year_{place}"] = _select(f"Year of “{column.name}”", _years(column.year))
        if column.use in (self.draft.kind.filled_down or FILLED_DOWN) and (facts.is_sparse or column.is_filled_down):
            fields[f"down_{place}"] = BooleanField("Empty cells mean the same as the cell above")
        if is_coded(column.use):
            codes = [("", "Not known"), *codes_of(column.use, self.vocabularies).items()]
            for number, (word, _) in enumerate(_distinct(facts)):
                fields[f"word_{place}_{number}"] = _select(f"What “{word}” means", codes)
        return fields

    def _constant_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            name: _select(
                f"{FIELDS[name].title} of rows that do not say it",
                [("", "Not known"), *codes_of(name, self.vocabularies).items()],
            )
            for name in self.draft.kind.constants
        }
        if {"x", "y"} & self.draft.uses:
            metric = get_settings().metric_srid
            systems = [
                ("", "As usual here"),
                ("4326", "Longitude and latitude"),
                (str(metric), f"EPSG:{metric}, metres"),
            ]
            fields["srid"] = _select("Coordinate system of X and Y", systems)
        return fields

    def _data(self, name: str) -> dict[str, Any]:
        draft = self.draft
        data: dict[str, Any] = {"token": token_of(draft), "name": name, "is_lenient": draft.is_lenient}
        data |= {"rows": draft.rows, **{field: draft.constants.get(field, "") for field in self._constant_names}}
        for place, column in enumerate(draft.columns):
            year = "" if column.year is None else str(column.year)
            data |= {
                f"use_{place}": column.use, f"unit_{place}": column.unit, f"dates_{place}": column.dates,
                f"year_{place}": year, f"down_{place}": column.is_filled_down,
            }  # fmt: skip
            words = draft.words.get(column.name, {})
            for number, (word, _) in enumerate(_distinct(self.facts[place])):
                data[f"word_{place}_{number}"] = words.get(fold_word(word), "")
        return data

    def _choice(self, place: int) -> ColumnChoice:
        form, column = self.form, self.draft.columns[place]
        names = (f"{kind}_{place}" for kind in ("unit", "dates", "year", "down"))
        words = [
            WordChoice(word, count, form[f"word_{place}_{number}"], self._why(column, word))
            for number, (word, count) in enumerate(_distinct(self.facts[place]))
            if f"word_{place}_{number}" in form
        ]
        details = [form[name] for name in names if name in form]
        return ColumnChoice(place, self.facts[place], self.guesses[place], column, form[f"use_{place}"], details, words)

    def _why(self, column: ColumnUse, word: str) -> str:
        guess = guess_word(column.use, word, self.vocabularies)
        is_same = self.draft.words.get(column.name, {}).get(fold_word(word), "") == guess.code
        return guess.why if is_same else "You said so"


def _select(label: str, choices: Iterable[tuple[str, str]]) -> SelectField:
    return SelectField(label, choices=[SelectChoice(value, text) for value, text in choices])


def _distinct(facts: ColumnFacts) -> list[tuple[str, int]]:
    """The words of a column, those together that differ in case and spacing only."""
    found: dict[str, tuple[str, int]] = {}
    for word, count in facts.words:
        first, before = found.get(fold_word(word), (word, 0))
        found[fold_word(word)] = (first, before + count)
    return list(found.values())


def _years(chosen: int | None) -> list[tuple[str, str]]:
    """Financial years to choose from, the latest first."""
    this = datetime.now(UTC).year
    years = {*range(this - YEARS_BACK, this + 2), *([chosen] if chosen else [])}
    return [
        ("", "the row's year, or the one below"),
        *((str(y), f"{y}-{(y + 1) % 100:02}") for y in sorted(years)[::-1]),
    ]


def use_groups(vocabularies: Vocabularies, rows: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column may be, in groups, for a select."""
    groups: dict[str, list[tuple[str, str]]] = {"": [(NOTHING, LEAVE_OUT)], "Needed": []}
    needed = kind_of(rows).needs or ("name",)
    for use, called in known_uses(vocabularies.get("cost_category", {}), rows).items():
        part = PARTS[FIELDS[use].part] if use in FIELDS else "Running costs" if use.startswith(COST) else "Building"
        groups.setdefault("Needed" if use in ("key", *needed) else part, []).append((use, called))
    return list(groups.items())


class ReadAgainForm(Form):
    """Another sheet, header line, encoding or delimiter."""

    sheet = SelectField("Sheet or table", validators=[InputRequired()])
    header_line = SelectField("The header is on", validators=[InputRequired()])
    encoding = SelectField("Encoding")
    delimiter = SelectField("Columns are separated by")


class SheetForm(Form):
    """The sheet to import besides."""

    sheet = StringField("Sheet", [InputRequired(), Length(max=300)])
