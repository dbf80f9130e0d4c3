"""A match of the register: what is linked by itself, what waits for a person, and what a second match does."""

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.matching.bands import Band
from estate.register.matches.decide import Said, decide, retract
from estate.register.matches.run import match_records, unmatched_ids
from estate.register.models import Building, MatchBasis, MatchCandidate, MatchDecision, MatchVerdict
from tests.factories import make_agency, make_building, make_running_cost

HERE, NEXT_DOOR = (-2.3, 53.4), (-2.3002, 53.4001)


def make_pair(session: Session, **changes: object) -> tuple[Building, Building]:
    """The same library in two agencies' lists, one UPRN."""
    values = {"name": "Sale Library", "uprn": "100012", "street": "12 Tatton Road", "postcode": "M33 1YH"}
    other = {**values, "name": "Sale Library and Hub", **changes}
    return make_building(session, lonlat=HERE, **values), make_building(session, lonlat=NEXT_DOOR, **other)


def candidates(session: Session) -> list[MatchCandidate]:
    return list(session.scalars(select(MatchCandidate)).unique())


def test_a_uprn_that_is_unique_in_both_lists_links_by_itself(session: Session) -> None:
    low, high = make_pair(session)
    outcome = match_records(session)
    assert (outcome.record_count, outcome.linked_count, outcome.waiting_count) == (2, 1, 0)
    decision = session.scalars(select(MatchDecision)).one()
    assert (decision.verdict, decision.basis, decision.actor_id) == (MatchVerdict.SAME, MatchBasis.AUTO, None)
    assert decision.features["name_token_set"] > 0.5
    assert decision.model_version
    assert (low.canonical_id, high.canonical_id) == (low.id, low.id)


def test_different_use_or_no_uprn_waits_for_a_person(session: Session) -> None:
    make_pair(session, use_class_code="library")
    low, high = make_pair(session, uprn=None)
    low.uprn = None
    make_running_cost(session, low, amount=Decimal(4000))
    make_running_cost(session, high, amount=Decimal(500))
    assert match_records(session).linked_count == 0
    waiting = candidates(session)
    assert {row.band for row in waiting} <= {Band.FAST_LANE, Band.REVIEW}
    pair = next(row for row in waiting if (row.low_id, row.high_id) == (low.id, high.id))
    assert pair.money_at_stake == Decimal(4500)
    assert pair.agency_id == high.agency_id
    assert 1 <= len(pair.reasons) <= 3
    assert {"sentence", "weight"} == set(pair.reasons[0])


def test_one_list_is_not_compared_with_itself(session: Session) -> None:
    agency = make_agency(session)
    for _ in range(2):
        make_building(session, agency=agency, name="Depot", lonlat=HERE)
    assert match_records(session).waiting_count == 0


def test_a_link_that_somebody_took_back_is_never_made_by_itself_again(session: Session) -> None:
    low, high = make_pair(session)
    match_records(session)
    retract(session, session.scalars(select(MatchDecision)).one(), actor=None, reason="Two buildings on one UPRN")
    outcome = match_records(session)
    assert (outcome.linked_count, outcome.waiting_count) == (0, 1)
    assert (low.canonical_id, high.canonical_id) == (None, None)


def test_a_decided_pair_no_longer_waits_and_a_second_match_changes_nothing(session: Session) -> None:
    low, high = make_pair(session, use_class_code="library")
    match_records(session)
    assert len(candidates(session)) == 1
    decide(session, low, high, Said(MatchVerdict.DIFFERENT, "Two front doors", None))
    for _ in range(2):
        match_records(session)
        assert candidates(session) == []
    assert session.scalar(select(func.count()).select_from(MatchDecision)) == 1


def test_only_the_wanted_records_are_matched_and_others_keep_their_pairs(session: Session) -> None:
    make_pair(session, use_class_code="library")
    match_records(session)
    first = [(row.low_id, row.high_id) for row in candidates(session)]
    third = make_building(session, name="Sale Library", street="12 Tatton Road", postcode="M33 1YH", lonlat=HERE)
    assert unmatched_ids(session) == {third.id}
    outcome = match_records(session, {third.id})
    assert outcome.record_count == 1
    found = {(row.low_id, row.high_id) for row in candidates(session)}
    assert set(first) < found
    assert all(third.id in pair for pair in found - set(first))


def test_an_empty_register_matches_nothing(session: Session) -> None:
    assert match_records(session).sentence() == "0 records matched: 0 pairs linked, 0 to be looked at"
