"""From distances to the layers of a map: small areas by class of distance with the counters, or areas by share."""

from itertools import pairwise
from typing import Any

import numpy as np
from flask import url_for
from geopandas import GeoDataFrame, points_from_xy
from pandas import DataFrame, Series, concat

from estate.gis.maps import AreaLayer, Look, PointLayer, Scheme, classify, palettes
from estate.gis.outlines import outlines_frame
from estate.register.access.figures import is_newly_beyond
from estate.web.access_questions import AccessView
from estate.web.access_words import counter_text, distance_text, km_text, method_text
from estate.web.database import current_session
from estate.web.filters import capitalize_first, number, percent
from estate.web.page import with_arguments

BOUNDS = (0.5, 1.0, 2.0, 4.0)
"""Ends of the classes of distance, as multiples of the distance asked for."""
COUNTER = Look("#d55e00", "square")
NEWLY = Look("#a6004f", "cross")
UNMEASURED = Look(palettes.UNKNOWN_COLOUR, "diamond", is_hollow=True)


def point_layer(view: AccessView) -> PointLayer:
    """Small areas by distance, circles within x and triangles beyond, and above them the counters."""
    homes = _homes(view)
    frame = (
        concat([homes, _counters(view, len(_kinds(view)) - 1)], ignore_index=True)
        if len(view.figures.counters)
        else homes
    )
    note = f"Each sign is a small area, at the point where its people live. Distance {method_text(view)}."
    title = f"Distance to {counter_text(view)}"
    shaped = GeoDataFrame(frame, geometry="geometry", crs=4326)
    return PointLayer(shaped, tuple(_kinds(view)), title, "Small areas and counters", note)


def _kinds(view: AccessView) -> list[tuple[str, Look]]:
    ends = [view.km * bound for bound in BOUNDS]
    texts = [
        f"up to {km_text(ends[0])}",
        *(f"over {low:g} to {km_text(high)}" for low, high in pairwise(ends)),
        f"over {km_text(ends[-1])}",
    ]
    shapes = ["circle" if bound <= 1 else "triangle" for bound in (*BOUNDS, np.inf)]
    # Pale within x, dark beyond: a step of the ramp between the two is left out.
    ramp = palettes.amounts_of_points(len(texts) + 2)
    looks = [Look(colour, shape) for colour, shape in zip((*ramp[:2], *ramp[-3:]), shapes, strict=True)]
    return [
        *zip(texts, looks, strict=True),
        (f"beyond {km_text(view.km)} after the closure", NEWLY),
        ("not measured", UNMEASURED),
        (capitalize_first(counter_text(view).removeprefix("a ").removeprefix("any ")), COUNTER),
    ]


def _homes(view: AccessView) -> DataFrame:
    homes, classes = view.figures.homes, len(BOUNDS) + 1
    ends = np.array(BOUNDS) * view.figures.question.limit_m
    kind = np.searchsorted(ends, homes["distance_m"].to_numpy(dtype=float), side="left")
    kind[is_newly_beyond(homes, view.figures.question)] = classes
    kind[homes["distance_m"].isna().to_numpy()] = classes + 1
    return DataFrame(
        {
            "name": homes["name"],
            "kind": kind,
            "is_approximate": False,
            "lines": [_home_lines(view, row) for row in homes.to_dict("records")],
            "href": [_href(row) for row in homes["nearest_id"]],
            "link": "Open the nearest counter's page",
            "geometry": points_from_xy(homes["longitude"], homes["latitude"]),
        }
    )


def _href(building_id: Any) -> str:
    return "" if building_id is None else url_for("buildings.show", building_id=building_id)


def _home_lines(view: AccessView, row: dict[str, Any]) -> list[str]:
    people = "number of people unknown" if np.isnan(row["population"]) else f"{number(row['population'])} residents"
    if row["nearest"] is None:
        return [f"{people}; distance not measured", f"{row['code']}, {row['area_name']}"]
    lines = [
        f"{people}, {distance_text(row['distance_m'])} from {row['nearest']}",
        f"{row['code']}, {row['area_name']}",
    ]
    if view.closing_id is not None and row["nearest_id"] == view.closing_id:
        lines.append(f"After the closure: {distance_text(row['closed_distance_m'])}")
    return lines


def _counters(view: AccessView, kind: int) -> DataFrame:
    counters, every = view.figures.counters, view.figures.every_counter
    services = every.groupby("building_id")["service"].agg(lambda names: ", ".join(sorted(filter(None, names))))
    return DataFrame(
        {
            "name": counters["name"],
            "kind": kind,
            "is_approximate": counters["is_approximate"],
            "lines": [
                [
                    services[building_id] or "Service unknown",
                    *(["Thought closed"] if building_id == view.closing_id else []),
                ]
                for building_id in counters["building_id"]
            ],
            "href": [url_for("buildings.show", building_id=building_id) for building_id in counters["building_id"]],
            "link": "Open the building's page",
            "geometry": points_from_xy(counters["longitude"], counters["latitude"]),
        }
    )


def area_layer(view: AccessView) -> AreaLayer:
    """Areas by the share of their residents who live further than x."""
    areas = view.figures.areas
    outlines = outlines_frame(current_session(), areas["area_id"].tolist())
    shaped = GeoDataFrame(
        areas[["area_id", "name"]].merge(outlines, on="area_id", how="left"), geometry="geometry", crs=4326
    )
    shaped["is_estimate"] = False
    shaped["is_empty"] = areas["home_count"].eq(0).to_numpy()
    shaped["lines"] = [_area_lines(view, row) for row in areas.to_dict("records")]
    start = with_arguments("maps.access.index", view.arguments, area=None, level=None, show="people")
    shaped["href"] = [f"{start}&area={area_id}" for area_id in areas["area_id"]]
    shaped["link"] = "Look closer"
    return AreaLayer(
        shaped,
        classify(Series(areas["share"].to_numpy(dtype=float)), Scheme.QUANTILE, 5),
        lambda share: percent(share, 1),
        f"Residents further than {km_text(view.km)} from {counter_text(view)}",
        view.level.plural,
        f"Share of residents. Distance {method_text(view)}.",
        empty_text="no small area",
    )


def _area_lines(view: AccessView, row: dict[str, Any]) -> list[str]:
    if not row["residents"]:
        return ["nobody measured"]
    told = [
        f"{percent(row['share'])}: {number(row['beyond'])} of {number(row['residents'])} residents",
        f"On average {distance_text(row['mean_m'])} from a counter",
    ]
    if view.closing_id is not None:
        told.append(f"After the closure {number(row['newly_beyond'])} more")
    return told
