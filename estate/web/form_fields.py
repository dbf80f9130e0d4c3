"""Form fields that read what people type: amounts with commas and pound signs, whole numbers, dates."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import Field
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, StopValidation
from wtforms.widgets import HiddenInput, TextInput

HUNDREDTH = Decimal("0.01")
LARGEST = Decimal(10) ** 13


class AmountField(Field):  # type: ignore[misc,unused-ignore]
    """A decimal number with two places; commas, spaces, `£` and `m²` are left out. Empty is None: unknown."""

    widget = TextInput()
    inputmode = "decimal"

    def process_formdata(self, values: list[str]) -> None:
        """Read what was typed."""
        self.data, self.typed = None, values[0] if values else ""
        plain = self.typed
        for mark in (",", " ", "\N{NO-BREAK SPACE}", "£", "m²"):
            plain = plain.replace(mark, "")
        if not plain:
            return
        try:
            amount = Decimal(plain)
        except InvalidOperation:
            raise ValueError("Enter a number, such as 1250 or 1,250.50") from None
        if not amount.is_finite() or abs(amount) > LARGEST:
            raise ValueError("Enter a number, such as 1250 or 1,250.50")
        self.data = amount.quantize(HUNDREDTH)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data).normalize():f}"


class CoordinateField(AmountField):
    """Degrees; as many places as were typed. Empty is None."""

    def process_formdata(self, values: list[str]) -> None:
        """Read what was typed."""
        self.data = None
        text = values[0].strip() if values else ""
        if text:
            try:
                self.data = float(text)  # type: ignore[assignment]
            except ValueError:
                raise ValueError("Enter degrees as a number, such as 53.4631") from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.6f}".rstrip("0").rstrip(".")


class WholeNumberField(Field):  # type: ignore[misc,unused-ignore]
    """A whole number. Empty is None: unknown."""

    widget = TextInput()
    inputmode = "numeric"

    def process_formdata(self, values: list[str]) -> None:
        """Read what was typed."""
        text = (values[0] if values else "").replace(",", "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            self.data = None
            raise ValueError("Enter a whole number, such as 25")
        self.data = int(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class DayField(Field):  # type: ignore[misc,unused-ignore]
    """A date, as browsers send it (2027-03-31). Empty is None."""

    widget = TextInput()
    html_type = "date"

    def process_formdata(self, values: list[str]) -> None:
        """Read what was typed."""
        self.data = None
        text = (values[0] if values else "").strip()
        if text:
            try:
                self.data = date.fromisoformat(text)
            except ValueError:
                raise ValueError("Enter a date as year-month-day, such as 2027-03-31") from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""


def text_field(label: str, length: int = 200, **options: Any) -> StringField:
    """An optional line of text."""
    return StringField(label, [Optional(), Length(max=length)], **options)


def needed_text_field(label: str, message: str, length: int = 200, **options: Any) -> StringField:
    """A line of text that must be filled in, else `message`."""
    return StringField(label, [Filled(message), Length(max=length)], **options)


def choice_field(label: str, **options: Any) -> SelectField:
    """A choice of codes that may stay unknown; the view sets `choices` with `set_choices`."""
    return SelectField(label, coerce=lambda value: value or None, **options)


def set_choices(field: Any, choices: Iterable[Any], *, unknown: str | None = None) -> None:
    """Offer `choices`, pairs of value and text; before them, where `unknown` is given, an entry for that."""
    first = [] if unknown is None else [SelectChoice("", unknown)]
    field.choices = [*first, *(SelectChoice(str(value), text) for value, text in choices)]


class Filled:
    """The text is there, and is more than blanks."""

    field_flags = {"required": True}  # noqa: RUF012  (wtforms reads it from the class)

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        """Check."""
        if not (field.data or "").strip():
            raise StopValidation(self.message)


def reason_field(description: str = "It is kept in the building's history, with your name.") -> TextAreaField:
    """Why a change is made: never optional."""
    return TextAreaField(
        "Reason for this change", [Filled("Say why you make this change"), Length(max=2000)], description=description
    )


def version_field() -> IntegerField:
    """The version that the form's values were read from."""
    return IntegerField("Version", [Optional()], widget=HiddenInput())
