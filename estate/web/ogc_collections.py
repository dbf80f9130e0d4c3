"""The collections of the OGC API: what each holds, and a page of its features as GeoJSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from estate.errors import NotFound
from estate.exports.buildings import COLUMNS, buildings_table
from estate.exports.tables import Column, Kind
from estate.gis.models import BoundaryLevel
from estate.register import features
from estate.register.features import AREA_VALUES, BUILDING_VALUES, AreaFeature, FeatureQuestion
from estate.register.filters import BuildingFilters
from estate.register.queries import buildings_with_ids, count_current_areas
from estate.web.ogc_questions import FILTERS as EVERY_FILTER
from estate.web.programmes import current_programme_id, current_scope

Feature = dict[str, Any]
IN_GEOMETRY = ("id", "longitude", "latitude")
AREAS = "areas-"


class NoSuchCollection(NotFound):
    """There is no such collection. The address /ogc/collections lists those there are."""


class NoSuchFeature(NotFound):
    """There is no such feature in this collection, or you may not see it."""


@dataclass(frozen=True)
class FeaturePage:
    """Some features in the order of their ids."""

    features: list[Feature]
    has_more: bool


@dataclass(frozen=True)
class Collection:
    """What programs see as a layer."""

    id: str
    title: str
    description: str
    columns: tuple[Column, ...]
    """The properties of its features."""
    page: Callable[[FeatureQuestion], FeaturePage]
    count: Callable[[FeatureQuestion], int]
    values: tuple[str, ...]
    """The properties that can be asked for by their value."""
    filters: tuple[str, ...] = ()
    """Filters of the list that it takes as well."""
    geometry: str = "Point"
    has_tiles: bool = False

    def feature(self, number: str) -> Feature:
        """The feature with this id. Raises `NoSuchFeature`."""
        if not (number.isascii() and number.isdigit() and len(number) <= 18 and int(number) > 0):
            raise NoSuchFeature
        asked = FeatureQuestion(filters=BuildingFilters(scope=current_scope()), after=int(number) - 1, limit=1)
        found = self.page(asked).features[:1]
        if not found or found[0]["id"] != int(number):
            raise NoSuchFeature
        return found[0]


def collections_of(session: Session) -> dict[str, Collection]:
    """The collections that the reader's programme has, by id: buildings, and the areas of each level."""
    found = [buildings_of(session)]
    found += [_areas(session, level) for level in count_current_areas(session, current_programme_id())]
    return {one.id: one for one in found}


def get_collection(session: Session, collection_id: str) -> Collection:
    """The collection. Raises `NoSuchCollection`."""
    found = collections_of(session).get(collection_id)
    if found is None:
        raise NoSuchCollection
    return found


def buildings_of(session: Session) -> Collection:
    """The buildings and sites of the register, as the list shows them."""
    return Collection(
        "buildings",
        "Buildings",
        "Buildings and sites of the register, as its list shows them to you: those in use, unless you ask for another "
        "status. What is unknown is null. datetime asks for when a record was last changed.",
        tuple(column for column in COLUMNS if column.name not in IN_GEOMETRY),
        partial(_building_page, session),
        partial(features.count_matched, session),
        tuple(BUILDING_VALUES),
        tuple(EVERY_FILTER),
        has_tiles=True,
    )


def _building_page(session: Session, question: FeatureQuestion) -> FeaturePage:
    ids = features.building_page(session, question)
    rows = buildings_table(buildings_with_ids(session, ids[: question.limit])).rows
    return FeaturePage([_building(row) for row in rows], len(ids) > question.limit)


def _building(row: Mapping[str, Any]) -> Feature:
    at = None if row["longitude"] is None else [row["longitude"], row["latitude"]]
    properties = {name: _plain(value) for name, value in row.items() if name not in (*IN_GEOMETRY, "as_at")}
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": at and {"type": "Point", "coordinates": at},
        "properties": properties,
    }


AREA_COLUMNS = (
    Column("code"),
    Column("name"),
    Column("within", meaning="The larger area in which it lies"),
    Column("valid_from", Kind.DAY),
    Column("population", Kind.WHOLE),
    Column("building_count", Kind.WHOLE, "Buildings in use in it that you may see"),
    Column("gross_internal_area_m2", Kind.NUMBER, "Sum over the buildings of which it is known"),
    Column("gross_internal_area_count", Kind.WHOLE, "Of how many buildings the floor area is known"),
    Column("running_cost", Kind.NUMBER, "GBP in the list's year: sum over the buildings of which it is known"),
    Column("running_cost_count", Kind.WHOLE, "Of how many buildings the cost is known"),
    Column("running_cost_is_part_estimate", Kind.YES_NO),
    Column("source", meaning="Of the boundary"),
)


def _areas(session: Session, level: BoundaryLevel) -> Collection:
    return Collection(
        f"{AREAS}{level.code}",
        level.plural,
        f"{level.plural} in force, with what the buildings in each come to together. What is unknown is null. datetime "
        "asks for boundaries that were in force by then.",
        AREA_COLUMNS,
        partial(_area_page, session, level),
        partial(features.count_areas, session, level),
        tuple(AREA_VALUES),
        geometry="MultiPolygon",
    )


def _area_page(session: Session, level: BoundaryLevel, question: FeatureQuestion) -> FeaturePage:
    found = features.area_page(session, level, question)
    return FeaturePage([_area(one) for one in found[: question.limit]], len(found) > question.limit)


def _area(found: AreaFeature) -> Feature:
    area = found.area
    own = {"code": area.code, "name": area.name, "within": found.parent_name, "valid_from": area.valid_from}
    told = {**own, "population": area.population, **found.figures, "source": area.source}
    properties = {name: _plain(value) for name, value in told.items()}
    return {"type": "Feature", "id": area.id, "geometry": json.loads(found.outline), "properties": properties}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
