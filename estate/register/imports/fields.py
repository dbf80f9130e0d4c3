"""The fields that a layout may fill: what each is called and how its cells are read."""

from dataclasses import dataclass

from estate.register.imports import values
from estate.register.imports.values import Parse

TENURES = ("freehold", "ground_lease", "leasehold", "sub_lease", "licence", "moto", "pfi", "vacant", "other")
STATUSES = ("active", "vacant", "surplus", "disposed")
LEVELS = ("open", "partner", "owner", "secret")
REPAIRS = ("tenant_full", "tenant_internal", "shared", "landlord")
METHODS = ("survey", "passes", "log_ins", "bookings", "head_count")
BANDS = ("A+", "A", "B", "C", "D", "E", "F", "G")
KINDS = ("dec", "epc")
GRADES = ("A", "B", "C", "D")
ANSWERS = ("yes", "no")


@dataclass(frozen=True)
class Field:
    """One field of the register as a file may give it."""

    title: str
    parse: Parse
    part: str
    """The table it belongs to: building, interest, occupation, occupancy, energy, condition, valuation, position."""
    vocabulary: str | None = None
    """Reference table whose codes and names are the only values."""
    codes: tuple[str, ...] = ()
    """The only values, where no table holds them; those of a yes or no are "yes" and "no"."""


def choices(*codes: str) -> Parse:
    """Codes, also written with spaces for underscores."""
    return values.one_of({code.replace("_", " "): code for code in codes} | {code: code for code in codes})


FIELDS = {
    "name": Field("Name", values.text, "building"),
    "uprn": Field("UPRN", values.uprn, "building"),
    "street": Field("Street", values.text, "building"),
    "post_town": Field("Town", values.text, "building"),
    "postcode": Field("Postcode", values.postcode, "building"),
    "use_class_code": Field("Use", values.text, "building", "use_class"),
    "status": Field("Status", choices(*STATUSES), "building", codes=STATUSES),
    "gross_internal_area_m2": Field("Gross internal area m2", values.area_m2, "building"),
    "net_internal_area_m2": Field("Net internal area m2", values.area_m2, "building"),
    "built_year": Field("Year built", values.built_year, "building"),
    "is_listed": Field("Listed", values.yes_or_no, "building", codes=ANSWERS),
    "note": Field("Note", values.text, "building"),
    "sensitivity": Field("Who may see it", choices(*LEVELS), "building"),
    "management_patch": Field("Management patch", values.text, "building"),
    "block_reference": Field("Block reference", values.text, "building"),
    "block_name": Field("Block name", values.text, "building"),
    "bedrooms": Field("Bedrooms", values.bedrooms, "building"),
    "home_tenure": Field("Tenure of the home", values.text, "building"),
    "longitude": Field("Longitude", values.coordinate, "position"),
    "latitude": Field("Latitude", values.coordinate, "position"),
    "easting": Field("Easting", values.coordinate, "position"),
    "northing": Field("Northing", values.coordinate, "position"),
    "x": Field("X coordinate", values.coordinate, "position"),
    "y": Field("Y coordinate", values.coordinate, "position"),
    "srid": Field("Coordinate system", values.text, "position"),
    "tenure": Field("Tenure", choices(*TENURES), "interest", codes=TENURES),
    "tenure_detail": Field("Tenure detail", values.text, "interest"),
    "landlord": Field("Landlord", values.text, "interest"),
    "lease_start_on": Field("Lease start", values.day, "interest"),
    "lease_end_on": Field("Lease end", values.day, "interest"),
    "break_on": Field("Lease break", values.day, "interest"),
    "break_earliest_on": Field("Earliest break", values.day, "interest"),
    "break_last_on": Field("Last break", values.day, "interest"),
    "break_notice_months": Field("Break notice months", values.months_of_notice, "interest"),
    "break_penalty": Field("Break penalty", values.amount, "interest"),
    "notice_given_on": Field("Notice given", values.day, "interest"),
    "review_on": Field("Rent review", values.day, "interest"),
    "review_every_months": Field("Rent review every months", values.months_between_reviews, "interest"),
    "repair_liability": Field("Repair liability", choices(*REPAIRS), "interest", codes=REPAIRS),
    "rent_per_year": Field("Rent per year", values.amount, "interest"),
    "service_code": Field("Service", values.text, "occupation", "service"),
    "team": Field("Team", values.text, "occupation"),
    "area_m2": Field("Area occupied m2", values.area_m2, "occupation"),
    "workstations": Field("Workstations", values.count, "occupation"),
    "fte": Field("FTE", values.quantity, "occupation"),
    "is_public_counter": Field("Public counter", values.yes_or_no, "occupation", codes=ANSWERS),
    "financial_year": Field("Financial year", values.financial_year, "cost"),
    "category_code": Field("Cost category", values.text, "cost", "cost_category"),
    "amount": Field("Amount", values.amount, "cost"),
    "observed_on": Field("Occupancy date", values.day, "occupancy"),
    "method": Field("Occupancy method", choices(*METHODS), "occupancy", codes=METHODS),
    "period_start_on": Field("Counted from", values.day, "occupancy"),
    "capacity": Field("Capacity", values.count, "occupancy"),
    "peak": Field("Peak people", values.quantity, "occupancy"),
    "average": Field("Average people", values.quantity, "occupancy"),
    "vacant_m2": Field("Vacant m2", values.quantity, "occupancy"),
    "hours_available": Field("Hours available", values.quantity, "occupancy"),
    "hours_used": Field("Hours used", values.quantity, "occupancy"),
    "energy_kind": Field("Energy certificate", choices(*KINDS), "energy", codes=KINDS),
    "energy_band": Field("Energy band", choices(*BANDS), "energy", codes=BANDS),
    "energy_rated_on": Field("Energy date", values.day, "energy"),
    "condition_grade": Field("Condition", choices(*GRADES), "condition", codes=GRADES),
    "backlog_cost": Field("Backlog maintenance cost", values.amount, "condition"),
    "surveyed_on": Field("Condition date", values.day, "condition"),
    "valuation": Field("Valuation", values.amount, "valuation"),
    "valued_on": Field("Valuation date", values.day, "valuation"),
    "valuation_basis": Field("Valuation basis", values.text, "valuation"),
}
DATES = tuple(name for name, field in FIELDS.items() if field.parse is values.day)

BUILDING = (
    "name", "uprn", "street", "post_town", "postcode", "use_class_code", "status", "gross_internal_area_m2",
    "net_internal_area_m2", "built_year", "is_listed", "note", "sensitivity",
    "management_patch", "block_reference", "bedrooms", "home_tenure",
)  # fmt: skip
INTEREST = (
    "tenure", "tenure_detail", "landlord", "lease_start_on", "lease_end_on", "break_on", "break_earliest_on",
    "break_last_on", "break_notice_months", "break_penalty", "notice_given_on", "review_on", "review_every_months",
    "repair_liability", "rent_per_year",
)  # fmt: skip
OCCUPATION = ("service_code", "area_m2", "workstations", "fte", "is_public_counter")
STORED = (
    *BUILDING, "block_name", "footprint", *INTEREST, "team", *OCCUPATION, "observed_on", "method", "capacity", "peak",
    "average", "vacant_m2", "period_start_on", "hours_available", "hours_used",
    "energy_kind", "energy_band", "energy_rated_on", "condition_grade", "backlog_cost", "surveyed_on",
    "valuation", "valued_on", "valuation_basis",
)  # fmt: skip
"""Fields that are stored as they are; positions and costs have tables of their own."""
ALL_TEAMS = "All teams"
"""Team of an occupation whose row names none."""
