"""Forms of the users' administration."""

from sqlalchemy.orm import Session
from wtforms import EmailField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from estate.people.agencies import list_agencies
from estate.people.models import Role
from estate.web.form_fields import needed_text_field, reason_field, set_choices
from estate.web.forms import Form

ROLES = {
    Role.VIEWER: "Viewer: reads the register, maps and proposals",
    Role.BOARD_MEMBER: "Board member: reads; votes where they have a seat on a board",
    Role.ASSET_MANAGER: "Asset manager: changes the agency's buildings, imports files, starts proposals",
    Role.ADMINISTRATOR: "Administrator: changes everything, of every agency, and administers users",
}


class RoleForm(Form):
    """A role for one agency."""

    agency_id = SelectField("Agency", coerce=int)
    role = RadioField(
        "Role",
        choices=[SelectChoice(role.value, text) for role, text in ROLES.items()],
        validators=[InputRequired("Choose a role")],
    )

    def fill_choices(self, session: Session) -> None:
        """Offer the agencies."""
        set_choices(self.agency_id, [(agency.id, agency.name) for agency in list_agencies(session)])


class NewUserForm(RoleForm):
    """A new user with a first role."""

    name = needed_text_field("Name", "Enter the person's name", render_kw={"autocomplete": "off"})
    email = EmailField(
        "Email address",
        [InputRequired("Enter the email address"), Length(max=254)],
        description="They sign in with it.",
        render_kw={"autocomplete": "off", "spellcheck": False},
    )


class ReasonForm(Form):
    """Why something is done to an account."""

    reason = reason_field("It is kept in the account's history, with your name.")


class ButtonForm(Form):
    """Does what the button says."""
