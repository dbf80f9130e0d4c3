"""Who lives farther than x from the nearest counter: sums by area, and what a closure would change."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame, Series
from sqlalchemy.orm import Session

from estate.gis.access.distances import Distances, Method, straight_distances
from estate.gis.access.models import RoadNetworkFile
from estate.gis.access.network import road_distances
from estate.gis.access.roads import find_roads, network_of
from estate.gis.models import BoundaryLevel
from estate.gis.small_areas.current import find_current_set, small_areas_frame
from estate.gis.small_areas.models import SmallAreaSet
from estate.register.access.counters import counters_frame
from estate.register.area_statistics import area_statistics
from estate.register.filters import BuildingFilters
from estate.register.programmes import Scope

SUMS = ("residents", "beyond", "unmeasured", "newly_beyond", "home_count", "unknown_count")


@dataclass(frozen=True)
class AccessQuestion:
    """What somebody asks: how far people in the areas of `level` live from a counter."""

    level: BoundaryLevel
    limit_m: float
    service_code: str = ""
    """Empty: a counter of any service."""
    method: Method = Method.STRAIGHT
    area_id: int | None = None
    """Narrows the residents to one area; their nearest counter may lie outside of it."""
    closing_id: int | None = None
    """The building that is thought closed."""
    scope: Scope | None = None


@dataclass(frozen=True)
class AccessFigures:
    """The answer.

    `homes`: one row a small area, columns of `small_areas_frame` and `area_name distance_m nearest_id nearest is_off
    closed_distance_m`; NaN and None where unknown. `counters`: one row a building with a position. `areas`: one row an
    area, `area_id code name parent_name` and `SUMS`, `mean_m`, `share` (of residents measured; NaN where there are
    none). People of unknown number are in no sum but `unknown_count`, small areas.
    """

    question: AccessQuestion
    people: SmallAreaSet
    roads: RoadNetworkFile | None
    """The network that was used; None: straight lines."""
    homes: DataFrame
    counters: DataFrame
    every_counter: DataFrame
    areas: DataFrame
    unplaced_counters: int
    """Buildings with a counter of which nobody knows where they are."""
    counters_off_network: int
    homes_outside: int
    """Small areas in no area of the level: in no sum."""

    @property
    def total(self) -> Series:
        """The sums of all areas, with `share` and `mean_m`."""
        total = self.areas[list(SUMS)].sum()
        return total_of(total, float((self.areas["mean_m"] * self.areas["residents"]).sum()))


def total_of(sums: Series, metres: float) -> Series:
    """`sums` with the share of residents beyond and their mean distance; NaN where there are none."""
    residents = float(sums["residents"])
    sums["share"] = sums["beyond"] / residents if residents else np.nan
    sums["mean_m"] = metres / residents if residents else np.nan
    return sums


def access_figures(session: Session, question: AccessQuestion) -> AccessFigures | None:
    """The figures; None where no population was loaded. Raises `RoadsOfAnotherSystem`.

    Without a loaded network the question by road is answered by straight lines, and `roads` says so by being None.
    """
    people = find_current_set(session)
    if people is None:
        return None
    filters = BuildingFilters(area_id=question.area_id, scope=question.scope)
    areas = area_statistics(session, question.level, None, filters, ())[["area_id", "code", "name", "parent_name"]]
    every = small_areas_frame(session, people.id, question.level.code)
    homes = every[every["area_id"].isin(areas["area_id"])].reset_index(drop=True)
    homes["area_name"] = homes["area_id"].map(areas.set_index("area_id")["name"])
    every_counter = counters_frame(session, question.scope)
    wanted = every_counter if not question.service_code else _of_service(every_counter, question.service_code)
    buildings = wanted.drop_duplicates("building_id")
    counters = buildings[buildings["x"].notna()].reset_index(drop=True)
    roads = find_roads(session) if question.method is Method.ROADS else None
    found = _distances(session, roads, homes, counters)
    homes = _told(homes, found, counters, "distance_m")
    if question.closing_id is not None:
        left = counters[counters["building_id"] != question.closing_id].reset_index(drop=True)
        homes["closed_distance_m"] = _distances(session, roads, homes, left).distance_m
    else:
        homes["closed_distance_m"] = np.nan
    return AccessFigures(
        question,
        people,
        roads,
        homes,
        counters,
        every_counter,
        sums_by_area(areas, homes, question),
        len(buildings) - len(counters),
        len(found.counters_off_network),
        int((every["area_id"] == 0).sum()),
    )


def _of_service(counters: DataFrame, service_code: str) -> DataFrame:
    return counters[counters["service_code"] == service_code]


def _distances(session: Session, roads: RoadNetworkFile | None, homes: DataFrame, counters: DataFrame) -> Distances:
    from_, to = homes[["x", "y"]].to_numpy(float), counters[["x", "y"]].to_numpy(float)
    return straight_distances(from_, to) if roads is None else road_distances(network_of(session, roads), from_, to)


def _told(homes: DataFrame, found: Distances, counters: DataFrame, column: str) -> DataFrame:
    """`homes` with the distances, and the nearest counter by id and name."""
    has_one = found.nearest >= 0
    ids, names = (counters[name].to_numpy(dtype=object) for name in ("building_id", "name"))
    nothing = np.full(len(homes), None, dtype=object)
    nearest_id, nearest = nothing.copy(), nothing.copy()
    nearest_id[has_one], nearest[has_one] = ids[found.nearest[has_one]], names[found.nearest[has_one]]
    told = {column: found.distance_m, "nearest_id": nearest_id, "nearest": nearest, "is_off": found.is_off_network}
    return homes.assign(**told)


def is_beyond(homes: DataFrame, limit_m: float, column: str = "distance_m") -> NDArray[np.bool_]:
    """Which small areas are farther than `limit_m` from a counter: measured, and the distance known."""
    beyond: NDArray[np.bool_] = homes[column].to_numpy(dtype=float) > limit_m
    return beyond


def is_newly_beyond(homes: DataFrame, question: AccessQuestion) -> NDArray[np.bool_]:
    """Which small areas the closure would take out of reach; those it leaves without any counter too."""
    if question.closing_id is None:
        return np.zeros(len(homes), dtype=bool)
    within = homes["distance_m"].to_numpy(dtype=float) <= question.limit_m
    newly: NDArray[np.bool_] = within & ~(homes["closed_distance_m"].to_numpy(dtype=float) <= question.limit_m)
    return newly


def sums_by_area(areas: DataFrame, homes: DataFrame, question: AccessQuestion) -> DataFrame:
    """`areas` with `SUMS`, `share` and `mean_m`, in their order."""
    people = homes["population"].fillna(0)
    is_measured = homes["distance_m"].notna()
    columns = DataFrame(
        {
            "area_id": homes["area_id"],
            "residents": people.where(is_measured, 0),
            "beyond": people.where(is_beyond(homes, question.limit_m), 0),
            "unmeasured": people.where(~is_measured, 0),
            "newly_beyond": people.where(is_newly_beyond(homes, question), 0),
            "home_count": 1,
            "unknown_count": homes["population"].isna().astype(int),
            "metres": (people * homes["distance_m"]).fillna(0),
        }
    )
    sums = columns.groupby("area_id").sum().reindex(areas["area_id"]).fillna(0).reset_index(drop=True)
    found = areas.reset_index(drop=True).join(sums)
    residents = found["residents"].where(found["residents"] > 0)
    found["share"], found["mean_m"] = found["beyond"] / residents, found.pop("metres") / residents
    return found


def closure_by_service(session: Session, figures: AccessFigures) -> DataFrame:
    """What closing the building would change for each service that it has a counter of, measured in the same way.

    Columns: `service_code service newly_beyond remaining` (other buildings with a counter of it).
    """
    question, homes, every = figures.question, figures.homes, figures.every_counter
    here = every[every["building_id"] == question.closing_id][["service_code", "service"]]
    rows = []
    for service_code, service in here.itertuples(index=False):
        now = every[(every["service_code"] == service_code) & every["x"].notna()]
        left = now[now["building_id"] != question.closing_id]
        before, after = (_distances(session, figures.roads, homes, counters).distance_m for counters in (now, left))
        newly = (before <= question.limit_m) & ~(after <= question.limit_m)
        rows.append((service_code, service, float(homes["population"][newly].sum()), len(left)))
    return DataFrame(rows, columns=["service_code", "service", "newly_beyond", "remaining"])
