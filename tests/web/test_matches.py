"""The review of pairs over HTTP: who may decide, what each verdict does, undo, and what old numbers lead to."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.matches.decide import Said, decide
from estate.register.matches.run import match_records
from estate.register.models import Building, MatchBasis, MatchDecision, MatchVerdict
from tests.factories import make_agency, make_building, make_programme, make_running_cost, make_stay
from tests.web.conftest import Client, SignIn


@pytest.fixture
def pair(session: Session) -> tuple[Building, Building]:
    """The same library twice, told apart by its use, so that it waits."""
    council, trust = make_agency(session, name="Alpha Council"), make_agency(session, name="Beta Trust")
    low = make_building(
        session, name="Sale Library", agency=council, uprn="1007", street="12 Tatton Road", postcode="M33 1YH"
    )
    high = make_building(
        session,
        name="Sale Library & <Hub>",
        agency=trust,
        uprn="1007",
        street="12 Tatton Road",
        postcode="M33 1YH",
        use_class_code="library",
        lonlat=(-2.3005, 53.4),
    )
    make_running_cost(session, low, amount=Decimal(9000))
    match_records(session)
    return low, high


@pytest.fixture
def manager(sign_in: SignIn, pair: tuple[Building, Building]) -> Client:
    """The asset manager of the older record's agency."""
    return sign_in(Role.ASSET_MANAGER, pair[0].agency)


def address(pair: tuple[Building, Building]) -> str:
    return f"/matches/{pair[0].id}/{pair[1].id}"


def decisions(session: Session) -> list[MatchDecision]:
    return list(session.scalars(select(MatchDecision).order_by(MatchDecision.id)).unique())


def say(manager: Client, pair: tuple[Building, Building], verdict: str, **data: str):  # type: ignore[no-untyped-def]
    return manager.submit(address(pair), {"verdict": verdict, "reason": "", "queue": "", **data}, page="/account")


def test_the_page_says_what_the_very_pair_would_change(
    session: Session, manager: Client, pair: tuple[Building, Building]
) -> None:
    low, high = pair
    make_running_cost(session, high, agency_id=low.agency_id, amount=Decimal(8000))
    page = manager.get(address(pair)).text
    assert f"One building under number {low.id}" in page
    assert "£8,000 of 2024-25 would no longer count twice" in page
    assert "Values that would be shown" in page
    assert say(manager, pair, "same").status_code == 302
    assert "Nothing changes: they are one building already." in manager.get(address(pair)).text


def test_the_queue_leads_to_the_pair_with_its_evidence(manager: Client, pair: tuple[Building, Building]) -> None:
    page = manager.get("/matches").text
    assert "Sale Library" in page
    assert "£9,000" in page
    assert manager.get("/matches/next").headers["Location"].startswith(address(pair))
    shown = manager.get(address(pair)).text
    assert "<mark>&lt;Hub&gt;</mark>" in shown
    assert "No other record has this UPRN." in shown
    assert "33 m" in shown
    assert "likely the same" in shown
    frame = manager.get(f"{address(pair)}/frame")
    assert "33 m between" in frame.text
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_same_merges_undo_restores_and_the_pair_comes_again(
    manager: Client, pair: tuple[Building, Building], session: Session
) -> None:
    low, high = pair
    answer = say(manager, pair, "same", queue="1")
    decision = decisions(session)[0]
    assert f"/matches/next?last={decision.id}" in answer.headers["Location"]
    assert decision.basis in (MatchBasis.PERSON, MatchBasis.FAST_LANE)
    assert decision.probability is not None
    assert high.canonical_id == low.id
    done = manager.get(answer.headers["Location"], follow_redirects=True).text
    assert "No pair waits" in done
    assert "Undo" in done
    moved = manager.get(f"/buildings/{high.id}")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"/buildings/{low.id}")
    assert moved.headers["Cache-Control"] == "no-store"
    page = manager.get(f"/buildings/{low.id}").text
    assert "What each agency says" in page
    assert "Beta Trust" in page
    undone = manager.submit(f"/matches/decisions/{decision.id}/retract", {"queue": "1", "reason": ""}, page="/account")
    assert undone.headers["Location"].startswith(address(pair))
    assert manager.get(f"/buildings/{high.id}").status_code == 200
    assert (low.canonical_id, high.canonical_id) == (None, None)


@pytest.mark.parametrize(
    ("button", "verdict", "part"),
    [
        ("same_site", MatchVerdict.SAME_SITE, None),
        ("low_is_part", MatchVerdict.PART_OF, 0),
        ("high_is_part", MatchVerdict.PART_OF, 1),
        ("different", MatchVerdict.DIFFERENT, None),
        ("unsure", MatchVerdict.UNSURE, None),
    ],
)
def test_each_button_stores_its_verdict(
    manager: Client,
    pair: tuple[Building, Building],
    session: Session,
    button: str,
    verdict: MatchVerdict,
    part: int | None,
) -> None:
    answer = say(manager, pair, button, reason="Walked past it")
    assert answer.headers["Location"].endswith("/records")
    decision = decisions(session)[0]
    assert (decision.verdict, decision.reason) == (verdict, "Walked past it")
    assert decision.part_id == (None if part is None else pair[part].id)
    assert pair[1].canonical_id is None
    page = manager.get(answer.headers["Location"]).text
    assert "Walked past it" in page


