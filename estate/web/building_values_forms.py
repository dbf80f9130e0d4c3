"""The form in which a steward chooses what a building shows in one field."""

from typing import Any

from sqlalchemy.orm import Session
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields import Field as FormField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from estate.register.matches.overrides import TYPED, FromRecord
from estate.register.matches.said import Field
from estate.register.models import BuildingStatus
from estate.register.queries import list_use_classes
from estate.web.filters import words
from estate.web.form_fields import AmountField, CoordinateField, WholeNumberField, reason_field, set_choices
from estate.web.forms import Form
from estate.web.match_words import origin_words, shown_value

ANOTHER = "typed"


class ChoiceForm(Form):
    """A record's value or another, and why."""

    given = RadioField("The building shows", validators=[InputRequired("Choose a value")])
    reason = reason_field()
    seen = IntegerField(validators=[Optional()], widget=HiddenInput())
    back = HiddenField()


class TakeBackForm(Form):
    """Why the records are to decide again."""

    reason = reason_field()
    back = HiddenField()


def choice_form(field: Field, session: Session) -> Any:
    """The form for this field, with what its records say; it offers to type a value where one may be typed."""
    own: dict[str, FormField] = {}
    if field.name == "location":
        own = {"latitude": CoordinateField("Latitude"), "longitude": CoordinateField("Longitude")}
    elif field.name in TYPED:
        own = {ANOTHER: _typed_field(field.name)}
    form = type("ChoiceFormOfField", (ChoiceForm,), own)()
    choices = [
        (value.record.id, f"{shown_value(field.name, value.record, value.value)}: {_who(value)}")
        for value in field.known
    ]
    set_choices(form.given, [*choices, *([(ANOTHER, "Another value")] if own else [])])
    if field.name == "use_class_code":
        set_choices(form[ANOTHER], [(use.code, use.name) for use in list_use_classes(session)], unknown="Choose a use")
    if field.name == "status":
        kept = [status for status in BuildingStatus if status is not BuildingStatus.RETIRED]
        set_choices(form[ANOTHER], [(status.value, words(status)) for status in kept])
    return form


def _who(value: Any) -> str:
    told = origin_words(value.origin)
    return f"{value.record.agency.name}{f' ({told})' if told else ''}"


def _typed_field(name: str) -> Any:
    if name in ("use_class_code", "status"):
        return SelectField("Another value", validators=[Optional()])
    if name.endswith("_area_m2"):
        return AmountField("Another value", render_kw={"suffix": "m²", "width": 10})
    if name == "built_year":
        return WholeNumberField("Another value", render_kw={"width": 4})
    return StringField("Another value", validators=[Length(max=200)])


def given_value(form: Any, name: str) -> Any:
    """What was chosen, as `choose_value` takes it."""
    if form.given.data != ANOTHER:
        return FromRecord(int(form.given.data))
    if name == "location":
        return {"latitude": form.latitude.data, "longitude": form.longitude.data}
    typed = form[ANOTHER].data
    return BuildingStatus(typed) if name == "status" and typed else typed
