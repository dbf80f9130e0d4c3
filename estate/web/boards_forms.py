"""Forms of the boards: boards and seats, putting a proposal to a board, voting, deciding, withdrawing."""

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from estate.board.models import VoteChoice
from estate.web.forms import Form

LONGEST_TEXT = 4000
too_long = Length(max=LONGEST_TEXT, message=f"Write at most {LONGEST_TEXT:,} characters")
VOTES = [
    SelectChoice(VoteChoice.FOR.value, "For"),
    SelectChoice(VoteChoice.AGAINST.value, "Against"),
    SelectChoice(VoteChoice.ABSTAIN.value, "Abstain"),
]
OUTCOMES = [SelectChoice("approve", "Approve"), SelectChoice("reject", "Reject")]


class BoardForm(Form):
    """A new board."""

    name = StringField("Name", [DataRequired("Enter the board's name"), Length(max=200, message="Shorten the name")])
    area_id = SelectField(
        "Area", coerce=int, description="The board decides on proposals for this area and all areas inside it."
    )


class SeatForm(Form):
    """A seat for a user."""

    user_id = SelectField("Person", coerce=int)
    is_chair = BooleanField("Chairs the board", description="Takes the place of the chair there is.")


class EndSeatForm(Form):
    """Ends a seat; the button says it all."""


class SuccessorForm(Form):
    """The area in force that takes the place of one that ended."""

    area_id = IntegerField("Area", [InputRequired("Choose an area")])


class SubmitForm(Form):
    """A proposal to a board."""

    board_id = SelectField("Board", coerce=int)
    note = TextAreaField(
        "Note to the board", [too_long], description="Optional. What should the board know or look at?"
    )


class VoteForm(Form):
    """One member's vote."""

    choice = RadioField("Your vote", choices=VOTES, validators=[InputRequired("Choose how you vote")])
    vote_reason = TextAreaField("Why", [too_long], description="Optional. It stays with the decision for good.")


class DecideForm(Form):
    """The board's decision."""

    outcome = RadioField(
        "Decision",
        choices=OUTCOMES,
        validators=[InputRequired("Choose whether the proposal is approved")],
    )
    decision_reason = TextAreaField(
        "Reason",
        [DataRequired("Enter the reason"), too_long],
        description="It stays with the decision for good.",
    )


class WithdrawForm(Form):
    """Takes a proposal back."""

    withdraw_reason = TextAreaField("Reason", [DataRequired("Enter the reason"), too_long])
