"""Small makers of rows for tests: sensible values, any of them changed by keyword; each flushes and gives the row."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, Point, box
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.board.models import Board, BoardMember
from estate.gis.models import Area, BaseMap, BoundaryLevel
from estate.gis.small_areas.models import SmallArea, SmallAreaSet
from estate.gis.small_areas.place import place_small_areas
from estate.people.models import Agency, Membership, Role, User
from estate.people.passwords import hash_password
from estate.people.programme_models import Programme, ProgrammeMember
from estate.people.programmes import create_programme
from estate.proposals.models import (
    AgencyPosition,
    Outcome,
    Proposal,
    ProposalBuilding,
    ProposalMove,
    RunStatus,
)
from estate.register.models import (
    Building,
    FixSource,
    Interest,
    Occupation,
    Place,
    PlannedCost,
    PlannedKind,
    RunningCost,
    Tenure,
    Valuation,
)

_numbers = count(1)
LEVEL_RANKS = {"country": 10, "region": 20, "county": 30, "district": 40, "ward": 50, "neighbourhood": 60}


def _add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def make_place(session: Session, **fields: Any) -> Place:
    """The one place, or the one that is there, with `fields` set."""
    values = {"name": "Testshire", "is_synthetic": False, **fields}
    return session.merge(Place(id=1, **values))


def make_programme(session: Session, **fields: Any) -> Programme:
    """A programme without agencies."""
    first_programme(session)  # Where a test before emptied the table, this one would be that of every other row.
    return create_programme(session, actor=None, **{"name": f"Programme {next(_numbers)}", **fields})


def first_programme(session: Session) -> Programme:
    """The programme that rows are of where a test does not say: the oldest, made where there is none."""
    found = session.scalars(select(Programme).order_by(Programme.id).limit(1)).one_or_none()
    return found or _add(session, Programme(name="Partnership", slug="partnership"))


def make_stay(session: Session, agency: Agency, programme: Programme | None = None, **fields: Any) -> ProgrammeMember:
    """The agency takes part from the beginning; with `left_on` it has stepped back, or will."""
    values = {"reason": "made for a test"} if "left_on" in fields else {}
    return _add(
        session,
        ProgrammeMember(programme=programme or first_programme(session), agency=agency, **{**values, **fields}),
    )


def make_agency(session: Session, *, is_partner: bool = True, **fields: Any) -> Agency:
    """A council, unless `kind_code` says otherwise, which takes part in the first programme."""
    number = next(_numbers)
    values = {"code": f"agency-{number}", "name": f"Agency {number}", "kind_code": "council", **fields}
    agency = _add(session, Agency(**values))
    if is_partner:
        make_stay(session, agency)
    return agency


def make_user(session: Session, *, password: str | None = None, **fields: Any) -> User:
    """A user without a role; with `password`, one who can sign in."""
    number = next(_numbers)
    values = {"email": f"user{number}@example.org", "name": f"User {number}", **fields}
    if password is not None:
        values["password_hash"] = hash_password(password)
    return _add(session, User(**values))


def make_membership(
    session: Session, *, user: User | None = None, role: Role = Role.VIEWER, agency: Agency | None = None
) -> Membership:
    """One role of one user for one agency, both made where they are not given."""
    user, agency = user or make_user(session), agency or make_agency(session)
    membership = _add(session, Membership(user_id=user.id, agency_id=agency.id, role=role))
    session.refresh(user, ["memberships"])
    return membership


def make_level(session: Session, code: str = "district", **fields: Any) -> BoundaryLevel:
    """The level `code`; the one that is there, if it is."""
    level = session.get(BoundaryLevel, code)
    if level is not None:
        return level
    values = {"name": code.title(), "plural": f"{code.title()}s", "rank": LEVEL_RANKS.get(code) or 100 + next(_numbers)}
    return _add(session, BoundaryLevel(code=code, **{**values, **fields}))


def make_area(
    session: Session,
    *,
    level: str = "district",
    bounds: tuple[float, float, float, float] = (-2.4, 53.3, -2.2, 53.5),
    **fields: Any,
) -> Area:
    """A rectangular area; `bounds` are west, south, east, north in degrees."""
    make_level(session, level)
    number = next(_numbers)
    values = {
        "level_code": level,
        "code": f"T{number:08d}",
        "name": f"Area {number}",
        "valid_from": date(2025, 1, 1),
        "source": "made for a test",
        "geometry": from_shape(MultiPolygon([box(*bounds)]), srid=4326),
        **fields,
    }
    return _add(session, Area(**values))


def make_building(session: Session, *, lonlat: tuple[float, float] | None = (-2.3, 53.4), **fields: Any) -> Building:
    """An active office of an agency of its own; `lonlat=None` for one without a location."""
    number = next(_numbers)
    values: dict[str, Any] = {"name": f"Building {number}", "use_class_code": "office", **fields}
    if "agency" not in values and "agency_id" not in values:
        values["agency"] = make_agency(session)
    if lonlat is not None:
        values.setdefault("location", from_shape(Point(*lonlat), srid=4326))
        values.setdefault("fix_source", FixSource.COORDINATES)
    building = _add(session, Building(**values))
    session.refresh(building)
    return building


def make_interest(session: Session, building: Building, **fields: Any) -> Interest:
    """A freehold of the building's own agency."""
    values = {"agency_id": building.agency_id, "tenure": Tenure.FREEHOLD, **fields}
    return _add(session, Interest(building_id=building.id, **values))


