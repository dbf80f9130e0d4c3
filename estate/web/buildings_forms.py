"""Forms of the register: a building's facts, retiring, interests, teams, running costs and counts of people."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from estate.people.models import Agency, Role
from estate.people.permissions import Identity
from estate.register.models import (
    BuildingStatus,
    CostCategory,
    OccupancyMethod,
    PlannedKind,
    RepairLiability,
    Service,
    Tenure,
    UseClass,
)
from estate.settings import get_settings
from estate.web.filters import REPAIRS, financial_year, words
from estate.web.form_fields import (
    AmountField,
    CoordinateField,
    DayField,
    WholeNumberField,
    choice_field,
    needed_text_field,
    reason_field,
    set_choices,
    text_field,
    version_field,
)
from estate.web.forms import Form, MergeableForm


def current_financial_year() -> int:
    """The calendar year in which today's financial year started."""
    today = date.today()  # noqa: DTZ011  (a local calendar day)
    return today.year if today.month >= get_settings().financial_year_start_month else today.year - 1


class BuildingForm(MergeableForm):
    """A building's facts."""

    name = needed_text_field("Name", "Give the building a name", description="As people would call it")
    uprn = text_field(
        "UPRN",
        20,
        description="Up to 12 digits, with its leading zeros",
        render_kw={"inputmode": "numeric", "width": 10},
    )
    street = text_field("Street")
    post_town = text_field("Town")
    postcode = text_field("Postcode", 10, render_kw={"width": 10})
    latitude = CoordinateField(
        "Latitude", [Optional()], description="Degrees, such as 53.4631", render_kw={"width": 10}
    )
    longitude = CoordinateField(
        "Longitude", [Optional()], description="Degrees, such as -2.2913", render_kw={"width": 10}
    )
    use_class_code = choice_field("Use")
    status = SelectField("Status", coerce=BuildingStatus)
    gross_internal_area_m2 = AmountField("Gross internal area", render_kw={"suffix": "m²", "width": 10})
    net_internal_area_m2 = AmountField("Net internal area", render_kw={"suffix": "m²", "width": 10})
    built_year = WholeNumberField("Year built", render_kw={"width": 4})
    is_listed = BooleanField("Listed building")
    is_protected = BooleanField("Protected: no proposal may empty it")
    protected_reason = text_field("Why it is protected", 500)
    note = TextAreaField("Note", [Length(max=2000)])
    reason = reason_field()

    def fill_choices(self, session: Session) -> None:
        """Offer the uses and statuses there are; retiring has a form of its own."""
        uses = session.execute(select(UseClass.code, UseClass.name).order_by(UseClass.sort))
        set_choices(self.use_class_code, uses, unknown="Unknown")
        kept = [status for status in BuildingStatus if status is not BuildingStatus.RETIRED]
        set_choices(self.status, [(status.value, words(status)) for status in kept])


class NewBuildingForm(BuildingForm):
    """A further building; the agency is the one that answers for it."""

    agency_id = SelectField("Agency that answers for this record", coerce=int)

    def fill_choices(self, session: Session, identity: Identity | None = None) -> None:
        """Offer the agencies for which `identity` may add a building."""
        super().fill_choices(session)
        query = select(Agency.id, Agency.name).order_by(Agency.name)
        if identity is not None and not identity.roles.get(Role.ADMINISTRATOR):
            query = query.where(Agency.id.in_(identity.roles.get(Role.ASSET_MANAGER, frozenset())))
        set_choices(self.agency_id, session.execute(query))


class RetireForm(Form):
    """Why a record is wrong."""

    version = version_field()
    reason = reason_field("Say what is wrong with the record: entered twice, never a public building, and so on.")


class RetireCountForm(Form):
    """Why a count is wrong."""

    version = version_field()
    reason = reason_field("Say what is wrong with the count: another building's, a broken door counter, and so on.")


class PartForm(MergeableForm):
    """The base of forms for what belongs to a building."""

    def fill_choices(self, session: Session) -> None:
        """Offer the agencies."""
        set_choices(self["agency_id"], session.execute(select(Agency.id, Agency.name).order_by(Agency.name)))


class InterestForm(PartForm):
    """What an agency holds."""

    agency_id = SelectField("Held by", coerce=int)
    tenure = SelectField("Tenure", coerce=Tenure)
    tenure_detail = text_field("More about the tenure", 500)
    landlord = text_field("Landlord")
    lease_start_on = DayField("Lease starts")
    lease_end_on = DayField("Lease ends")
    rent_per_year = AmountField("Rent a year", render_kw={"prefix": "£", "width": 10})
    break_on = DayField("Next break", description="The day on which the lease may be ended early")
    break_earliest_on = DayField("Earliest break", description="Where the break is rolling: from this day on")
    break_last_on = DayField("Last break", description="Where the break is rolling: up to this day")
    break_notice_months = WholeNumberField(
        "Notice for a break", description="Whole months before the break", render_kw={"suffix": "months", "width": 3}
    )
    break_penalty = AmountField("Penalty of a break", render_kw={"prefix": "£", "width": 10})
    notice_given_on = DayField("Notice was given on", description="Leave it empty while none was given")
    review_on = DayField("Next rent review")
    review_every_months = WholeNumberField(
        "Further reviews every", description="60 for every five years", render_kw={"suffix": "months", "width": 3}
    )
    repair_liability = SelectField("Who repairs", coerce=lambda value: RepairLiability(value) if value else None)
    reason = reason_field()

    def fill_choices(self, session: Session) -> None:
        """Offer agencies and tenures."""
        super().fill_choices(session)
        set_choices(self.tenure, [(tenure.value, words(tenure)) for tenure in Tenure])
        set_choices(self.repair_liability, REPAIRS.items(), unknown="Unknown")


