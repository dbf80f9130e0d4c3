"""The demo place in the database: counts, honesty, gaps on purpose, reset."""

from decimal import Decimal

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from estate.audit import first_broken
from estate.board.models import Board, BoardMember
from estate.cli.demo import load_if_empty
from estate.db import make_session
from estate.gis.models import Area
from estate.people.accounts import find_user
from estate.people.models import Agency, Role
from estate.people.passwords import verify_password
from estate.register.classes import is_usual
from estate.register.demo.empty import REFERENCE_TABLES, RegisterNotDemo, RegisterNotEmpty, reset_demo
from estate.register.demo.load import load_demo
from estate.register.demo.users import sign_ins
from estate.register.filters import BuildingFilters
from estate.register.listed import verify
from estate.register.matches.conflicts import count_conflicts
from estate.register.models import (
    Building,
    BuildingArea,
    BuildingKind,
    FixSource,
    MatchCandidate,
    OccupancyObservation,
    Occupation,
    Place,
    RunningCost,
    UseClass,
)
from estate.register.queries import count_buildings
from tests.conftest import empty_database
from tests.factories import make_building, make_place


def number(session: Session, query: object) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0  # type: ignore[attr-defined]


def fingerprint(engine: Engine) -> str:
    """Changes with any building, cost or team."""
    parts = {
        "building": "concat_ws('|', id, name, postcode, uprn, gross_internal_area_m2, status)",
        "running_cost": "concat_ws('|', building_id, category_code, year_start, amount)",
        "occupation": "concat_ws('|', building_id, team, area_m2, fte)",
    }
    with engine.connect() as connection:
        queries = [f"SELECT md5(string_agg({row}, ',' ORDER BY id)) FROM {table}" for table, row in parts.items()]
        return " ".join(connection.scalar(text(query)) or "none" for query in queries)


def test_the_demo_place_is_loaded_once_and_reset_to_the_same(committed: Engine) -> None:
    from estate.cli import main

    empty_database(committed)  # Row numbers start at 1 again, as they do after a reset.
    assert len(load_if_empty()) == len(sign_ins())
    loaded = fingerprint(committed)
    assert len(load_if_empty()) == len(sign_ins()), "the log-ins are shown at every start"
    assert fingerprint(committed) == loaded
    with make_session() as session:
        _counts(session)
        _says_that_it_is_synthetic(session)
        _lacks_some_facts(session)
        _costs_are_believable(session)
        _everyone_can_sign_in(session)
        _buildings_lie_in_their_areas(session)
        assert first_broken(session) is None
        with pytest.raises(RegisterNotEmpty):
            load_demo(session)
    reference = reference_counts(committed)
    assert min(reference.values()) > 0
    result = CliRunner().invoke(main, ["demo", "reset", "--yes"])
    assert result.exit_code == 0, result.output
    assert "synthetic" in result.output
    assert "administrator@demo.example" in result.output
    assert fingerprint(committed) == loaded
    assert reference_counts(committed) == reference


def reference_counts(engine: Engine) -> dict[str, int]:
    """Rows of each table that comes with the schema: a reset must keep them."""
    with engine.connect() as connection:
        query = "SELECT count(*) FROM {}"
        return {name: connection.scalar(text(query.format(name))) or 0 for name in sorted(REFERENCE_TABLES)}


