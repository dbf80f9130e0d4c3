"""Forms of the yearly round: opening and closing one, confirming records, reporting one wrong."""

from wtforms import IntegerField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from estate.web.form_fields import DayField, Filled, needed_text_field, reason_field, version_field
from estate.web.forms import Form

LARGEST_ID = 2**63 - 1


class NewRoundForm(Form):
    """A new round."""

    name = needed_text_field("Name", "Give the round a name, such as its year", description="Such as: Records of 2026")
    deadline_on = DayField("Deadline", description="The day by which each agency confirms its records")


class RoundForm(NewRoundForm):
    """Changes to an open round."""

    version = version_field()
    reason = reason_field("It is kept in the round's history, with your name.")


class CloseForm(Form):
    """Closes a round."""

    version = version_field()
    reason = reason_field("It is kept in the round's history, with your name.")


class SeenForm(Form):
    """What was the newest event when the page was opened: records changed since are not confirmed."""

    seen = IntegerField("Seen", [InputRequired()], widget=HiddenInput())


class ConfirmForm(SeenForm):
    """Confirms the ticked records, or only one."""

    records = SelectMultipleField("Records", coerce=int, choices=[], validate_choice=False)
    only = IntegerField("Only this record", [Optional()])
    back = IntegerField("Back to this building", [Optional()], widget=HiddenInput())

    @property
    def chosen(self) -> list[int]:
        """Ids of the records to confirm."""
        ids = [self.only.data] if self.only.data else list(self.records.data or [])
        return [number for number in ids if 0 < number <= LARGEST_ID]


class WrongForm(Form):
    """Says what is wrong with a record."""

    note = TextAreaField(
        "What is wrong, and who could tell what is right",
        [Filled("Say what is wrong with the record"), Length(max=2000)],
        description="It stays with the record, with your name.",
    )


class TakeBackForm(Form):
    """Takes an answer back; the button says it all."""
