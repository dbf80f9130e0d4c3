"""Several programmes in the web: switching, what each shows, and what a former member still reaches."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from estate import audit
from estate.board.decisions import submit
from estate.board.models import Board, Decision
from estate.board.stepping_back import step_back
from estate.people.models import Agency, Role, User
from estate.people.permissions import Permission
from estate.people.programme_members import list_stays_of
from estate.people.programmes import today_of
from estate.proposals.models import Proposal
from estate.register.areas import assign_areas
from estate.register.matches.decide import Said, decide
from estate.register.models import Building, FieldOverride, MatchVerdict, Tenure
from estate.web.access import PUBLIC
from tests.factories import (
    PLAN_SUMMARY,
    first_programme,
    make_agency,
    make_area,
    make_board,
    make_building,
    make_finished_proposal,
    make_interest,
    make_membership,
    make_place,
    make_programme,
    make_running_cost,
    make_seat,
    make_stay,
    make_user,
)
from tests.web.conftest import PASSWORD, SignIn
from tests.web.routes import MAY, ROUTES
from tests.web.test_access import paths

ALL_ROLES = (Role.ASSET_MANAGER, Role.BOARD_MEMBER, Role.VIEWER)


@dataclass
class Scene:
    """An agency that is about to step back, one that stays, and what each has."""

    own: Agency
    other: Agency
    building: Building
    others: Building
    user: User
    """Every role but administrator, for `own` only, and the board's chair."""
    board: Board
    proposal: Proposal
    decision: Decision


@pytest.fixture
def scene(session: Session) -> Scene:
    make_place(session)
    area = make_area(session)
    own, other = make_agency(session, name="Own Police"), make_agency(session, name="Other Council")
    building = make_building(session, name="Own Station", agency=own)
    others = make_building(session, name="Other Hall", agency=other)
    assign_areas(session)
    user = make_user(session, password=PASSWORD)
    for role in ALL_ROLES:
        make_membership(session, user=user, role=role, agency=own)
    board = make_board(session, area=area)
    make_seat(session, board, user=user, is_chair=True)
    proposal = make_finished_proposal(session, area=area, emptied=[building], name="Together", summary=PLAN_SUMMARY)
    decision = submit(session, proposal, board, actor=user.id)
    return Scene(own, other, building, others, user, board, proposal, decision)


def leave(session: Session, agency: Agency, *, days: int = 0) -> None:
    [stay] = list_stays_of(session, agency)
    day = today_of(session) + timedelta(days=days)
    step_back(session, stay, left_on=day, reason="Merging with another force", actor=None)


def test_a_former_member_reaches_its_own_and_nothing_of_the_partnership(
    session: Session, sign_in: SignIn, scene: Scene
) -> None:
    client = sign_in(user=scene.user)
    pages = {
        f"/buildings/{scene.building.id}": (200, 200),
        f"/buildings/{scene.building.id}/history": (200, 200),
        f"/buildings/{scene.building.id}/edit": (200, 200),
        f"/maps/buildings/{scene.building.id}/frame": (200, 200),
        f"/buildings/{scene.others.id}": (200, 404),
        f"/buildings/{scene.others.id}/history": (200, 404),
        f"/buildings/{scene.others.id}/records": (200, 404),
        f"/maps/buildings/{scene.others.id}/frame": (200, 404),
        f"/buildings/{scene.others.id}/edit": (404, 404),
        "/proposals": (200, 403),
        "/proposals/new": (200, 403),
        f"/proposals/{scene.proposal.id}": (200, 403),
        f"/proposals/{scene.proposal.id}/buildings.csv": (200, 403),
        "/boards": (200, 403),
        f"/boards/{scene.board.id}": (200, 403),
        f"/decisions/{scene.decision.id}": (200, 403),
        f"/decisions/{scene.decision.id}/evidence.json": (200, 403),
        "/disposals": (200, 403),
        "/disposals/candidate-disposals.csv": (200, 403),
        "/departures": (200, 403),
    }
    before = {path: client.get(path).status_code for path in pages}
    leave(session, scene.own)
    after = {path: client.get(path).status_code for path in pages}
    assert before == {path: statuses[0] for path, statuses in pages.items()}
    assert after == {path: statuses[1] for path, statuses in pages.items()}


