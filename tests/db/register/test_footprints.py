"""The outlines of buildings: which record gives one, its size, and who sees it."""

import pytest
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, box

from estate.register.footprints import footprints_frame
from estate.register.matches.decide import Said, decide
from estate.register.models import FixSource, MatchVerdict, Sensitivity
from estate.register.seen import Viewer, seen_by
from tests.factories import make_agency, make_building


def outline(west: float, side: float = 0.001):
    return from_shape(MultiPolygon([box(west, 53.4, west + side, 53.4 + side)]), srid=4326)


def test_only_buildings_with_an_outline_are_in_it_each_with_its_size(session) -> None:
    shaped = make_building(session, footprint=outline(-2.3))
    plain = make_building(session)
    found = footprints_frame(session, [shaped.id, plain.id])
    assert found["building_id"].tolist() == [shaped.id]
    # A thousandth of a degree at this latitude is 66.4 m by 111.3 m.
    assert found["area_m2"].iloc[0] == pytest.approx(7390, rel=0.01)
    assert footprints_frame(session, [plain.id]).empty
    assert footprints_frame(session, []).empty


def test_of_several_records_the_one_with_the_surveyed_outline_gives_it(session) -> None:
    older = make_building(session, name="Town Hall", footprint=outline(-2.3, 0.002))
    newer = make_building(session, name="Town Hall", footprint=outline(-2.3), fix_source=FixSource.SURVEYED_POLYGON)
    decide(session, older, newer, Said(MatchVerdict.SAME, "One door", None))
    found = footprints_frame(session, [older.id])
    assert found[["building_id", "agency"]].values.tolist() == [[older.id, newer.agency.name]]
    own = footprints_frame(session, [older.id], {older.agency_id})
    assert own["agency"].tolist() == [older.agency.name]


def test_a_restricted_outline_is_its_agencys_alone(session) -> None:
    police, council = make_agency(session), make_agency(session)
    suite = make_building(session, agency=police, footprint=outline(-2.3), sensitivity=Sensitivity.OWNER)
    with seen_by(session, Viewer(frozenset({council.id}), is_partner=True)) as reading:
        assert footprints_frame(reading, [suite.id]).empty
    with seen_by(session, Viewer(frozenset({police.id}), is_partner=True)) as reading:
        assert footprints_frame(reading, [suite.id])["building_id"].tolist() == [suite.id]
