"""A few hundred homes of three landlords, so that a newcomer sees what a housing stock looks like. All made up."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from estate import audit
from estate.people import accounts
from estate.people.models import Agency
from estate.people.programme_models import Programme
from estate.register.areas import assign_areas
from estate.register.demo.profiles import Profiles
from estate.register.demo.sites import DemoSite
from estate.register.models import Building, BuildingStatus, FixSource

LANDLORDS = ("Ashdown Homes (demo)", "Canalside Housing Trust (demo)", "Three Mills Homes (demo)")
PATCHES = ("North", "Canal", "Moor", None)
BLOCKS_EACH, HOMES_IN_BLOCK, HOUSES_EACH = 4, 16, 20
TENURES = ("Social rent", "Social rent", "Social rent", "Affordable rent", "Shared ownership", None)
TREES = ("Alder", "Birch", "Cedar", "Elder", "Hazel", "Holly", "Linden", "Maple", "Oak", "Rowan", "Willow", "Yew")
NOTE = "Synthetic: this home does not exist."
STEP = 0.00004
"""Degrees between two homes."""
Row = dict[str, Any]


def store_homes(
    session: Session,
    profiles: Profiles,
    sites: Sequence[DemoSite],
    parent: Agency,
    programme: Programme,
    *,
    joined_on: date,
    reason: str,
) -> None:
    """Store the landlords, their blocks and their homes, beside `sites`, which stand on real postcodes."""
    for number, name in enumerate(LANDLORDS):
        landlord = accounts.create_agency(
            session, name, "housing", actor=None, parent=parent, programme=programme, joined_on=joined_on
        )
        own = sites[number :: len(LANDLORDS)]
        blocks = list(_blocks(number, landlord.id, own))
        ids = _store(session, blocks, reason)
        flats = [row for place, block in enumerate(blocks) for row in _flats(profiles, block, place, ids[place])]
        houses = list(_houses(profiles, number, landlord.id, own[BLOCKS_EACH : BLOCKS_EACH + HOUSES_EACH]))
        _store(session, [*flats, *houses], reason)


def _blocks(number: int, agency_id: int, sites: Sequence[DemoSite]) -> Iterator[Row]:
    for place, site in enumerate(sites[:BLOCKS_EACH]):
        name = f"{TREES[number * BLOCKS_EACH + place]} Buildings"
        yield {
            **_place(site, 1, 1),
            "agency_id": agency_id,
            "name": name,
            "use_class_code": "home_block",
            "management_patch": PATCHES[place],
            "block_reference": f"BLK-{place + 1:03}",
            "is_block": True,
        }


def _flats(profiles: Profiles, block: Row, place: int, block_id: int) -> Iterator[Row]:
    for number in range(1, HOMES_IN_BLOCK + 1):
        kept = ("agency_id", "location", "fix_source", "fix_accuracy_m", "post_town", "postcode", "note")
        yield {
            **{name: block[name] for name in kept},
            **_facts(profiles, f"flat {block['agency_id']} {place} {number}"),
            "name": f"Flat {number}, {block['name']}",
            "management_patch": block["management_patch"],
            "block_reference": block["block_reference"],
            "parent_id": block_id,
        }


def _houses(profiles: Profiles, number: int, agency_id: int, sites: Sequence[DemoSite]) -> Iterator[Row]:
    for place, site in enumerate(sites):
        yield {
            **_place(site, -1 - place, 1),
            **_facts(profiles, f"house {number} {place}"),
            "agency_id": agency_id,
            "name": f"{2 * place + 1} {LANDLORDS[number].split()[0]} Row",
            "management_patch": PATCHES[place % len(PATCHES)],
        }


def _facts(profiles: Profiles, which: str) -> Row:
    """What is known of a home: of some less than of others."""
    dice = profiles.dice("home", which)
    bedrooms = dice.choice((1, 1, 2, 2, 2, 3, 3, 4))
    return {
        "use_class_code": "home",
        "status": BuildingStatus.VACANT if dice.random() < 0.05 else BuildingStatus.ACTIVE,
        "bedrooms": bedrooms if dice.random() < 0.95 else None,
        "home_tenure": dice.choice(TENURES),
        "gross_internal_area_m2": 32 + 16 * bedrooms if dice.random() < 0.8 else None,
    }


def _place(site: DemoSite, east: int, north: int) -> Row:
    return {
        "location": f"SRID=4326;POINT({site.longitude + east * STEP:.6f} {site.latitude + north * STEP:.6f})",
        "fix_source": FixSource.SYNTHETIC,
        "fix_accuracy_m": 100,
        "post_town": site.locality,
        "postcode": site.postcode,
        "note": NOTE,
    }


def _store(session: Session, rows: list[Row], reason: str) -> Sequence[int]:
    columns = {name for row in rows for name in row}
    whole = [{**dict.fromkeys(columns), **row} for row in rows]
    ids = session.scalars(insert(Building).returning(Building.id, sort_by_parameter_order=True), whole).all()
    assign_areas(session, ids)
    events = [(number, {"name": [None, row["name"]]}) for number, row in zip(ids, rows, strict=True)]
    audit.record_many(session, events, actor=None, action="add_building", subject_type="building", reason=reason)
    return ids