@pytest.mark.parametrize("path", ["/buildings", "/buildings.csv", "/maps/buildings", "/maps/buildings.csv", "/"])
def test_lists_hold_own_for_former_members_and_not_theirs_for_others(
    session: Session, sign_in: SignIn, scene: Scene, path: str
) -> None:
    former, partner = sign_in(user=scene.user), sign_in(Role.VIEWER, scene.other)
    listed = path != "/"
    for client in (former, partner):
        page = client.get(path).text
        assert not listed or ("Own Station" in page and "Other Hall" in page)
    leave(session, scene.own)
    page = former.get(path).text
    assert not listed or "Own Station" in page
    assert "Other Hall" not in page
    page = partner.get(path).text
    assert "Own Station" not in page
    assert not listed or "Other Hall" in page


def test_a_former_member_is_told_why(session: Session, sign_in: SignIn, scene: Scene) -> None:
    leave(session, scene.own)
    page = sign_in(user=scene.user).get("/").text
    assert "Own Police stepped back from" in page
    assert 'href="/proposals"' not in page
    assert "Own Police stepped back from" not in sign_in(Role.VIEWER, scene.other).get("/").text


def test_no_post_of_the_partnership_works_after_leaving(session: Session, sign_in: SignIn, scene: Scene) -> None:
    client = sign_in(user=scene.user)
    leave(session, scene.own)
    board, decision, proposal = scene.board.id, scene.decision.id, scene.proposal.id
    for path, data in (
        (f"/decisions/{decision}/vote", {"choice": "for", "vote_reason": ""}),
        (f"/decisions/{decision}/decide", {"outcome": "approve", "decision_reason": "x"}),
        (f"/decisions/{decision}/withdraw", {"withdraw_reason": "x"}),
        (f"/proposals/{proposal}/submit", {"board_id": board, "note": ""}),
        (f"/proposals/{proposal}/cancel", {}),
        ("/proposals/new", {}),
    ):
        assert client.submit(path, data, page="/account").status_code == 403, path
    assert (
        client.submit("/programme", {"programme_id": first_programme(session).id}, page="/account").status_code == 404
    )


def test_every_route_of_a_former_member(session: Session, app: Flask, sign_in: SignIn, scene: Scene) -> None:
    """Each route that asks for something only partners may answers 403; every other does not."""
    client = sign_in(user=scene.user)
    leave(session, scene.own)
    partners_only = {
        Permission.READ_PROPOSAL,
        Permission.START_PROPOSAL,
        Permission.SUBMIT_PROPOSAL,
        Permission.WITHDRAW_PROPOSAL,
        Permission.READ_BOARD,
        Permission.VOTE,
        Permission.DECIDE,
        Permission.EXPORT_DISPOSALS,
        Permission.ADMINISTER,
    }
    assert partners_only < set(MAY)
    wrong = []
    for endpoint, method, path in paths(app):
        access = ROUTES.get(endpoint, PUBLIC)
        if isinstance(access, Permission):
            status = client.open(path, method=method).status_code
            if (status == 403) != (access in partners_only):
                wrong.append(f"{method} {path} answered {status}")
    assert wrong == []


def walked(app: Flask) -> list[str]:
    """Every page and file that is read and names no single thing."""
    found = {path for endpoint, method, path in paths(app) if method == "GET" and "999999" not in path}
    return sorted(path for path in found if not path.startswith(("/static", "/sign-in", "/health", "/about")))


def said(response: TestResponse) -> str:
    """Its words, of a file in a format of its own too."""
    return response.get_data().decode("utf-8", "replace")


