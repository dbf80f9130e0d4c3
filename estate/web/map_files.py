"""The tables beside the maps as CSV: the same figures, in full, unknown as an empty cell."""

import csv
import io
from collections.abc import Iterable
from datetime import date

import pandas
from geopandas import GeoDataFrame
from pandas import DataFrame

from estate.exports.formats.csv_file import harmless
from estate.register import costs
from estate.register.measures import MEASURES
from estate.register.price_releases import PriceBase
from estate.web.map_figures import AreaFigures, price_factor

BUILDING_COLUMNS = {
    "building_id": "id",
    "name": "name",
    "agency": "agency",
    "use": "use",
    "status": "status",
    "postcode": "postcode",
    "area_name": "area",
    "annual_cost": "running_cost",
    "is_estimate": "running_cost_is_part_estimate",
    "gross_internal_area_m2": "gross_internal_area_m2",
    "cost_per_m2": "running_cost_per_m2_gia",
    "fte": "fte",
    "people": "average_people",
    "capacity": "capacity",
    "occupancy": "occupancy_ratio",
    "counted_on": "counted_on",
    "vacant_m2": "vacant_m2",
    "is_approximate": "position_is_from_postcode",
}


def write_areas(
    statistics: DataFrame, year_start: int | None, prices: PriceBase | None = None, as_at: date | None = None
) -> str:
    """A line an area with every measure, and for each how many buildings it rests on.

    Amounts are in `prices`, by default in the money of the year itself. With `as_at`, a last column says the day on
    which the register was like that.
    """
    columns: dict[str, Iterable[object]] = {
        "code": statistics["code"],
        "name": statistics["name"],
        "within": statistics["parent_name"],
        "year_start": [year_start] * len(statistics),
        "population": statistics["population"].astype("Int64"),
        "population_year": statistics["population_year"].astype("Int64"),
        "building_count": statistics["building_count"],
    }
    if prices and prices.base_year:
        columns["prices_of"] = [prices.base_year] * len(statistics)
    for measure in MEASURES.values():
        figures = measure.figure(statistics) * price_factor(measure, prices, year_start)
        columns[measure.code] = figures.round(4 if measure.unit in ("percent", "ratio") else 2)
        columns[f"{measure.code}_known_buildings"] = statistics[measure.count]
    columns["cost_estimated_share"] = costs.estimated_share(statistics).round(4)
    return write_table(DataFrame(columns), as_at)


def write_changes(shown: AreaFigures, as_at: date | None = None) -> str:
    """A line an area: both years, the difference, and how many of the buildings are known in both."""
    question, statistics = shown.question, shown.statistics
    if shown.before is None or shown.after is None:
        raise ValueError("There is no change in a view of one year")
    before, after = shown.before.by_area, shown.after.by_area
    decimals = 4 if question.measure.unit in ("percent", "ratio") else 2
    columns: dict[str, Iterable[object]] = {
        "code": statistics["code"],
        "name": statistics["name"],
        "within": statistics["parent_name"],
        "measure": [question.measure.code] * len(statistics),
        "year_before": [question.before] * len(statistics),
        "year_start": [question.year_start] * len(statistics),
        "prices_of": [question.prices.base_year if question.measure.is_price else None] * len(statistics),
        "before": before.round(decimals),
        "after": after.round(decimals),
        "difference": (after - before).round(decimals),
        "difference_ratio": ((after - before) / before.where(before > 0)).round(4),
        "buildings_known_in_both": shown.known,
        "building_count": statistics["building_count"],
    }
    return write_table(DataFrame(columns), as_at)


def write_map_buildings(buildings: GeoDataFrame, year_start: int | None, as_at: date | None = None) -> str:
    """A line a building; `longitude` and `latitude` as the register has them; `as_at` as for areas."""
    frame = DataFrame(buildings[list(BUILDING_COLUMNS)]).rename(columns=BUILDING_COLUMNS)
    frame["status"] = [status.value for status in frame["status"]]
    frame["running_cost_per_m2_gia"] = frame["running_cost_per_m2_gia"].round(2)
    frame["occupancy_ratio"] = frame["occupancy_ratio"].round(4)
    frame["year_start"] = year_start
    frame["longitude"], frame["latitude"] = buildings.geometry.x, buildings.geometry.y
    return write_table(frame, as_at)


def write_table(frame: DataFrame, as_at: date | None) -> str:
    """`frame` as CSV; with `as_at`, a last column says the day on which the register was like that."""
    if as_at:
        frame["as_at"] = as_at.isoformat()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow(["" if pandas.isna(cell) else harmless(cell) for cell in row])
    return "\ufeff" + buffer.getvalue()
