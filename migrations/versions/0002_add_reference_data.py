"""Add reference data: kinds, uses, costs, services, space standards and assumptions, each with its source.

Every figure is a default that an installation changes by adding a later row. "To be reviewed" marks a figure that was
chosen for Estate without a published source.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AGENCY_KINDS = {
    "council": "Council",
    "combined_authority": "Combined authority",
    "nhs": "NHS body",
    "general_practice": "General practice",
    "police": "Police",
    "fire": "Fire and rescue",
    "courts": "Courts and tribunals",
    "probation": "Probation",
    "jobcentre": "Job centres",
    "education": "Education",
    "housing": "Housing association",
    "government": "Government department",
    "voluntary": "Voluntary sector",
    "other": "Other public body",
}

# code, name, may host other teams, may be emptied by a proposal
USE_CLASSES = [
    ("office", "Office", True, True),
    ("civic_centre", "Town hall or civic centre", True, True),
    ("customer_centre", "Customer service centre", True, True),
    ("library", "Library", True, True),
    ("community_centre", "Community centre", True, True),
    ("health_centre", "Health centre or clinic", True, True),
    ("general_practice", "General practice surgery", False, False),
    ("hospital", "Hospital", False, False),
    ("police_station", "Police station", True, True),
    ("fire_station", "Fire station", True, False),
    ("court", "Court or tribunal", False, True),
    ("probation_office", "Probation office", False, True),
    ("jobcentre", "Job centre", True, True),
    ("school", "School or college", False, False),
    ("childrens_centre", "Children's centre", False, True),
    ("care_home", "Care home or day centre", False, False),
    ("leisure_centre", "Leisure centre", False, False),
    ("museum", "Museum or gallery", False, False),
    ("depot", "Depot or workshop", False, True),
    ("storage", "Store or archive", False, True),
    ("dwelling", "Dwelling", False, False),
    ("car_park", "Car park", False, False),
    ("other", "Other building", False, False),
]

COST_CATEGORIES = {
    "rent": "Rent and service charge",
    "rates": "Business rates",
    "energy": "Energy",
    "water": "Water and sewerage",
    "cleaning": "Cleaning",
    "soft_fm": "Other soft facilities management",
    "hard_fm": "Hard facilities management and planned maintenance",
    "reactive": "Reactive maintenance",
    "security": "Security",
    "insurance": "Insurance",
    "unitary_charge": "Unitary charge (PFI)",
    "other": "Other running cost",
}

SERVICES = {
    "customer_contact": "Customer contact",
    "benefits": "Benefits and revenues",
    "housing_options": "Housing options",
    "adult_care": "Adult social care",
    "childrens_services": "Children's services",
    "library": "Library",
    "planning": "Planning and building control",
    "environment": "Environment and waste",
    "registrars": "Registrars",
    "corporate": "Corporate services",
    "community_health": "Community health",
    "primary_care": "Primary care",
    "mental_health": "Mental health",
    "hospital_care": "Hospital care",
    "neighbourhood_policing": "Neighbourhood policing",
    "criminal_investigation": "Criminal investigation",
    "fire_and_rescue": "Fire and rescue",
    "courts": "Courts and tribunals",
    "probation": "Probation",
    "employment": "Employment support",
    "education": "Education",
    "other": "Other service",
}

NAO = "National Audit Office 2006: 12 m2 NIA per person at most"
OPE = "One Public Estate / Estates Gazette 2013: 10 m2 per FTE"
OWN = "Estate default, to be reviewed"

# use, m2 NIA per FTE, from, source
SPACE_STANDARDS = [
    *((use, 12, "2006-01-01", NAO) for use in ("office", "civic_centre", "customer_centre", "jobcentre")),
    *((use, 10, "2013-01-01", OPE) for use in ("office", "civic_centre", "customer_centre", "jobcentre")),
    *((use, 12, "2013-01-01", OWN) for use in ("library", "community_centre", "police_station", "fire_station")),
    *((use, 16, "2013-01-01", OWN) for use in ("health_centre", "general_practice", "court", "probation_office")),
    *((use, 15, "2013-01-01", OWN) for use in ("childrens_centre", "other")),
    ("hospital", 40, "2013-01-01", OWN),
    ("school", 45, "2013-01-01", OWN),
    ("depot", 60, "2013-01-01", OWN),
    ("storage", 120, "2013-01-01", OWN),
]

GREEN_BOOK = "HM Treasury Green Book"

# code, use or None, value, unit, from, source
ASSUMPTIONS = [
    (
        "discount_rate",
        None,
        0.035,
        "per year, real, years 0 to 30",
        "2003-04-01",
        GREEN_BOOK,
    ),
    (
        "discount_rate_after_30",
        None,
        0.03,
        "per year, real, years 31 to 75",
        "2003-04-01",
        GREEN_BOOK,
    ),
    (
        "discount_rate_after_75",
        None,
        0.025,
        "per year, real, after year 75",
        "2003-04-01",
        GREEN_BOOK,
    ),
    (
        "optimism_bias_capital",
        None,
        0.24,
        "share added to capital cost, standard buildings",
        "2003-04-01",
        GREEN_BOOK,
    ),
    (
        "horizon_years",
        None,
        10,
        "years",
        "2010-01-01",
        "Birmingham Total Place pilot 2010: plan over 10 years",
    ),
    ("net_to_gross_ratio", None, 0.8, "m2 NIA per m2 GIA", "2013-01-01", OWN),
    ("move_cost_per_fte", None, 450, "GBP per FTE moved", "2024-04-01", OWN),
    (
        "fit_out_cost_per_m2",
        None,
        250,
        "GBP per m2 taken up by a team that moves",
        "2024-04-01",
        OWN,
    ),
    (
        "marginal_cost_share",
        None,
        0.3,
        "share of running cost per m2 that hosting one more m2 adds",
        "2024-04-01",
        OWN,
    ),
    ("move_distance_m", None, 3000, "m, straight line", "2024-04-01", OWN),
    ("running_cost_per_m2", None, 110, "GBP per m2 GIA per year", "2024-04-01", OWN),
    (
        "running_cost_per_m2",
        "office",
        145,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
    (
        "running_cost_per_m2",
        "civic_centre",
        150,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
    (
        "running_cost_per_m2",
        "library",
        120,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
    (
        "running_cost_per_m2",
        "health_centre",
        160,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
    (
        "running_cost_per_m2",
        "police_station",
        140,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
    (
        "running_cost_per_m2",
        "fire_station",
        95,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
    (
        "running_cost_per_m2",
        "hospital",
        190,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
    ("running_cost_per_m2", "depot", 55, "GBP per m2 GIA per year", "2024-04-01", OWN),
    (
        "running_cost_per_m2",
        "storage",
        40,
        "GBP per m2 GIA per year",
        "2024-04-01",
        OWN,
    ),
]


def upgrade() -> None:
    _insert(
        "agency_kind",
        [{"code": code, "name": name} for code, name in AGENCY_KINDS.items()],
    )
    _insert(
        "use_class",
        [
            {
                "code": code,
                "name": name,
                "may_host": may_host,
                "may_close": may_close,
                "sort": sort,
            }
            for sort, (code, name, may_host, may_close) in enumerate(USE_CLASSES)
        ],
    )
    categories = enumerate(COST_CATEGORIES.items())
    _insert(
        "cost_category",
        [{"code": code, "name": name, "sort": sort} for sort, (code, name) in categories],
    )
    _insert("service", [{"code": code, "name": name} for code, name in SERVICES.items()])
    columns = ("use_class_code", "m2_per_fte", "valid_from", "source")
    _insert(
        "space_standard",
        [dict(zip(columns, row, strict=True)) for row in SPACE_STANDARDS],
    )
    columns = ("code", "use_class_code", "value", "unit", "valid_from", "source")
    _insert("assumption", [dict(zip(columns, row, strict=True)) for row in ASSUMPTIONS])


def downgrade() -> None:
    for table in (
        "assumption",
        "space_standard",
        "service",
        "cost_category",
        "use_class",
        "agency_kind",
    ):
        op.execute(sa.text(f"DELETE FROM {table}"))


def _insert(name: str, rows: list[dict[str, object]]) -> None:
    op.bulk_insert(sa.Table(name, sa.MetaData(), autoload_with=op.get_bind()), rows)