def test_no_page_or_file_names_what_somebody_may_no_longer_see(
    session: Session, app: Flask, sign_in: SignIn, scene: Scene
) -> None:
    """A building of each side with whatever lists live on: a lease that ends, costs, gaps, a likely pair."""
    soon = today_of(session) + timedelta(days=60)
    for building in (scene.building, scene.others):
        make_interest(session, building, tenure=Tenure.LEASEHOLD, lease_end_on=soon, break_on=soon)
        make_running_cost(session, building)
        audit.record(session, actor=None, action="change_building", subject_type="building", subject_id=building.id)
    former, partner = sign_in(user=scene.user), sign_in(Role.ASSET_MANAGER, scene.other)
    before = [path for path in walked(app) if "Other Hall" in said(former.get(path))]
    assert len(before) > 5, "the walk sees what it looks for"
    leave(session, scene.own)
    assert [path for path in walked(app) if "Other Hall" in said(former.get(path))] == []
    told = [path for path in walked(app) if "Own Station" in said(partner.get(path))]
    assert told == ["/disposals", "/disposals/candidate-disposals.csv"] or told == []


def test_a_departure_to_come_changes_nothing_yet(session: Session, sign_in: SignIn, scene: Scene) -> None:
    leave(session, scene.own, days=1)
    client = sign_in(user=scene.user)
    assert client.get(f"/buildings/{scene.others.id}").status_code == 200
    vote = {"choice": "for", "vote_reason": ""}
    assert client.submit(f"/decisions/{scene.decision.id}/vote", vote, page="/account").status_code == 302


def test_others_read_the_flag(session: Session, sign_in: SignIn, scene: Scene) -> None:
    partner = sign_in(Role.ASSET_MANAGER, scene.other)
    pages = (f"/proposals/{scene.proposal.id}", f"/decisions/{scene.decision.id}", "/departures")
    for path in pages:
        assert "tepped back from this programme" not in partner.get(path).text, path
    assert "No agency stepped back" in partner.get("/departures").text
    leave(session, scene.own)
    for path in (*pages, "/proposals", f"/boards/{scene.board.id}"):
        assert "Own Police" in partner.get(path).text, path
        assert "tepped back" in partner.get(path).text, path
    assert "Merging with another force" in partner.get("/departures").text
    assert partner.get(f"/buildings/{scene.building.id}").status_code == 404


def test_with_one_programme_nothing_shows(session: Session, sign_in: SignIn, scene: Scene) -> None:
    page = sign_in(Role.VIEWER, scene.other).get("/buildings").text
    assert "estate-programmes" not in page
    assert "programme=" not in page


@pytest.fixture
def health(session: Session, scene: Scene) -> Agency:
    """An agency of a second programme, in which the other council takes part too."""
    programme = make_programme(session, name="Health", place_name="Health land")
    trust = make_agency(session, name="Trust", is_partner=False)
    for agency in (trust, scene.other):
        make_stay(session, agency, programme)
    make_building(session, name="Clinic", agency=trust)
    make_board(session, name="Health board", programme=programme)
    make_finished_proposal(session, name="Clinics together", programme=programme, summary=PLAN_SUMMARY)
    return trust


def test_one_programme_at_a_time(session: Session, sign_in: SignIn, scene: Scene, health: Agency) -> None:
    client, other = sign_in(Role.VIEWER, scene.other), list_stays_of(session, health)[0].programme
    client.submit("/programme", {"programme_id": first_programme(session).id}, page="/account")
    page = client.get("/buildings").text
    assert ("Own Station" in page, "Clinic" in page) == (True, False)
    response = client.submit("/programme", {"programme_id": other.id}, page="/account")
    assert response.headers["Location"].startswith("/?programme=health")
    for path, seen, unseen in (
        ("/buildings", "Clinic", "Own Station"),
        ("/boards", "Health board", scene.board.name),
        ("/proposals", "Clinics together", ">Together<"),
        ("/", "Health land", "Testshire"),
    ):
        page = client.get(path).text
        assert seen in page, path
        assert unseen not in page, path
    assert "/buildings?programme=health" in client.get("/").text


