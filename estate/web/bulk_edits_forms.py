"""Forms of changes of many buildings: the new values, pasted rows, and what pasted columns mean."""

from typing import Any

from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from estate.register.edits.paste import MEANINGS
from estate.web.buildings_forms import BuildingForm
from estate.web.form_fields import Filled, reason_field, set_choices
from estate.web.forms import Form

LONGEST_PASTE = 3_000_000
REASON = "It is kept in the history of every building that changes, with your name."
YES_NO = [SelectChoice("yes", "Yes"), SelectChoice("no", "No")]
CHOSEN_FIELDS = (
    "use_class_code",
    "status",
    "gross_internal_area_m2",
    "net_internal_area_m2",
    "built_year",
    "street",
    "post_town",
    "postcode",
    "is_listed",
    "is_protected",
    "note",
)
"""What the same value for many buildings makes sense of."""


class SameValuesForm(BuildingForm):
    """Which facts of many buildings to change, and their new values; the others are left alone."""

    version: Any = None
    base_version: Any = None
    name: Any = None
    uprn: Any = None
    latitude: Any = None
    longitude: Any = None
    what = SelectMultipleField("What to change", [InputRequired("Tick what to change")])
    is_listed = SelectField("Listed building", choices=YES_NO)
    is_protected = SelectField("Protected: no proposal may empty it", choices=YES_NO)
    reason = reason_field(REASON)

    def fill_choices(self, session: Session) -> None:
        """Offer the fields, uses and statuses."""
        super().fill_choices(session)
        set_choices(self.what, [(name, self[name].label.text) for name in CHOSEN_FIELDS])
        for name in CHOSEN_FIELDS:
            self[name].label.text = f"New value: {self[name].label.text}"

    def validate_on_submit(self, *args: Any, **kwargs: Any) -> bool:
        """True when the form was sent and every ticked field is valid: nobody reads the others."""
        super().validate_on_submit(*args, **kwargs)
        chosen = {"what", "reason", "csrf_token", *(self.what.data or [])}
        for field in self:
            if field.name not in chosen:
                field.errors = ()
        return bool(self.is_submitted() and not any(field.errors for field in self))

    def chosen_values(self) -> dict[str, Any]:
        """The new value of each ticked fact; None where it becomes unknown."""
        names = [name for name in CHOSEN_FIELDS if name in (self.what.data or [])]
        values = {name: self[name].data if self[name].data != "" else None for name in names}
        for name in ("is_listed", "is_protected"):
            if name in values:
                values[name] = values[name] == "yes"
        if values.get("is_protected"):
            values["protected_reason"] = self.protected_reason.data or None
        return values


class PasteForm(Form):
    """Rows from a spreadsheet, with their headings."""

    text = TextAreaField(
        "Rows with their headings",
        [Filled("Paste the rows, with their headings in the first line"), Length(max=LONGEST_PASTE)],
        description="Copy the cells in your spreadsheet, headings included, and paste them here. At most 20,000 rows.",
        render_kw={"rows": 10, "spellcheck": False},
    )
    empty = RadioField(
        "Empty cells",
        choices=[SelectChoice("keep", "Leave the value as it is"), SelectChoice("clear", "Make the value unknown")],
        default="keep",
    )
    reason = reason_field(REASON)


class MeaningForm(Form):
    """What one pasted column means. The fields are named by the column's place, so the page makes them."""

    meanings: list[SelectField]

    @classmethod
    def of(cls, header: list[str], suggested: list[str]) -> "MeaningForm":
        """A form with one choice a column."""
        fields: dict[str, Any] = {
            f"column_{place}": SelectField(
                heading or f"Column {place + 1}",
                choices=[SelectChoice(value, label) for value, label in MEANINGS.items()],
                default=meaning,
            )
            for place, (heading, meaning) in enumerate(zip(header, suggested, strict=True))
        }
        form: MeaningForm = type("MeaningFormOfColumns", (cls,), fields)()
        form.meanings = [form[f"column_{place}"] for place in range(len(header))]
        return form


class UndoEditForm(Form):
    """Why a change of many buildings is taken back."""

    reason = reason_field("It is kept in the history of every building that gets its values back.")


class CellForm(Form):
    """One value, typed into the list."""

    field = StringField("Field", [InputRequired()])
    value = StringField("Value", [Optional()])
    version = StringField("Version", [InputRequired()])
    reason = StringField("Reason", [Filled("Say why you make this change"), Length(max=2000)])