def test_an_unknown_verdict_or_field_stores_nothing(
    manager: Client, pair: tuple[Building, Building], session: Session
) -> None:
    assert say(manager, pair, "maybe").status_code == 422
    assert say(manager, pair, "same", canonical_id="7").status_code == 422
    assert decisions(session) == []


def test_only_administrators_and_the_two_agencies_managers_decide(
    sign_in: SignIn, pair: tuple[Building, Building], session: Session
) -> None:
    stranger = sign_in(Role.ASSET_MANAGER, make_agency(session))
    assert stranger.get(address(pair)).status_code == 403
    assert stranger.get(f"{address(pair)}/frame").status_code == 403
    assert say(stranger, pair, "same").status_code == 403
    assert "No pair waits" in stranger.get("/matches").text
    for agency in (pair[0].agency, pair[1].agency):
        assert sign_in(Role.ASSET_MANAGER, agency).get(address(pair)).status_code == 200
    assert sign_in(Role.ADMINISTRATOR, make_agency(session)).get(address(pair)).status_code == 200
    assert sign_in(Role.VIEWER, pair[0].agency).get(f"/buildings/{pair[0].id}/records").status_code == 200


def test_a_stranger_takes_no_decision_back(sign_in: SignIn, pair: tuple[Building, Building], session: Session) -> None:
    decision = decide(session, *pair, Said(MatchVerdict.SAME, "Seen", None))
    stranger = sign_in(Role.ASSET_MANAGER, make_agency(session))
    path = f"/matches/decisions/{decision.id}/retract"
    assert stranger.submit(path, {"reason": "x"}, page="/account").status_code == 403
    assert decision.retracted_at is None
    manager = sign_in(Role.ASSET_MANAGER, pair[1].agency)
    assert manager.submit(path, {"reason": "Two doors"}, page="/account").status_code == 302
    assert manager.submit(path, {"reason": "Two doors"}, page="/account").status_code == 409
    assert decision.retracted_reason == "Two doors"


def test_a_forbidden_merge_answers_409_and_the_page_says_why(
    manager: Client, pair: tuple[Building, Building], session: Session
) -> None:
    low, high = pair
    third = make_building(session, name="Third", agency=low.agency)
    decide(session, low, third, Said(MatchVerdict.DIFFERENT, "Seen", None))
    decide(session, high, third, Said(MatchVerdict.SAME, "Seen", None))
    assert "An earlier decision keeps them apart" in manager.get(address(pair)).text
    assert say(manager, pair, "same").status_code == 409


def test_skipped_pairs_come_last_and_filters_stay(
    manager: Client, pair: tuple[Building, Building], session: Session
) -> None:
    skip = f"{pair[0].id}-{pair[1].id}"
    location = manager.get(f"/matches/next?skip={skip}&agency={pair[0].agency_id}&skip=x").headers["Location"]
    assert location.startswith("/matches?agency=")
    agency: Agency = pair[1].agency
    assert "Sale Library" in manager.get(f"/matches?agency={agency.id}").text
    assert "No pair waits" in manager.get("/matches?agency=999999").text


def test_any_two_buildings_can_be_compared_from_a_building_s_page(
    manager: Client, pair: tuple[Building, Building], session: Session
) -> None:
    depot = make_building(session, name="Depot", agency=pair[0].agency)
    page = manager.get(f"/buildings/{pair[0].id}/records?text=depot").text
    assert f"/matches/{pair[0].id}/{depot.id}" in page
    assert "likely the same" in manager.get(f"/matches/{depot.id}/{pair[0].id}").text
    assert manager.get(f"/matches/{depot.id}/{depot.id}").status_code == 404


def test_conflicts_are_listed_as_work(manager: Client, pair: tuple[Building, Building], session: Session) -> None:
    assert "No conflict" in manager.get("/matches/conflicts").text
    decide(session, *pair, Said(MatchVerdict.SAME, "Seen", None))
    page = manager.get("/matches/conflicts").text
    assert "Sale Library" in page
    assert "Use" in page


def test_a_pair_of_another_programme_is_not_there(session: Session, sign_in: SignIn) -> None:
    """That a pair is refused would tell that its records exist."""
    far = make_agency(session, is_partner=False)
    make_stay(session, far, make_programme(session))
    low, high = (make_building(session, agency=far) for _ in range(2))
    decision = decide(session, low, high, Said(MatchVerdict.SAME_SITE, "One yard", None))
    manager = sign_in(Role.ASSET_MANAGER)
    for path in (f"/matches/{low.id}/{high.id}", f"/matches/{low.id}/{high.id}/frame", "/matches/999998/999999"):
        assert manager.get(path).status_code == 404, path
    assert manager.submit(f"/matches/decisions/{decision.id}/retract", page="/account").status_code == 404
    assert decision.retracted_at is None
