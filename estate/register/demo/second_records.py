"""What makes the demo place a shared register: buildings that two agencies report, and a campus with twelve blocks."""

from typing import Any

from geoalchemy2.shape import to_shape
from shapely.geometry import Point
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from estate import audit
from estate.register.areas import assign_areas
from estate.register.demo.profiles import Profiles
from estate.register.matches.decide import Said, decide
from estate.register.matches.overrides import choose_value
from estate.register.matches.run import match_records
from estate.register.models import Building, BuildingStatus, FixSource, MatchVerdict

OWNER, OTHER = "demo-bridgewater", "demo-nhs-trust"
USES = ("library", "community_centre", "customer_centre", "childrens_centre")
SECOND_COUNT, MERGED_COUNT, BLOCK_COUNT = 24, 6, 12
NAMES = ("{name} (outreach)", "{name} Clinic", "Clinic at {name}", "{name} - Health Visitors")
NOTE = "Synthetic: this building does not exist."
STEP = 0.0002
"""Degrees between the blocks of the campus, and between the positions that two agencies give one building."""


def store_second_records(session: Session, profiles: Profiles, agency_ids: dict[str, int], *, reason: str) -> None:
    """Let the care trust report two dozen of the council's buildings too: some joined already, most still to be.

    One hospital becomes a site with twelve blocks.
    """
    first = _reported_twice(session, agency_ids[OWNER])
    rows = [_second(profiles, building, place, agency_ids[OTHER]) for place, building in enumerate(first)]
    second = _store(session, rows, reason)
    for one, other in list(zip(first, second, strict=True))[:MERGED_COUNT]:
        decide(session, one, other, Said(MatchVerdict.SAME, reason, None))
    _store_campus(session, agency_ids[OTHER], reason)
    match_records(session, {building.id for building in second})


def _reported_twice(session: Session, agency_id: int) -> list[Building]:
    query = (
        select(Building)
        .where(Building.agency_id == agency_id, Building.use_class_code.in_(USES), Building.location.is_not(None))
        .where(Building.uprn.is_not(None), Building.gross_internal_area_m2.is_not(None))
        .where(Building.status == BuildingStatus.ACTIVE)
        .order_by(Building.id)
        .limit(SECOND_COUNT)
    )
    return list(session.scalars(query).unique())


def _second(profiles: Profiles, building: Building, place: int, agency_id: int) -> dict[str, Any]:
    """The same building as the other agency has it: its own name, half of them without a UPRN, few with an area."""
    dice = profiles.dice("second", place)
    is_merged = place < MERGED_COUNT
    area = building.gross_internal_area_m2 if is_merged else None
    shift = STEP * dice.uniform(-1, 1)
    return {
        **_place(building, shift, shift),
        "agency_id": agency_id,
        "name": NAMES[place % len(NAMES)].format(name=building.name),
        "uprn": building.uprn if is_merged or place % 2 else None,
        "street": building.street,
        "post_town": building.post_town,
        "postcode": building.postcode,
        "use_class_code": "health_centre" if place % 3 else building.use_class_code,
        "gross_internal_area_m2": None if area is None else round(area * (115 + 5 * place) / 100),
        "built_year": building.built_year and building.built_year + place % 3,
    }


def _place(building: Building, east: float, north: float) -> dict[str, Any]:
    """A position beside that of a building."""
    point: Point = to_shape(building.location)  # type: ignore[arg-type]
    return {
        "location": f"SRID=4326;POINT({point.x + east:.6f} {point.y + north:.6f})",
        "fix_source": FixSource.SYNTHETIC,
        "fix_accuracy_m": building.fix_accuracy_m,
        "status": BuildingStatus.ACTIVE,
        "note": NOTE,
    }


def _store(session: Session, rows: list[dict[str, Any]], reason: str) -> list[Building]:
    ids = session.scalars(insert(Building).returning(Building.id, sort_by_parameter_order=True), rows).all()
    assign_areas(session, ids)
    events = [(number, {"name": [None, row["name"]]}) for number, row in zip(ids, rows, strict=True)]
    audit.record_many(session, events, actor=None, action="add_building", subject_type="building", reason=reason)
    return [session.get_one(Building, number) for number in ids]


def _store_campus(session: Session, agency_id: int, reason: str) -> None:
    """Twelve blocks of the trust's first hospital, which then stands for the whole site and all of its costs."""
    query = select(Building).where(Building.agency_id == agency_id, Building.use_class_code == "hospital")
    placed = query.where(Building.location.is_not(None), Building.gross_internal_area_m2.is_not(None))
    campus = session.scalars(placed.order_by(Building.id).limit(1)).unique().one()
    area = campus.gross_internal_area_m2 or 0
    rows = [
        {
            **_place(campus, STEP * (1 + place % 4), STEP * (1 + place // 4)),
            "agency_id": agency_id,
            "name": f"{campus.name}, Block {letter}",
            "street": campus.street,
            "post_town": campus.post_town,
            "postcode": campus.postcode,
            "use_class_code": "hospital",
            "gross_internal_area_m2": round(area * (4 + place) / 120),
        }
        for place, letter in enumerate("ABCDEFGHIJKL"[:BLOCK_COUNT])
    ]
    choose_value(session, campus, "kind", "site", actor=None, reason=reason, seen=None)
    for block in _store(session, rows, reason):
        decide(session, block, campus, Said(MatchVerdict.PART_OF, reason, None, part_id=block.id))