def _counts(session: Session) -> None:
    assert 1150 <= number(session, select(Building.id).where(is_usual())) <= 1300
    assert number(session, select(Building.id).where(~is_usual())) == 3 * (4 + 4 * 16 + 20)
    assert number(session, select(Building.id).where(Building.is_block)) == 12
    assert not verify(session), "lists show what the records say"
    assert number(session, select(MatchCandidate.low_id)) >= 10, "pairs wait for the demo's reviewers"
    assert count_conflicts(session) >= 5
    assert count_buildings(session, BuildingFilters(kind=BuildingKind.SITE)) == 1
    assert number(session, select(Building.id).where(Building.site_id.is_not(None))) == 13
    assert number(session, select(Agency.id)) == 15
    assert number(session, select(RunningCost.id)) > 30_000
    assert number(session, select(Occupation.id)) > 1500
    assert set(session.scalars(select(Building.use_class_code).distinct())) == set(
        session.scalars(select(UseClass.code))
    )
    assert number(session, select(Building.name).distinct()) == number(session, select(Building.id))
    boards = session.scalars(select(Board)).unique().all()
    assert len(boards) == 11
    assert number(session, select(BoardMember.id).where(BoardMember.is_chair)) == 11
    assert number(session, select(BoardMember.id)) == 33


def _says_that_it_is_synthetic(session: Session) -> None:
    place = session.get(Place, 1)
    assert place is not None
    assert place.is_synthetic
    assert all(name.endswith("(demo)") for name in session.scalars(select(Agency.name)))
    assert set(session.scalars(select(Building.fix_source).distinct())) == {FixSource.SYNTHETIC, None}
    for column in (RunningCost.source, OccupancyObservation.source, Area.population_source):
        assert all(source.startswith("Synthetic") for source in session.scalars(select(column).distinct()))


def _lacks_some_facts(session: Session) -> None:
    buildings = number(session, select(Building.id).where(is_usual()))
    unknown_area = Building.gross_internal_area_m2.is_(None)
    without_area = number(session, select(Building.id).where(unknown_area, is_usual()))
    assert 0.09 < without_area / buildings < 0.15
    assert 0 < number(session, select(Building.id).where(Building.location.is_(None))) < 30
    years = session.execute(
        select(RunningCost.year_start, func.count(RunningCost.building_id.distinct())).group_by(RunningCost.year_start)
    ).all()
    assert {year for year, _ in years} == {2022, 2023, 2024}
    assert all(0.88 < count / buildings < 0.97 for _, count in years)


def _costs_are_believable(session: Session) -> None:
    cost = select(func.sum(RunningCost.amount).label("amount"), RunningCost.building_id)
    cost_by_building = cost.where(RunningCost.year_start == 2023).group_by(RunningCost.building_id).subquery()
    per_m2 = func.sum(cost_by_building.c.amount) / func.sum(Building.gross_internal_area_m2)
    rows = session.execute(
        select(Building.use_class_code, per_m2)
        .join(cost_by_building, cost_by_building.c.building_id == Building.id)
        .where(Building.gross_internal_area_m2.is_not(None))
        .group_by(Building.use_class_code)
    )
    figures = dict(rows.all())
    assert Decimal(120) < figures["office"] < Decimal(260)
    assert Decimal(150) < figures["hospital"] < Decimal(300)
    assert figures["storage"] < figures["depot"] < figures["library"]


def _everyone_can_sign_in(session: Session) -> None:
    roles: set[Role] = set()
    for sign_in in sign_ins():
        user = find_user(session, sign_in.email)
        assert user is not None
        assert verify_password(user.password_hash, sign_in.password)
        session.refresh(user, ["memberships"])
        roles |= {membership.role for membership in user.memberships}
    assert roles == set(Role)


def _buildings_lie_in_their_areas(session: Session) -> None:
    placed = number(session, select(Building.id).where(Building.location.is_not(None)))
    for level in ("county", "district", "neighbourhood"):
        inside = select(BuildingArea.building_id).join(Area).where(Area.level_code == level)
        assert number(session, inside) == placed, level
    assert session.scalar(select(func.min(Area.population)).where(Area.level_code == "neighbourhood")) > 0


def test_reset_refuses_real_data(session: Session) -> None:
    make_place(session, is_synthetic=False)
    make_building(session)
    with pytest.raises(RegisterNotDemo):
        reset_demo(session)
    assert session.scalar(select(func.count()).select_from(Building)) == 1