class OccupationForm(PartForm):
    """A team that sits here."""

    team = needed_text_field("Team", "Give the team's name")
    agency_id = SelectField("Agency", coerce=int)
    service_code = choice_field("Service")
    area_m2 = AmountField("Area it takes", render_kw={"suffix": "m²", "width": 10})
    workstations = WholeNumberField("Workstations", render_kw={"width": 5})
    fte = AmountField("Full-time equivalents", render_kw={"width": 5})
    is_public_counter = BooleanField("Has a public counter")
    reason = reason_field()

    def fill_choices(self, session: Session) -> None:
        """Offer agencies and services."""
        super().fill_choices(session)
        services = session.execute(select(Service.code, Service.name).order_by(Service.name))
        set_choices(self.service_code, services, unknown="Unknown")


class CostForm(PartForm):
    """What an agency paid."""

    agency_id = SelectField("Paid by", coerce=int)
    category_code = SelectField("Category")
    year_start = SelectField("Financial year", coerce=int)
    amount = AmountField("Amount", render_kw={"prefix": "£", "width": 10})
    is_estimate = BooleanField("This is an estimate")
    source = needed_text_field(
        "Where the figure comes from",
        "Say where the figure comes from",
        description="Such as: general ledger, invoice, budget",
    )
    reason = reason_field()

    def fill_choices(self, session: Session) -> None:
        """Offer agencies, categories, and the years from 2010 on, newest first."""
        super().fill_choices(session)
        categories = session.execute(select(CostCategory.code, CostCategory.name).order_by(CostCategory.sort))
        set_choices(self.category_code, categories)
        years = range(current_financial_year() + 1, 2009, -1)
        set_choices(self.year_start, [(year, financial_year(year)) for year in years])


class CostChangeForm(CostForm):
    """A stored cost: payer, category and year stay what they are."""

    agency_id: Any = None
    category_code: Any = None
    year_start: Any = None

    def fill_choices(self, session: Session) -> None:
        """Nothing to choose from."""


class PlanForm(CostForm):
    """What an agency means to pay."""

    agency_id = SelectField("To be paid by", coerce=int)
    kind = SelectField("Kind", coerce=PlannedKind)
    is_estimate: Any = None
    source = needed_text_field(
        "Where the figure comes from",
        "Say where the figure comes from",
        description="Such as: budget book 2026-27, forecast of month 6",
    )

    def fill_choices(self, session: Session) -> None:
        """Offer agencies, categories, years and kinds; budgets reach a few years ahead."""
        super().fill_choices(session)
        set_choices(self.kind, [(kind.value, words(kind)) for kind in PlannedKind])
        years = range(current_financial_year() + 5, 2009, -1)
        set_choices(self.year_start, [(year, financial_year(year)) for year in years])


class PlanChangeForm(PlanForm):
    """A stored budget or forecast: payer, category, year and kind stay what they are."""

    agency_id: Any = None
    category_code: Any = None
    year_start: Any = None
    kind: Any = None

    def fill_choices(self, session: Session) -> None:
        """Nothing to choose from."""


class CountForm(PartForm):
    """A count of people."""

    method = SelectField("Counted by", coerce=OccupancyMethod)
    period_start_on = DayField("From", description="First day of the count; empty where it was one day")
    observed_on = DayField("To", [InputRequired("Enter the day of the count")], description="Its day, or its last day")
    average = AmountField("Average people", description="Present at once, in opening hours", render_kw={"width": 5})
    peak = AmountField("Peak people", description="The most at once", render_kw={"width": 5})
    capacity = WholeNumberField(
        "Capacity",
        description="People that it can hold. Empty: from workstations or the space standard",
        render_kw={"width": 5},
    )
    hours_available = AmountField(
        "Hours available", description="In which the space could be used", render_kw={"suffix": "h", "width": 5}
    )
    hours_used = AmountField("Hours used", description="Those in which it was", render_kw={"suffix": "h", "width": 5})
    vacant_m2 = AmountField("Vacant space", render_kw={"suffix": "m²", "width": 10})
    source = needed_text_field(
        "Where the count comes from",
        "Say where the count comes from",
        description="Such as: walk-round survey, door passes of March",
    )
    reason = reason_field()

    def fill_choices(self, session: Session) -> None:
        """Offer the ways of counting."""
        set_choices(self.method, [(method.value, words(method)) for method in OccupancyMethod])


class EndForm(Form):
    """When and why something ended."""

    version = version_field()
    ended_on = DayField("Ended on", [InputRequired("Enter the date on which it ended")])
    reason = reason_field("Such as: lease expired, team moved to the town hall.")
