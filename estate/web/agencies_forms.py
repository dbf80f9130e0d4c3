"""Forms of the agencies' administration."""

from calendar import month_name

from sqlalchemy.orm import Session
from wtforms import SelectField

from estate.people.agencies import list_agencies, list_kinds
from estate.people.models import Agency
from estate.people.programmes import list_programmes
from estate.settings import get_settings
from estate.web.form_fields import DayField, needed_text_field, reason_field, set_choices, version_field
from estate.web.forms import Form


class AgencyFacts(Form):
    """What an agency is."""

    name = needed_text_field("Name", "Enter the agency's name", render_kw={"autocomplete": "off"})
    kind_code = SelectField("Kind")
    parent_id = SelectField(
        "Belongs to",
        coerce=lambda value: int(value) if value else None,
        description="A trust below a board, a service below a council. Leave it empty where it stands by itself.",
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


class NewAgencyForm(AgencyFacts):
    """A new agency, and where it takes part."""

    programme_id = SelectField(
        "Takes part in",
        coerce=lambda value: int(value) if value else None,
        description="It may take part in others besides: see the page of each programme.",
    )
    joined_on = DayField("Takes part from", description="Leave it empty for “from the beginning”.")

    def fill_choices(self, session: Session, agency: Agency | None = None) -> None:
        """Offer the programmes too: the field stands only where there are several."""
        super().fill_choices(session, agency)
        programmes = list_programmes(session)
        if len(programmes) > 1:
            set_choices(self.programme_id, [(one.id, one.name) for one in programmes], unknown="No programme yet")
        else:
            del self.programme_id


class AgencyForm(AgencyFacts):
    """Changes to an agency."""

    version = version_field()
    reason = reason_field("It is kept in the agency's history, with your name.")