def test_a_link_carries_its_programme(session: Session, sign_in: SignIn, scene: Scene, health: Agency) -> None:
    client, first = sign_in(Role.VIEWER, scene.other), first_programme(session)
    assert "Clinic" in client.get("/buildings?programme=health").text
    assert "Clinic" in client.get("/buildings").text
    assert "Own Station" in client.get(f"/buildings?programme={first.slug}").text
    stranger = sign_in(Role.VIEWER, scene.own)
    assert stranger.get("/buildings?programme=health").status_code == 404
    assert stranger.get("/buildings?programme=nothing").status_code == 404
    assert "Clinic" not in stranger.get("/buildings").text


def test_a_page_of_another_programme_says_so(session: Session, sign_in: SignIn, scene: Scene, health: Agency) -> None:
    client = sign_in(Role.VIEWER, scene.other)
    client.get("/buildings?programme=health")
    assert "You now work in" in client.get(f"/proposals/{scene.proposal.id}").text
    assert "You now work in" not in client.get(f"/boards/{scene.board.id}").text
    trust = sign_in(Role.VIEWER, health)
    for path in (f"/proposals/{scene.proposal.id}", f"/boards/{scene.board.id}", f"/decisions/{scene.decision.id}"):
        assert trust.get(path).status_code == 404, path
    assert trust.get(f"/buildings/{scene.building.id}").status_code == 404
    assert trust.get(f"/buildings/{scene.others.id}").status_code == 200


def test_administrators_reach_every_programme_and_every_agency(
    session: Session, sign_in: SignIn, scene: Scene, health: Agency
) -> None:
    loner = make_agency(session, is_partner=False)
    lonely = make_building(session, name="Lonely", agency=loner)
    admin = sign_in(Role.ADMINISTRATOR, scene.own)
    assert "Clinic" in admin.get("/buildings?programme=health").text
    assert admin.get(f"/buildings/{lonely.id}").status_code == 200
    assert "Lonely" not in admin.get("/buildings").text
    assert "Lonely" in admin.get(f"/buildings?agency={loner.id}").text


def test_a_merged_building_shows_a_former_member_its_own_record_only(
    session: Session, sign_in: SignIn, scene: Scene
) -> None:
    head, record = scene.others, scene.building
    head.canonical_id = record.canonical_id = head.id
    session.flush()
    client = sign_in(user=scene.user)
    assert "Other Hall" in client.get(f"/buildings/{head.id}").text
    assert client.get(f"/buildings/{head.id}/records").status_code == 200
    leave(session, scene.own)
    page = client.get(f"/buildings/{record.id}").text
    assert "Own Station" in page
    assert "Other Hall" not in page
    assert client.get(f"/buildings/{head.id}").status_code == 404
    assert client.get(f"/buildings/{head.id}/records").status_code == 404


def joined(session: Session, scene: Scene) -> tuple[Building, Building]:
    """One building that both report, on one site with a depot of the other: the other's record is the older."""
    head = make_building(session, name="Other Annexe", agency=scene.other)
    record = make_building(session, name="Own Desk", agency=scene.own, street="Own Street")
    depot = make_building(session, name="Other Quarry", agency=scene.other)
    decide(session, head, record, Said(MatchVerdict.SAME, "One building", None))
    decide(session, head, depot, Said(MatchVerdict.SAME_SITE, "One yard", None))
    assert record.canonical_id == head.id
    return head, record


