"""Stores a checked set of areas: new ones are added, changed ones follow the old, and nothing is deleted."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from estate import audit
from estate.gis.boundaries.errors import BoundariesRefused
from estate.gis.boundaries.population import Population
from estate.gis.boundaries.report import Report, counted, named
from estate.gis.models import Area, BoundaryLevel
from estate.settings import get_settings

REPLACED_RATIO = 0.5
"""An area that the file lacks is closed when more than this of its ground is covered by the file's areas."""


@dataclass(frozen=True)
class Edition:
    """The set of areas that a file states: from when on, by whom, and whether it is the whole level."""

    valid_from: date
    source: str
    is_complete: bool
    population: Population | None


@dataclass
class Counts:
    """How many areas were added, follow an older version, were corrected in place, closed, or stay as they were."""

    added: int = 0
    replaced: int = 0
    corrected: int = 0
    closed: int = 0
    unchanged: int = 0

    @property
    def has_changes(self) -> bool:
        """True when anything was stored."""
        return bool(self.added or self.replaced or self.corrected or self.closed)


class AreaStore:
    """Brings the areas of one level in force to what an edition says, with one event for each change."""

    def __init__(self, session: Session, level: BoundaryLevel, edition: Edition) -> None:
        self.session, self.level, self.edition = session, level, edition
        in_force = select(Area).where(Area.level_code == level.code, Area.valid_until.is_(None))
        self.before = {area.code: area for area in session.scalars(in_force)}
        self.counts = Counts()
        self.created: list[Area] = []
        self.changed: list[tuple[int, dict[str, Any]]] = []
        self.closed: list[tuple[int, dict[str, Any]]] = []

    def store(self, areas: gpd.GeoDataFrame, report: Report, *, actor: int | None, reason: str) -> Counts:
        """Store `areas` (`code`, `name`, `parent_id`, `population`, `geometry` in EPSG:4326)."""
        wanted = [self._values(row) for row in areas.itertuples(index=False)]
        missing = self._missing(areas)
        self._refuse_older(wanted, missing, report)
        for area in missing:
            self._close(area)
        for values in wanted:
            self._store_one(values)
        self.session.add_all(self.created)
        self.session.flush()
        self._follow_parents(report)
        self._record(actor, reason)
        return self.counts

    def _values(self, row: Any) -> dict[str, Any]:
        """The columns of an `Area` that the edition states; a population only where the edition has one."""
        values = {"code": row.code, "name": row.name, "parent_id": row.parent_id, "source": self.edition.source}
        if (population := self.edition.population) is not None:
            people = None if row.population is None else int(row.population)
            values |= {
                "population": people,
                "population_source": None if people is None else population.source,
                "population_on": None if people is None else population.on,
            }
        return values | {"shape": shapely.normalize(row.geometry)}

    def _is_redrawn(self, values: dict[str, Any]) -> bool:
        """True when the area's name or shape differs from the one in force."""
        old = self.before[values["code"]]
        return old.name != values["name"] or not shapely.equals_exact(to_shape(old.geometry), values["shape"], 0)

    def _missing(self, areas: gpd.GeoDataFrame) -> list[Area]:
        """Areas in force that the edition lacks, and that lie on its ground (all of them where it is complete)."""
        codes = set(areas["code"])
        missing = [area for code, area in sorted(self.before.items()) if code not in codes]
        if self.edition.is_complete or not missing:
            return missing
        srid = get_settings().metric_srid
        shapes = gpd.GeoSeries([to_shape(area.geometry) for area in missing], crs=4326).to_crs(srid).make_valid()
        ground = areas.geometry.to_crs(srid).make_valid().union_all()
        shares = shapes.intersection(ground).area / shapes.area
        return [area for area, share in zip(missing, shares, strict=True) if share > REPLACED_RATIO]

    def _refuse_older(self, wanted: list[dict[str, Any]], missing: list[Area], report: Report) -> None:
        """An edition can't replace or close areas that are in force from a later day on."""
        start = self.edition.valid_from
        late = [area.code for area in missing if area.valid_from >= start]
        newer = [v for v in wanted if v["code"] in self.before and self.before[v["code"]].valid_from > start]
        late += [values["code"] for values in newer if self._is_redrawn(values)]
        if late:
            report.error(
                "out_of_order", f"These areas are in force from {start:%-d %B %Y} or later already: {named(late)}."
            )
            raise BoundariesRefused(report)

    def _store_one(self, values: dict[str, Any]) -> None:
        """Add, replace, correct or leave one area."""
        old = self.before.get(values["code"])
        if old is None:
            self._create(values)
            self.counts.added += 1
        elif self._is_redrawn(values) and old.valid_from < self.edition.valid_from:
            self._close(old, is_followed=True)
            self._create(values)
            self.counts.replaced += 1
        else:
            self._correct(old, values)

    def _create(self, values: dict[str, Any]) -> None:
        columns = {name: value for name, value in values.items() if name != "shape"}
        geometry = from_shape(values["shape"], srid=4326)
        start = self.edition.valid_from
        self.created.append(Area(level_code=self.level.code, valid_from=start, geometry=geometry, **columns))

    def _correct(self, area: Area, values: dict[str, Any]) -> None:
        """Change in place what differs: the edition corrects itself, or adds what the older one did not state."""
        changes: dict[str, Any] = {}
        if self._is_redrawn(values):
            area.geometry = from_shape(values["shape"], srid=4326)
            changes["geometry"] = ["as before", "as in the file"]
        for name, value in values.items():
            if name != "shape" and getattr(area, name) != value:
                changes[name] = [getattr(area, name), value]
                setattr(area, name, value)
        if changes:
            self.changed.append((area.id, changes))
            self.counts.corrected += 1
        else:
            self.counts.unchanged += 1

    def _close(self, area: Area, *, is_followed: bool = False) -> None:
        # Written at once, because an area and the one that follows it can't both be in force.
        area.valid_until = self.edition.valid_from
        self.session.flush()
        self.closed.append((area.id, {"valid_until": [None, str(self.edition.valid_from)]}))
        self.counts.closed += not is_followed

    def _follow_parents(self, report: Report) -> None:
        """Areas in force whose parent was closed get the parent's successor of the same code; else none."""
        ids = [area_id for area_id, _ in self.closed]
        parent = aliased(Area)
        query = select(Area, parent.code).join(parent, Area.parent_id == parent.id)
        children = self.session.execute(query.where(Area.valid_until.is_(None), parent.id.in_(ids))).all()
        successors = {area.code: area.id for area in self.created}
        for child, parent_code in children:
            successor = successors.get(parent_code)
            self.changed.append((child.id, {"parent_id": [child.parent_id, successor]}))
            child.parent_id = successor
        orphans = [child.code for child, parent_code in children if parent_code not in successors]
        if orphans:
            number = counted(len(orphans), "smaller area")
            report.warn("orphans", f"{number} lost their parent; load their boundaries again: {named(orphans)}.")
        self.session.flush()

    def _record(self, actor: int | None, reason: str) -> None:
        """One event for each area that was created, changed or closed."""
        created = [(area.id, {"code": [None, area.code], "name": [None, area.name]}) for area in self.created]
        for action, subjects in (("add_area", created), ("change_area", self.changed), ("close_area", self.closed)):
            if subjects:
                audit.record_many(
                    self.session, subjects, actor=actor, action=action, subject_type="area", reason=reason
                )
