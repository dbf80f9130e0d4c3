"""Reading proposals."""

from collections.abc import Sequence

from geoalchemy2.functions import ST_X, ST_Y
from pandas import DataFrame
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from estate.gis.models import Area
from estate.proposals.errors import AreaUnknown, ProposalNotFound
from estate.proposals.models import AgencyPosition, Proposal, ProposalBuilding, ProposalMove
from estate.register.models import Building

BUILDING_COLUMNS = (
    "building_id",
    "name",
    "agency",
    "use",
    "lon",
    "lat",
    "outcome",
    "reason",
    "capacity_m2",
    "used_m2",
    "running_cost_per_year",
    "is_cost_estimate",
    "is_capacity_estimate",
)


def get_area(session: Session, level_code: str, code: str) -> Area:
    """The area that has the code at the level today."""
    query = select(Area).where(Area.level_code == level_code, Area.code == code, Area.valid_until.is_(None))
    area = session.scalars(query).one_or_none()
    if area is None:
        raise AreaUnknown(
            f'There is no area "{code}" at level "{level_code}". `estate boundaries list` shows the levels.'
        )
    return area


def get_proposal(session: Session, proposal_id: int) -> Proposal:
    """The proposal, without its problem. Raises `ProposalNotFound`."""
    proposal = session.get(Proposal, proposal_id) if 0 < proposal_id < 2**63 else None
    if proposal is None:
        raise ProposalNotFound
    return proposal


def count_proposals(session: Session, programme_id: int | None = None) -> int:
    """How many proposals there are, in one programme where it is given."""
    return session.scalar(select(func.count()).select_from(Proposal).where(*_of(programme_id))) or 0


def list_proposals(
    session: Session, programme_id: int | None = None, *, limit: int = 50, offset: int = 0
) -> Sequence[Proposal]:
    """Proposals, newest first, of one programme where it is given."""
    query = select(Proposal).where(*_of(programme_id)).order_by(Proposal.id.desc())
    return session.scalars(query.limit(limit).offset(offset)).unique().all()


def _of(programme_id: int | None) -> list[ColumnElement[bool]]:
    return [] if programme_id is None else [Proposal.programme_id == programme_id]


def list_outcomes(session: Session, proposal: Proposal) -> Sequence[ProposalBuilding]:
    """What happens to each building: emptied, then hosts, then kept; dearest first."""
    query = select(ProposalBuilding).where(ProposalBuilding.proposal_id == proposal.id)
    rows = session.scalars(query).unique().all()
    order = {"emptied": 0, "host": 1, "kept": 2}
    return sorted(rows, key=lambda row: (order[row.outcome.value], -(row.running_cost_per_year or 0), row.id))


def list_moves(session: Session, proposal: Proposal) -> Sequence[ProposalMove]:
    """The teams that move, by where they come from, with both buildings loaded."""
    query = (
        select(ProposalMove)
        .where(ProposalMove.proposal_id == proposal.id)
        .options(joinedload(ProposalMove.from_building), joinedload(ProposalMove.to_building))
        .order_by(ProposalMove.from_building_id, ProposalMove.id)
    )
    return session.scalars(query).unique().all()


def list_positions(session: Session, proposal: Proposal) -> Sequence[AgencyPosition]:
    """What the proposal means for each agency, the largest saving first."""
    query = select(AgencyPosition).where(AgencyPosition.proposal_id == proposal.id)
    rows = session.scalars(query).unique().all()
    return sorted(rows, key=lambda row: (-row.saving_per_year, row.agency.name))


def outcomes_frame(session: Session, proposal: Proposal) -> DataFrame:
    """The proposal's buildings for a map or a download: `BUILDING_COLUMNS`, lon and lat in EPSG:4326."""
    query = (
        select(ProposalBuilding, ST_X(Building.location), ST_Y(Building.location))
        .join(Building, Building.id == ProposalBuilding.building_id)
        .where(ProposalBuilding.proposal_id == proposal.id)
        .order_by(ProposalBuilding.id)
    )
    rows = [
        (
            row.building_id,
            row.building.name,
            row.building.agency.name,
            row.building.use_class.name if row.building.use_class else None,
            lon,
            lat,
            row.outcome.value,
            row.reason,
            _number(row.capacity_m2),
            _number(row.used_m2),
            _number(row.running_cost_per_year),
            row.is_cost_estimate,
            row.is_capacity_estimate,
        )
        for row, lon, lat in session.execute(query).unique()
    ]
    return DataFrame(rows, columns=list(BUILDING_COLUMNS))


def moves_frame(session: Session, proposal: Proposal) -> DataFrame:
    """The proposal's moves as lines, with name, lon and lat (EPSG:4326) of both buildings."""
    home, host = aliased(Building), aliased(Building)
    query = (
        select(
            ProposalMove,
            home.name,
            ST_X(home.location),
            ST_Y(home.location),
            host.name,
            ST_X(host.location),
            ST_Y(host.location),
        )
        .join(home, home.id == ProposalMove.from_building_id)
        .join(host, host.id == ProposalMove.to_building_id)
        .where(ProposalMove.proposal_id == proposal.id)
        .order_by(ProposalMove.id)
    )
    figures = ("need_m2", "fte", "distance_m", "move_cost")
    rows = [
        (row.team, row.agency.name, *points, *(_number(getattr(row, figure)) for figure in figures))
        for row, *points in session.execute(query).unique()
    ]
    ends = ["from_name", "from_lon", "from_lat", "to_name", "to_lon", "to_lat"]
    return DataFrame(rows, columns=["team", "agency", *ends, *figures])


def positions_frame(session: Session, proposal: Proposal) -> DataFrame:
    """What the proposal means for each agency, to the penny, the largest saving first."""
    figures = ("released_per_year", "added_per_year", "saving_per_year", "one_off_cost", "emptied_count", "moved_fte")
    positions = list_positions(session, proposal)
    rows = [(row.agency.name, *(getattr(row, figure) for figure in figures)) for row in positions]
    return DataFrame(rows, columns=["agency", *figures])


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