def make_occupation(session: Session, building: Building, **fields: Any) -> Occupation:
    """A team of ten of the building's own agency."""
    values = {
        "agency_id": building.agency_id,
        "team": f"Team {next(_numbers)}",
        "area_m2": Decimal(100),
        "fte": Decimal(10),
        **fields,
    }
    return _add(session, Occupation(building_id=building.id, **values))


def make_running_cost(session: Session, building: Building, **fields: Any) -> RunningCost:
    """A year's energy bill, paid by the building's own agency."""
    values = {
        "agency_id": building.agency_id,
        "category_code": "energy",
        "year_start": 2024,
        "amount": Decimal("12000.00"),
        "source": "made for a test",
        **fields,
    }
    return _add(session, RunningCost(building_id=building.id, **values))


def make_valuation(session: Session, building: Building, **fields: Any) -> Valuation:
    """A market value."""
    values = {
        "valued_on": date(2024, 3, 31),
        "amount": Decimal("450000.00"),
        "basis": "market value",
        "source": "made for a test",
        **fields,
    }
    return _add(session, Valuation(building_id=building.id, **values))


def make_proposal(session: Session, *, area: Area | None = None, **fields: Any) -> Proposal:
    """A finished run with an optimal plan and no buildings; see `make_finished_proposal` for one that has them."""
    area = area or make_area(session)
    values: dict[str, Any] = {
        "programme": first_programme(session),
        "name": f"Proposal {next(_numbers)}",
        "area": area,
        "level_code": area.level_code,
        "options": {"move_distance_m": 3000},
        "run_status": RunStatus.FINISHED,
        "progress": 1.0,
        "solver_status": "optimal",
        "objective": Decimal("88000.00"),
        "bound": Decimal("88000.00"),
        "gap": 0.0,
        "baseline": Decimal("120000.00"),
        "problem": {"teams": [], "buildings": []},
        "problem_sha256": "0" * 64,
        "summary": {},
        "finished_at": datetime.now(UTC),
        **fields,
    }
    return _add(session, Proposal(**values))


PLAN_SUMMARY: dict[str, Any] = {
    "question": "Which of two buildings are needed?",
    "status": "optimal",
    "is_proven": True,
    "is_repeatable": True,
    "counts": {"buildings": 2, "teams": 2, "emptied": 1, "host": 1, "kept": 0, "moves": 1, "moves_without_fte": 0}
    | {"estimated_costs": 0},
    "kept_causes": {},
    "leaving": {},
    "released_per_year": "40000.00",
    "added_per_year": "8000.00",
    "saving_per_year": "32000.00",
    "one_off_cost": "4500.00",
    "net_present_value": "261000.00",
    "payback_years": 0.14,
    "horizon_years": 10,
    "discount_rate": 0.035,
    "max_move_m": 3000,
    "notes": [],
    "assumptions": [],
}
"""What a run says of itself, for tests that look at a proposal's page."""


def make_proposal_building(session: Session, proposal: Proposal, building: Building, **fields: Any) -> ProposalBuilding:
    """A building that the proposal empties."""
    values = {
        "outcome": Outcome.EMPTIED,
        "reason": "Its team fits into a cheaper building nearby.",
        "running_cost_per_year": Decimal("40000.00"),
        **fields,
    }
    return _add(session, ProposalBuilding(proposal_id=proposal.id, building_id=building.id, **values))


