"""Tiles that a web process gives again: only as long as all that they rest on stands, asked at each request."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from estate.people.models import Agency, LoginSession, Membership, Role, User
from estate.people.programme_models import ProgrammeMember
from estate.people.programmes import today_of
from estate.people.signed_in import end_sessions
from estate.register.changes import change_building
from estate.register.models import Assumption, Building, FieldSensitivity, ProgrammeArea, Sensitivity
from estate.register.sensitivity import change_field_level, change_sensitivity
from estate.web import map_tiles, tile_answers, tile_grids
from tests import factories
from tests.web.test_map_tiles import address, count, shown
from tests.web.test_map_tiles import council as council


@dataclass
class Drawn:
    """Which tiles were drawn from the database, one entry a tile."""

    zooms: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.zooms)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    drawn, draw = Drawn(), map_tiles.draw

    def note(tile: Any, *others: Any, **named: Any) -> bytes:
        drawn.zooms.append(tile.zoom)
        return draw(tile, *others, **named)

    monkeypatch.setattr(map_tiles, "draw", note)
    return drawn


def forget(app: Flask) -> None:
    """What a restart of the process leaves: nothing."""
    tile_answers.init_memories(app)
    tile_grids.init_tile_grids(app)


def test_a_tile_is_drawn_once(council: Agency, sign_in: Any, drawn: Drawn) -> None:
    client = sign_in(Role.VIEWER, council)
    first = client.get(address(6))
    again = client.get(address(6))
    assert drawn.zooms == [6]
    assert again.data == first.data
    for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy", "Content-Type", "X-Content-Type-Options"):
        assert again.headers[name] == first.headers[name]
    held = client.get(address(6), headers={"If-None-Match": first.headers["ETag"]})
    assert (held.status_code, held.data, drawn.count) == (304, b"", 1)
    assert client.get(address(6), headers={"If-None-Match": '"another"'}).data == first.data
    client.get(address(6, "text=hall"))
    client.get(address(14))
    assert drawn.zooms == [6, 6, 14]


def test_a_browser_that_has_the_tile_is_known_again_after_a_restart(
    council: Agency, sign_in: Any, app: Flask, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(Role.VIEWER, council)
    tag = client.get(address(6)).headers["ETag"]
    forget(app)
    assert client.get(address(6), headers={"If-None-Match": tag}).status_code == 304
    with monkeypatch.context() as patch:
        patch.setattr(map_tiles, "filters_from", None)
        assert client.get(address(6), headers={"If-None-Match": tag}).status_code == 304
    assert drawn.count == 1
    assert count(shown(client, 6)) == 10
    assert drawn.count == 2


def test_it_is_packed_for_who_can_read_that_and_only_for_them(
    council: Agency, session: Session, sign_in: Any, drawn: Drawn
) -> None:
    for number in range(40):
        at = (-2.9 + number / 9999, 53.5)
        factories.make_building(session, name=f"Shed {number}", agency=council, lonlat=at)
    client = sign_in(Role.VIEWER, council)
    plain = client.get(address(14))
    packed = client.get(address(14), headers={"Accept-Encoding": "gzip"})
    assert drawn.count == 1
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(packed.data) < len(plain.data)


def test_colleagues_share_it_and_nobody_else_does(
    council: Agency, session: Session, sign_in: Any, drawn: Drawn
) -> None:
    suite = factories.make_building(session, name="Suite", agency=council, lonlat=(-2.9, 53.5))
    session.flush()
    change_sensitivity(session, suite, Sensitivity.SECRET, version=suite.version, actor=None, reason="Custody")
    own, colleague = sign_in(Role.VIEWER, council), sign_in(Role.VIEWER, council)
    assert count(shown(own, 6)) == count(shown(colleague, 6)) == 11
    assert drawn.count == 1
    stranger = sign_in(Role.VIEWER, factories.make_agency(session))
    held = own.get(address(6)).headers["ETag"]
    assert count(shown(stranger, 6)) == 10
    for zoom in (5, 6, 14):
        assert count(shown(own, zoom, "text=suite")) == 1
        assert count(shown(stranger, zoom, "text=suite")) == 0
    assert stranger.get(address(6), headers={"If-None-Match": held}).status_code == 200


def _login(session: Session, user: User) -> LoginSession:
    return session.scalars(select(LoginSession).where(LoginSession.user_id == user.id)).unique().one()


def _sign_out(session: Session, client: Any) -> None:
    assert client.submit("/sign-out").status_code == 302


def _end_elsewhere(session: Session, client: Any) -> None:
    end_sessions(session, client.user)


def _expire(session: Session, client: Any) -> None:
    _login(session, client.user).expires_at = datetime.now(UTC) - timedelta(seconds=1)


def _wait_for_second_factor(session: Session, client: Any) -> None:
    _login(session, client.user).is_waiting = True


def _deactivate(session: Session, client: Any) -> None:
    client.user.is_active = False


@pytest.mark.parametrize("end", [_sign_out, _end_elsewhere, _expire, _wait_for_second_factor, _deactivate])
def test_nothing_is_given_to_a_session_that_ended(
    council: Agency, session: Session, sign_in: Any, drawn: Drawn, end: Callable[[Session, Any], None]
) -> None:
    client = sign_in(Role.VIEWER, council)
    tag = client.get(address(6)).headers["ETag"]
    cookie = client.get_cookie("estate").value
    end(session, client)
    session.commit()
    client.set_cookie("estate", cookie)
    for headers in ({}, {"If-None-Match": tag}):
        assert client.get(address(6), headers=headers).status_code == 302
    assert drawn.count == 1


def test_nothing_is_given_to_who_has_no_role_any_more(council: Agency, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER, council)
    tag = client.get(address(6)).headers["ETag"]
    session.execute(update(Membership).where(Membership.user_id == client.user.id).values(ended_at=datetime.now(UTC)))
    session.commit()
    for headers in ({}, {"If-None-Match": tag}):
        assert client.get(address(6), headers=headers).status_code == 403


def _give_role(session: Session, council: Agency, user: User) -> None:
    factories.make_membership(session, user=user, role=Role.VIEWER, agency=factories.make_agency(session))


def _leave(session: Session, council: Agency, user: User) -> None:
    stays = update(ProgrammeMember).where(ProgrammeMember.agency_id == council.id)
    session.execute(stays.values(left_on=today_of(session), reason="Left"))


def _another_leaves(session: Session, council: Agency, user: User) -> None:
    stays = update(ProgrammeMember).where(ProgrammeMember.agency_id != council.id)
    session.execute(stays.values(left_on=today_of(session), reason="Left"))


def _a_stranger_comes(session: Session, council: Agency, user: User) -> None:
    factories.make_agency(session, is_partner=False)


def _cover_an_area(session: Session, council: Agency, user: User) -> None:
    area = factories.make_area(session, name="East", bounds=(-2, 53, -1.5, 54))
    session.add(ProgrammeArea(programme_id=factories.first_programme(session).id, area_id=area.id))


def _keep_costs_back(session: Session, council: Agency, user: User) -> None:
    today = today_of(session)
    change_field_level(session, "running_cost", Sensitivity.OWNER, valid_from=today, actor=None, reason="Kept back")


def _raise_a_level(session: Session, council: Agency, user: User) -> None:
    hall = session.query(Building).filter_by(name="Depot").one()
    change_sensitivity(session, hall, Sensitivity.OWNER, version=hall.version, actor=None, reason="Refuge")


def _rename(session: Session, council: Agency, user: User) -> None:
    hall = session.query(Building).filter_by(name="Depot").one()
    change_building(session, hall, version=hall.version, actor=None, reason="Sign", name="Old depot")


def _add(session: Session, council: Agency, user: User) -> None:
    factories.make_building(session, name="New", agency=council, lonlat=(-2.9, 53.5))


def _next_day(session: Session, council: Agency, user: User) -> None:
    """Noon is noon of two days, as far east and as far west as one can go."""
    zone = session.scalar(text("SHOW timezone"))
    today = today_of(session)
    for far in ("Etc/GMT-14", "Etc/GMT+12"):
        session.execute(text(f"SET LOCAL timezone = '{far}'"))
        if today_of(session) != today:
            return
    raise AssertionError(zone)


def _level_from_today(session: Session, council: Agency, user: User) -> None:
    """A level that was announced for a day, which comes."""
    session.execute(update(FieldSensitivity).values(valid_from=today_of(session)))


def _call_less_full(session: Session, council: Agency, user: User) -> None:
    session.execute(update(Assumption).where(Assumption.code == "fullness_low").values(value=Decimal("0.123")))


@pytest.mark.parametrize(
    "change",
    [
        _give_role, _leave, _another_leaves, _a_stranger_comes, _cover_an_area, _keep_costs_back, _raise_a_level,
        _rename, _add, _next_day, _level_from_today, _call_less_full,
    ],
)  # fmt: skip
def test_whatever_it_rests_on_makes_it_a_new_one(
    council: Agency, session: Session, sign_in: Any, drawn: Drawn, change: Callable[[Session, Agency, User], None]
) -> None:
    depots = factories.make_agency(session, name="Depots")
    factories.make_building(session, name="Depot", agency=depots, lonlat=(-2.9, 53.5))
    tomorrow = today_of(session) + timedelta(days=1)
    change_field_level(session, "running_cost", Sensitivity.OWNER, valid_from=tomorrow, actor=None, reason="Soon")
    client = sign_in(Role.VIEWER, council)
    tiles = [(6, ""), (14, ""), (6, "text=d"), (5, "text=d"), (6, "fullness=low")]
    tags = {tile: client.get(address(*tile)).headers["ETag"] for tile in tiles}
    for tile, tag in tags.items():
        assert client.get(address(*tile), headers={"If-None-Match": tag}).status_code == 304
    assert drawn.count == len(tiles)
    change(session, council, client.user)
    session.commit()
    fresh = {tile: client.get(address(*tile)) for tile in tags}
    assert drawn.count == 2 * len(tiles)
    forget(client.application)
    for (zoom, query), answer in fresh.items():
        assert answer.data == client.get(address(zoom, query)).data


def test_what_a_change_overtook_is_not_kept(
    council: Agency, session: Session, sign_in: Any, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change comes while the tile is drawn: what stands afterwards is not what stood when the request came."""
    client, ask, asked = sign_in(Role.VIEWER, council), tile_answers.find_standing, []

    def overtaken(*arguments: Any) -> Any:
        asked.append(ask(*arguments))
        return replace(asked[-1], version=asked[-1].version + len(asked))

    with monkeypatch.context() as patch:
        patch.setattr(tile_answers, "find_standing", overtaken)
        client.get(address(6))
    assert len(asked) == 2
    client.get(address(6))
    assert drawn.zooms == [6, 6]


