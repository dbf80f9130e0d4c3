"""Forms of the agencies' administration."""

from calendar import month_name

from sqlalchemy.orm import Session
from wtforms import SelectField

from estate.people.agencies import list_agencies, list_kinds
from estate.people.models import Agency
from estate.settings import get_settings
from estate.web.form_fields import DayField, needed_text_field, reason_field, set_choices, version_field
from estate.web.forms import Form


class NewAgencyForm(Form):
    """A new agency."""

    name = needed_text_field("Name", "Enter the agency's name", render_kw={"autocomplete": "off"})
    kind_code = SelectField("Kind")
    parent_id = SelectField(
        "Belongs to",
        coerce=lambda value: int(value) if value else None,
        description="A trust below a board, a service below a council. Leave it empty where it stands by itself.",
    )
    member_from = DayField("Member of the partnership from", description="Leave it empty where it was always one.")
    member_until = DayField(
        "Member until", description="The first day on which it is no longer a member. Leave it empty while it is one."
    )
    financial_year_start_month = SelectField(
        "Its financial year starts in",
        coerce=lambda value: int(value) if value else None,
        description="Costs on record keep their year: with another month, that year is taken to start in it.",
    )

    def fill_choices(self, session: Session, agency: Agency | None = None) -> None:
        """Offer the kinds, and the other agencies to belong to."""
        set_choices(self.kind_code, [(kind.code, kind.name) for kind in list_kinds(session)])
        others = [(other.id, other.name) for other in list_agencies(session) if other is not agency]
        set_choices(self.parent_id, others, unknown="No other agency")
        usual = month_name[get_settings().financial_year_start_month]
        months = [(number, month_name[number]) for number in range(1, 13)]
        set_choices(self.financial_year_start_month, months, unknown=f"{usual}, as usual here")


class AgencyForm(NewAgencyForm):
    """Changes to an agency."""

    version = version_field()
    reason = reason_field("It is kept in the agency's history, with your name.")
