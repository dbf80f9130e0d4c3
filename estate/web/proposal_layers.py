"""A proposal's buildings and moves as layers of a map, and as rows of a file."""

import csv
import io

import shapely
from flask import url_for
from geopandas import GeoDataFrame
from pandas import DataFrame
from sqlalchemy.orm import Session

from estate.exports.formats.csv_file import harmless
from estate.gis.maps import moves_map
from estate.gis.maps.assets import Assets
from estate.gis.maps.legend import Caption
from estate.gis.outlines import outlines_frame
from estate.proposals.models import Proposal
from estate.proposals.queries import moves_frame, outcomes_frame
from estate.web.filters import money


def proposal_map(session: Session, proposal: Proposal, caption: Caption, assets: Assets) -> str:
    """The HTML document of the proposal's map: kept, hosts, emptied, and an arrow for each team that moves."""
    outlines = outlines_frame(session, [proposal.area_id]).assign(name=proposal.area.name)
    points = _points(outcomes_frame(session, proposal))
    is_emptied = points["outcome"] == "emptied"
    return moves_map(
        outlines,
        points[~is_emptied].assign(is_host=points["outcome"] == "host"),
        points[is_emptied],
        _lines(moves_frame(session, proposal)),
        caption=caption,
        assets=assets,
    )


def write_outcomes(frame: DataFrame) -> str:
    """The table of buildings as CSV, unknown as an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(frame.columns)
    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
        writer.writerow([harmless(cell) for cell in row])
    return "\ufeff" + buffer.getvalue()


def _points(frame: DataFrame) -> GeoDataFrame:
    points = GeoDataFrame(frame, geometry=shapely.points(frame[["lon", "lat"]].to_numpy(dtype=float)), crs=4326)
    return points.assign(
        is_approximate=False,
        lines=[_lines_of(row) for row in frame.to_dict("records")],
        href=[url_for("buildings.show", building_id=building_id) for building_id in frame["building_id"]],
        link="Open the building's page",
    )


def _lines_of(row: dict[str, object]) -> list[str]:
    estimate = " (estimate)" if row["is_cost_estimate"] else ""
    cost = money(row["running_cost_per_year"])  # type: ignore[arg-type]
    return [
        f"{row['use'] or 'Use unknown'}, {row['agency']}",
        f"Running cost: {cost} a year{estimate}",
        str(row["reason"]),
    ]


def _lines(frame: DataFrame) -> GeoDataFrame:
    ends = frame[["from_lon", "from_lat", "to_lon", "to_lat"]].to_numpy(dtype=float).reshape(-1, 2, 2)
    names = [f"{row.team}, {row.agency}: from {row.from_name} to {row.to_name}" for row in frame.itertuples()]
    lines = [
        [f"{row.need_m2:,.0f} m²" + (f", {row.fte:,.0f} FTE" if row.fte == row.fte else ""), f"{row.distance_m:,.0f} m"]
        for row in frame.itertuples()
    ]
    shapes = shapely.linestrings(ends) if len(frame) else []
    return GeoDataFrame({"name": names, "lines": lines}, geometry=list(shapes), crs=4326)