def make_move(
    session: Session, proposal: Proposal, occupation: Occupation, to_building: Building, **fields: Any
) -> ProposalMove:
    """The team of `occupation` moves to `to_building`."""
    values = {
        "from_building_id": occupation.building_id,
        "team": occupation.team,
        "agency_id": occupation.agency_id,
        "need_m2": Decimal(100),
        "fte": occupation.fte,
        "distance_m": Decimal("850.0"),
        "move_cost": Decimal("4500.00"),
        **fields,
    }
    return _add(
        session,
        ProposalMove(proposal_id=proposal.id, occupation_id=occupation.id, to_building_id=to_building.id, **values),
    )


def make_position(session: Session, proposal: Proposal, agency: Agency, **fields: Any) -> AgencyPosition:
    """What the proposal means for `agency`'s own cash."""
    values = {
        "released_per_year": Decimal("40000.00"),
        "added_per_year": Decimal("8000.00"),
        "one_off_cost": Decimal("4500.00"),
        "emptied_count": 1,
        "moved_fte": Decimal(10),
        **fields,
    }
    return _add(session, AgencyPosition(proposal_id=proposal.id, agency_id=agency.id, **values))


def make_finished_proposal(
    session: Session, *, area: Area | None = None, emptied: list[Building] | None = None, **fields: Any
) -> Proposal:
    """A proposal that empties `emptied` (by default one new building) into one host, with moves and positions."""
    area = area or make_area(session)
    emptied = emptied if emptied is not None else [make_building(session, name="Old Office")]
    host = make_building(session, name="Town Hall", lonlat=(-2.31, 53.41))
    make_occupation(session, host)
    proposal = make_proposal(session, area=area, **fields)
    make_proposal_building(
        session,
        proposal,
        host,
        outcome=Outcome.HOST,
        reason="It has room for the teams that move in.",
        capacity_m2=Decimal(500),
        used_m2=Decimal(200),
        running_cost_per_year=Decimal("80000.00"),
    )
    for building in emptied:
        make_proposal_building(session, proposal, building)
        make_move(session, proposal, make_occupation(session, building), host)
    for agency in {building.agency_id: building.agency for building in emptied}.values():
        make_position(session, proposal, agency)
    return proposal


def make_board(session: Session, *, area: Area | None = None, **fields: Any) -> Board:
    """A board without members; without `area`, one that decides everywhere."""
    values = {"programme": first_programme(session), "name": f"Board {next(_numbers)}", "area": area, **fields}
    return _add(session, Board(**values))


def make_seat(session: Session, board: Board, *, user: User | None = None, **fields: Any) -> BoardMember:
    """A seat of `user` on `board`."""
    user = user or make_user(session)
    return _add(session, BoardMember(board_id=board.id, user_id=user.id, **fields))


def make_planned_cost(session: Session, building: Building, **fields: Any) -> PlannedCost:
    """A year's energy budget, to be paid by the building's own agency."""
    values = {
        "agency_id": building.agency_id,
        "category_code": "energy",
        "year_start": 2024,
        "kind": PlannedKind.BUDGET,
        "amount": Decimal("10000.00"),
        "source": "made for a test",
        **fields,
    }
    return _add(session, PlannedCost(building_id=building.id, **values))


def make_base_map(session: Session, **fields: Any) -> BaseMap:
    """A base map that readers may choose; no host of its name answers."""
    values = {
        "name": f"Streets {next(_numbers)}", "address": "https://tiles.example.org/{z}/{x}/{y}.png",
        "attribution": "© Example 2026", "minimum_zoom": 0, "maximum_zoom": 19, "is_offered": True, **fields,
    }  # fmt: skip
    return _add(session, BaseMap(**values))


def make_small_areas(
    session: Session, *homes: tuple[str, tuple[float, float], int | None], **fields: Any
) -> SmallAreaSet:
    """A file of small areas in force, each by its code, longitude and latitude, and people; by default one."""
    homes = homes or (("S01", (-2.3, 53.4), 1000),)
    counts = {"row_count": len(homes), "used_count": len(homes), "rejected_count": 0}
    values = {"year": 2024, "source": "made for a test", "file_name": "people.csv", "file_sha256": "0" * 64, **fields}
    made = _add(session, SmallAreaSet(**{**counts, **values}))
    for code, lonlat, people in homes:
        place = from_shape(Point(*lonlat), srid=4326)
        _add(session, SmallArea(set_id=made.id, code=code, name=f"Home {code}", population=people, location=place))
    place_small_areas(session)
    return made
