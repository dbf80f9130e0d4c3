"""A match of the register: what is linked by itself, what waits for a person, and what a second match does."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.matching import reach
from estate.matching.bands import Band
from estate.register.matches.decide import Said, decide, retract
from estate.register.matches.records import read_records
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


PLACES = (("Sale Library", "12 Tatton Road", "M33 {}YH", "100{}012"), ("Depot", "1 Mill Lane", "", ""))


def make_towns(session: Session, count: int) -> list[Building]:
    """Two buildings of each of two agencies in each of many towns, the same everywhere, kilometres from one another."""
    made = []
    for town in range(count):
        for agency in (make_agency(session), make_agency(session)):
            for name, street, postcode, uprn in PLACES:
                codes = {"postcode": postcode.format(town) or None, "uprn": uprn.format(town) or None}
                place = (-2.3 + town / 10, 53.4 + (name == "Depot") / 100)
                made.append(make_building(session, agency=agency, name=name, lonlat=place, street=street, **codes))
    return made


def matched_now(session: Session, wanted: set[int]) -> tuple[object, list[tuple[object, ...]], list[tuple[int, int]]]:
    """What a match of these does, taken back."""
    with session.begin_nested() as savepoint:
        outcome = match_records(session, wanted)
        waiting = sorted((c.low_id, c.high_id, c.probability, c.band, str(c.reasons)) for c in candidates(session))
        linked = session.execute(select(MatchDecision.low_id, MatchDecision.high_id)).all()
        savepoint.rollback()
    session.expire_all()
    return outcome, waiting, sorted(tuple(pair) for pair in linked)


def test_a_match_of_few_finds_what_a_match_among_all_finds(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_towns(session, 6)
    far = make_building(session, name="Head office", lonlat=(-4.0, 55.0))
    decide(session, made[1], far, Said(MatchVerdict.SAME, "One lease", None))
    decide(session, made[3], far, Said(MatchVerdict.DIFFERENT, "Two gates", None))
    wanted = {made[0].id, made[1].id}
    monkeypatch.setattr(reach, "MOST_WANTED_RATIO", 0.0)
    among_all = matched_now(session, wanted)
    seen: list[int] = []

    def reached(frame: pd.DataFrame, chosen: np.ndarray) -> tuple[np.ndarray, reach.WordCounts]:
        found = reach.reach(frame, chosen)
        seen.append(int(found[0].sum()))
        return found

    monkeypatch.setattr("estate.register.matches.run.reach", reached)
    monkeypatch.setattr(reach, "MOST_WANTED_RATIO", 1.0)
    assert matched_now(session, wanted) == among_all
    assert seen == [4]
    assert (made[0].id, made[2].id) in among_all[2]


def test_records_are_read_by_rising_id_whatever_their_texts(session: Session) -> None:
    texts = {"name": 'Town\nHall, "Annexe"\t;', "street": "1 High\nStreet", "uprn": "000077", "postcode": None}
    first, second = make_building(session, **texts), make_building(session, name="Depot", lonlat=None)
    frame = read_records(session)
    assert frame["record_id"].tolist() == [first.id, second.id]
    assert frame["name"].tolist() == ['Town Hall, "Annexe"\t;', "Depot"]
    assert frame["address"].str.startswith("1 High Street").tolist() == [True, False]
    assert (frame["uprn"].tolist(), frame["postcode"].tolist()[0]) == ([77, 0], "")
    assert frame["x_m"].isna().tolist() == [False, True]
    assert read_records(session, [second.id])["record_id"].tolist() == [second.id]
    assert read_records(session, []).empty