def test_a_record_under_a_partner_s_head_is_in_every_list_of_a_former_member(
    session: Session, sign_in: SignIn, scene: Scene
) -> None:
    head, record = joined(session, scene)
    client = sign_in(user=scene.user)
    leave(session, scene.own)
    for path in ("/buildings", "/buildings.csv", "/buildings.geojson", "/maps/buildings", "/maps/buildings.csv"):
        page = client.get(path).text
        assert ("Own Desk" in page, "Own Station" in page) == (True, True), path
        assert not [name for name in ("Annexe", "Quarry", "Other Hall") if name in page], path
    assert f'href="/buildings/{record.id}"' in client.get("/buildings?text=desk").text
    page = client.get(f"/buildings/{record.id}").text
    assert "Own Desk" in page
    assert "Annexe" not in page
    partner = sign_in(Role.ASSET_MANAGER, scene.other).get("/buildings?text=desk").text
    assert f'href="/buildings/{head.id}"' in partner, "partners go on seeing one building"


def test_the_pages_of_a_site_stand_where_its_leading_record_is_hidden(
    session: Session, sign_in: SignIn, scene: Scene
) -> None:
    _, record = joined(session, scene)
    client, partner = sign_in(user=scene.user), sign_in(Role.VIEWER, scene.other)
    leave(session, scene.own)
    for path in (f"/sites/{record.site_id}", f"/sites/{record.site_id}/frame"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "Own Desk" in page.text, path
        assert not [name for name in ("Annexe", "Quarry", "Other Hall") if name in page.text], path
        assert "Other Annexe" in partner.get(path).text, path
    for path in (f"/sites/{record.site_id}/name", f"/buildings/{record.id}/site"):
        assert client.get(path).status_code == 404, "whose building it is besides decides with them, not against"
    stranger = make_agency(session, is_partner=False)
    assert sign_in(Role.VIEWER, stranger).get(f"/sites/{record.site_id}").status_code == 404


def test_a_former_member_changes_its_own_record_and_nothing_that_is_shared(
    session: Session, sign_in: SignIn, scene: Scene
) -> None:
    head, record = joined(session, scene)
    client = sign_in(user=scene.user)
    leave(session, scene.own)
    own = f"/buildings/{record.id}"
    sent = {"what": ["built_year"], "built_year": "1950", "reason": "Deeds"}
    answer = client.submit(f"/buildings/changes/new?id={record.id}&id={head.id}", sent, page="/account")
    assert answer.status_code == 302
    client.submit(f"{answer.headers['Location']}/confirm", page="/account")
    assert (session.get_one(Building, record.id).built_year, session.get_one(Building, head.id).built_year) == (
        1950,
        None,
    )
    assert client.get(f"{own}/edit").status_code == 200
    for path in (f"{own}/values/name", f"{own}/site"):
        assert client.get(path).status_code == 404, path
    chosen = {"value": "Ours", "reason": "x"}
    assert client.submit(f"{own}/values/name", chosen, page="/account").status_code == 404
    assert client.submit(f"{own}/kind", {"kind": "site", "reason": "x"}, page="/account").status_code == 404
    for path in (f"/buildings/{head.id}/edit", f"/buildings/{head.id}/level", f"/buildings/{head.id}/retire"):
        assert client.get(path).status_code == 404, path
        assert client.submit(path, {"reason": "x"}, page="/account").status_code == 404, path
    assert session.scalars(select(FieldOverride)).all() == []


def test_a_site_of_another_programme_of_theirs_says_so(
    session: Session, sign_in: SignIn, scene: Scene, health: Agency
) -> None:
    one, two = (make_building(session, name=f"Ward {number}", agency=health) for number in "ab")
    decide(session, one, two, Said(MatchVerdict.SAME_SITE, "One campus", None))
    client = sign_in(Role.VIEWER, scene.other)
    client.submit("/programme", {"programme_id": first_programme(session).id}, page="/account")
    page = client.get(f"/sites/{one.site_id}").text
    assert "Ward a" in page
    assert "You now work in" in page
    assert sign_in(Role.VIEWER, scene.own).get(f"/sites/{one.site_id}").status_code == 404
