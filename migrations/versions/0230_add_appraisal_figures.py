"""Add what an appraisal takes: ranges of what is uncertain, costs of sale, energy benchmarks, carbon factors and values.

Every figure is a default that an installation changes by adding a later row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0230"
down_revision = "0196"
branch_labels = None
depends_on = None

OWN = "Estate default, to be reviewed"
TM46 = "CIBSE TM46:2008, category {}"
DEC = "Display Energy Certificate scale, middle of the band"
FACTORS = "DESNZ Greenhouse gas reporting: conversion factors {}"
VALUES = "DESNZ Valuation of greenhouse gas emissions for policy appraisal, September 2021, central series, 2020 prices"
TIMES = "times the figure that was used"

# code, lowest, highest, unit
RANGES = [
    ("running_cost_recorded", 0.9, 1.1, TIMES),
    ("running_cost_estimated", 0.6, 1.5, TIMES),
    ("running_cost_benchmark", 0.85, 1.2, f"{TIMES}, for all estimates by the benchmark together"),
    ("move_cost", 0.8, 1.5, TIMES),
    ("hosting_cost", 0.5, 1.5, TIMES),
    ("leaving_cost", 0.8, 1.5, TIMES),
    ("receipts", 0.7, 1.15, TIMES),
    ("discount_rate", -0.015, 0.015, "added to the discount rate of every year"),
]
# use: TM46 category, typical electricity and fossil heat, kWh per m2 a year
BENCHMARKS = {
    "office": ("General office", 95, 120),
    "civic_centre": ("General office", 95, 120),
    "customer_centre": ("General office", 95, 120),
    "jobcentre": ("General office", 95, 120),
    "probation_office": ("General office", 95, 120),
    "library": ("Cultural activities", 70, 200),
    "museum": ("Cultural activities", 70, 200),
    "community_centre": ("Public buildings with light usage", 20, 105),
    "health_centre": ("Clinic", 70, 200),
    "general_practice": ("Clinic", 70, 200),
    "hospital": ("Hospital (clinical and research)", 90, 420),
    "police_station": ("Emergency services", 70, 390),
    "fire_station": ("Emergency services", 70, 390),
    "school": ("Schools and seasonal public buildings", 40, 150),
    "childrens_centre": ("Schools and seasonal public buildings", 40, 150),
    "depot": ("Workshop", 35, 180),
    "storage": ("Storage facility", 35, 160),
}
BANDS = {"a": 13, "b": 38, "c": 63, "d": 88, "e": 113, "f": 138}
# code, value, unit, from, source
OTHERS = [
    ("sale_cost_ratio", 0.03, "share of a gross receipt that selling costs", "2024-04-01", OWN),
    ("sale_delay_years", 2, "years from the decision to the receipt", "2024-04-01", OWN),
    *(
        (f"dec_rating_{band}", value, "operational rating, 100 is typical", "2008-10-01", DEC)
        for band, value in BANDS.items()
    ),
    (
        "dec_rating_g",
        151,
        "operational rating, at least",
        "2008-10-01",
        "Display Energy Certificate scale, lowest of the band",
    ),
    *(
        (f"carbon_{fuel}", value, "kg CO2e per MWh", f"{year}-01-01", FACTORS.format(year))
        for year, electricity, gas in ((2024, 207.05, 182.9), (2025, 177, 182.96))
        for fuel, value in (("electricity", electricity), ("gas", gas))
    ),
    *(
        ("carbon_value", value, "GBP per tonne CO2e", f"{year}-01-01", VALUES)
        for year, value in ((2021, 245), (2022, 248), (2023, 252), (2024, 256), (2025, 260), (2026, 264))
    ),
]


def _rows() -> list[tuple[str, str | None, float, str, str, str]]:
    ranges = [
        (f"range_{code}_{end}", None, value, unit, "2024-04-01", OWN)
        for code, low, high, unit in RANGES
        for end, value in (("low", low), ("high", high))
    ]
    benchmarks = [
        (f"typical_{fuel}_kwh_per_m2", use, value, "kWh per m2 GIA per year", "2008-10-01", TM46.format(category))
        for use, (category, electricity, heat) in BENCHMARKS.items()
        for fuel, value in (("electricity", electricity), ("heat", heat))
    ]
    return [*ranges, *benchmarks, *((code, None, *rest) for code, *rest in OTHERS)]


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    columns = ("code", "use_class_code", "value", "unit", "valid_from", "source")
    table = sa.Table("assumption", sa.MetaData(), autoload_with=op.get_bind())
    op.bulk_insert(table, [dict(zip(columns, row, strict=True)) for row in _rows()])


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    table = sa.Table("assumption", sa.MetaData(), autoload_with=op.get_bind())
    op.execute(sa.delete(table).where(table.c.code.in_({row[0] for row in _rows()})))