def test_a_day_or_a_programme_in_the_address_is_answered_anew(council: Agency, sign_in: Any, drawn: Drawn) -> None:
    client = sign_in(Role.VIEWER, council)
    today = datetime.now(UTC).date().isoformat()
    for query in (f"as_at={today}", "programme=partnership"):
        before = drawn.count
        for _ in range(2):
            client.get(address(6, query))
        assert drawn.count in (before, before + 2)


def test_who_works_in_another_programme_gets_its_tiles(council: Agency, session: Session, sign_in: Any) -> None:
    other = factories.make_programme(session, name="Depots together")
    factories.make_stay(session, council, other)
    area = factories.make_area(session, name="East", bounds=(-2, 53, -1.5, 54))
    session.add(ProgrammeArea(programme_id=other.id, area_id=area.id))
    client = sign_in(Role.VIEWER, council)
    assert count(shown(client, 6)) == 10
    client.submit("/programme", {"programme_id": other.id})
    assert count(shown(client, 6)) == 0
    client.submit("/programme", {"programme_id": factories.first_programme(session).id})
    assert count(shown(client, 6)) == 10


def test_one_count_of_the_register_answers_every_tile_of_a_question(
    council: Agency, session: Session, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, counted, count_grid = sign_in(Role.VIEWER, council), [], tile_grids.grid_of

    def note(reading: Session, filters: Any) -> Any:
        counted.append(filters.text)
        return count_grid(reading, filters)

    monkeypatch.setattr(tile_grids, "grid_of", note)
    for zoom in (0, 3, 6, 7):
        assert count(shown(client, zoom, "text=hall+3")) == 1
    assert counted == ["hall 3"]
    colleague, stranger = sign_in(Role.VIEWER, council), sign_in(Role.VIEWER, factories.make_agency(session))
    assert count(shown(colleague, 2, "text=hall+3")) == 1
    assert len(counted) == 2, "an agency more is another standing"
    assert count(shown(stranger, 2, "text=hall+3")) == 1
    assert len(counted) == 3
    hall = session.query(Building).filter_by(name="Hall 3").one()
    change_building(session, hall, version=hall.version, actor=None, reason="Sign", name="Guildhall")
    session.commit()
    assert count(shown(client, 2, "text=hall+3")) == 0
    assert count(shown(client, 8, "text=hall")) == count(shown(client, 6, "text=hall")) == 10
