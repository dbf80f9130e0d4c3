"""From rows to a Problem: what is known goes in as it is, what is not is estimated and marked, or left out and said."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from estate.optimise import TeamRule
from estate.optimise.validate import validated
from estate.proposals.build import problem_for
from estate.proposals.errors import OptionsInvalid
from estate.proposals.options import Options
from estate.register.areas import assign_areas
from estate.register.models import BuildingStatus, FixSource, OccupancyMethod, OccupancyObservation, Tenure
from tests import factories

TODAY = datetime.now(UTC).date()


def build(session, area, **options):
    return validated(problem_for(session, area, Options(**options)))


def found(problem, row):
    return next(building for building in problem.buildings if building.id == str(row.id))


def teams(problem, row):
    return [team for team in problem.teams if team.home == str(row.id)]


def another(session, **fields):
    """A building in the area with its membership of areas up to date."""
    building = factories.make_building(session, lonlat=(-2.305, 53.4), **fields)
    assign_areas(session, [building.id])
    return building


def test_known_figures_go_in_as_they_are(session, estate):
    problem = build(session, estate.area)
    old = found(problem, estate.old)
    assert old.capacity_m2 == 400
    assert old.running_cost_per_year == 60_000.01, "the latest year alone"
    assert old.estimates == ()
    assert {payer.agency: round(payer.share_ratio, 3) for payer in old.payers} == {
        str(estate.council.id): 0.667,
        str(estate.health.id): 0.333,
    }
    assert old.hosting_cost_per_m2_per_year == pytest.approx(0.3 * 60_000.01 / 400, abs=1e-4)
    assert old.may_host
    assert old.may_close
    assert old.accepts == ("civic_centre", "customer_centre", "jobcentre", "office", "probation_office")
    assert abs(old.x_m - found(problem, estate.hall).x_m) == pytest.approx(664, abs=2), "metres, not degrees"


def test_need_is_by_the_space_standard(session, estate):
    planning, health = teams(build(session, estate.area), estate.old)
    assert (planning.need_m2, planning.fte, planning.estimates) == (100.0, 10.0, ())
    assert (health.need_m2, health.agency) == (50.0, str(estate.health.id))
    assert planning.move_cost == pytest.approx(10 * 450 + 100 * 250 * 1.24)


@pytest.mark.parametrize(
    ("fields", "need", "estimates"),
    [
        ({"fte": Decimal(4), "area_m2": Decimal(90), "is_public_counter": True}, 90.0, ()),
        ({"fte": Decimal(12), "area_m2": Decimal(90), "is_public_counter": True}, 120.0, ()),
        ({"fte": None, "area_m2": Decimal(90)}, 90.0, ("fte",)),
        ({"fte": Decimal(0), "area_m2": Decimal(90)}, 90.0, ()),
        ({"fte": None, "area_m2": None, "workstations": 6}, 60.0, ("need_m2", "fte")),
        ({"fte": None, "area_m2": None}, 140.0, ("need_m2", "fte")),
    ],
)
def test_need_of_a_team_about_which_less_is_known(session, estate, fields, need, estimates):
    building = another(session, net_internal_area_m2=Decimal(200))
    factories.make_occupation(session, building, **fields)
    (team,) = teams(build(session, estate.area), building)
    assert (team.need_m2, team.estimates) == (need, estimates)


def test_unknown_running_cost_is_the_benchmark_and_says_so(session, estate):
    building = another(session, gross_internal_area_m2=Decimal(100))
    problem = build(session, estate.area)
    assert found(problem, building).running_cost_per_year == 14_500
    assert found(problem, building).estimates == ("capacity_m2", "running_cost_per_year")
    assert found(problem, building).capacity_m2 == 80
    assert found(problem, building).payers[0].agency == str(building.agency_id)
    assert "The running cost of 1 building is an estimate." in problem.notes
    assert any(name == "running_cost_per_m2 (office)" for name, _ in problem.settings.assumptions)


def test_without_area_and_cost_a_building_is_left_out_and_named(session, estate):
    building = another(session)
    problem = build(session, estate.area)
    assert str(building.id) not in problem.building_index
    assert any("neither running cost nor floor area" in note for note in problem.notes)


def test_users_whom_nobody_recorded_are_one_estimated_team(session, estate):
    building = another(session, net_internal_area_m2=Decimal(200))
    problem = build(session, estate.area)
    (team,) = teams(problem, building)
    assert (team.id, team.need_m2, team.fte) == (f"building:{building.id}", 140.0, None)
    assert any("nobody recorded who works in 1 building;".lower() in note.lower() for note in problem.notes)


def test_recorded_vacant_area_beats_the_assumed_share(session, estate):
    building = another(session, net_internal_area_m2=Decimal(200))
    session.add(
        OccupancyObservation(
            building_id=building.id,
            observed_on=date(2025, 1, 1),
            method=OccupancyMethod.SURVEY,
            vacant_m2=Decimal(120),
            source="made for a test",
        )
    )
    session.flush()
    (team,) = teams(build(session, estate.area), building)
    assert team.need_m2 == 80


@pytest.mark.parametrize("status", [BuildingStatus.VACANT, BuildingStatus.SURPLUS])
def test_a_building_recorded_as_empty_has_no_teams(session, estate, status):
    building = another(session, net_internal_area_m2=Decimal(200), status=status)
    problem = build(session, estate.area)
    assert teams(problem, building) == []
    assert found(problem, building).may_host is (status is BuildingStatus.VACANT)


@pytest.mark.parametrize("use", [None, "school"])
def test_a_building_that_stands_empty_may_be_given_up_whatever_its_use(session, estate, use):
    building = another(session, net_internal_area_m2=Decimal(200), use_class_code=use)
    factories.make_interest(session, building, tenure=Tenure.VACANT)
    row = found(build(session, estate.area), building)
    assert (row.may_close, row.may_host) == (True, False)


def test_unknown_area_keeps_a_building_from_hosting_and_its_unknown_users_from_leaving(session, estate):
    building = another(session)
    factories.make_running_cost(session, building)
    row = found(build(session, estate.area), building)
    assert (row.may_host, row.may_host_reason) == (False, "its floor area is not recorded")
    assert (row.may_close, row.may_close_reason) == (False, "nothing recorded says how much space its users need")


@pytest.mark.parametrize(
    ("fields", "host_words", "close_words"),
    [
        ({"use_class_code": None}, "its use is not recorded", "its use is not recorded"),
        ({"use_class_code": "school"}, "School or college", "School or college"),
        ({"use_class_code": "fire_station"}, "", "Fire station"),
        ({"use_class_code": "depot"}, "Depot", ""),
        ({"is_protected": True, "protected_reason": "a listed library"}, "", "it is protected (a listed library)"),
    ],
)
def test_uses_and_protection(session, estate, fields, host_words, close_words):
    building = another(session, net_internal_area_m2=Decimal(200), **fields)
    row = found(build(session, estate.area), building)
    assert row.may_host is (not host_words)
    assert row.may_close is (not close_words)
    assert host_words in row.may_host_reason
    assert close_words in row.may_close_reason


@pytest.mark.parametrize(
    ("fields", "may_host", "may_close"),
    [
        ({"tenure": Tenure.PFI}, True, False),
        ({"tenure": Tenure.LEASEHOLD, "lease_end_on": TODAY + timedelta(days=400)}, False, True),
        ({"tenure": Tenure.LEASEHOLD, "lease_end_on": TODAY + timedelta(days=2000)}, True, True),
        ({"tenure": Tenure.LEASEHOLD, "lease_end_on": TODAY + timedelta(days=9000)}, True, False),
        (
            {
                "tenure": Tenure.LEASEHOLD,
                "lease_end_on": TODAY + timedelta(days=9000),
                "break_on": TODAY + timedelta(days=500),
            },
            True,
            True,
        ),
        ({"tenure": Tenure.LEASEHOLD}, True, True),
        ({"tenure": Tenure.FREEHOLD, "lease_end_on": TODAY + timedelta(days=100)}, True, True),
        ({"tenure": Tenure.PFI, "ended_on": date(2020, 1, 1), "ended_reason": "ran out"}, True, True),
    ],
)
def test_leases_and_contracts(session, estate, fields, may_host, may_close):
    building = another(session, net_internal_area_m2=Decimal(200))
    factories.make_interest(session, building, **fields)
    row = found(build(session, estate.area), building)
    assert (row.may_host, row.may_close) == (may_host, may_close), (row.may_host_reason, row.may_close_reason)


def test_a_rent_known_only_from_the_lease_is_added_once(session, estate):
    factories.make_interest(session, estate.old, tenure=Tenure.LEASEHOLD, rent_per_year=Decimal(5000))
    assert found(build(session, estate.area), estate.old).running_cost_per_year == 65_000.01
    factories.make_running_cost(session, estate.old, category_code="rent", amount=Decimal(5000))
    assert found(build(session, estate.area), estate.old).running_cost_per_year == 65_000.01


def leased(session, row, *, years, **fields):
    day = TODAY + timedelta(days=round(years * 365.25))
    factories.make_interest(session, row, tenure=Tenure.LEASEHOLD, **{"lease_end_on": day, **fields})
    return day


def test_rent_that_stays_due_is_a_cost_of_leaving(session, estate):
    """Two years at 3.5 % and half of the third: 5,000 x (1/1.035 + 1/1.035^2 + 0.5/1.035^3)."""
    day = leased(session, estate.old, years=2.5, agency_id=estate.health.id, rent_per_year=Decimal(5000))
    row = found(build(session, estate.area), estate.old)
    assert row.leaving_cost == pytest.approx(5000 * (1.035**-1 + 1.035**-2 + 0.5 * 1.035**-3), abs=5)
    assert row.leaving_reason == f"of rent stays due until {day:%-d %B %Y}"
    assert [(payer.agency, payer.share_ratio) for payer in row.leaving_payers] == [(str(estate.health.id), 1.0)]


def test_the_next_break_comes_before_the_end_and_a_past_one_counts_no_more(session, estate):
    soon = TODAY + timedelta(days=200)
    leased(session, estate.old, years=6, rent_per_year=Decimal(5000), break_on=soon)
    row = found(build(session, estate.area), estate.old)
    assert f"{soon:%-d %B %Y}" in row.leaving_reason
    hall_end = leased(session, estate.hall, years=4, rent_per_year=Decimal(9), break_on=TODAY - timedelta(days=30))
    assert f"{hall_end:%-d %B %Y}" in found(build(session, estate.area), estate.hall).leaving_reason


def test_a_rent_for_the_whole_horizon_saves_nothing(session, estate):
    leased(session, estate.old, years=9.999, rent_per_year=Decimal(5000))
    problem = build(session, estate.area)
    assert found(problem, estate.old).leaving_cost * problem.settings.annuity_ratio == pytest.approx(5000, rel=0.001)


def test_a_lease_without_rent_is_charged_the_rent_recorded_as_a_cost(session, estate):
    leased(session, estate.old, years=1)
    problem = build(session, estate.area)
    assert found(problem, estate.old).leaving_cost == 0
    assert any("what rent stays due after leaving" in note.lower() for note in problem.notes)
    factories.make_running_cost(
        session, estate.old, category_code="rent", amount=Decimal(6000), agency_id=estate.health.id
    )
    problem = build(session, estate.area)
    row = found(problem, estate.old)
    assert row.leaving_cost == pytest.approx(6000 / 1.035, abs=10)
    assert row.leaving_payers[0].agency == str(estate.health.id)
    assert not any("what rent stays due" in note.lower() for note in problem.notes)


@pytest.mark.parametrize(
    "fields",
    [
        {"tenure": Tenure.FREEHOLD, "rent_per_year": Decimal(5000), "lease_end_on": TODAY + timedelta(days=900)},
        {"tenure": Tenure.LEASEHOLD, "rent_per_year": Decimal(5000), "lease_end_on": TODAY - timedelta(days=9)},
        {"tenure": Tenure.LEASEHOLD, "rent_per_year": Decimal(0), "lease_end_on": TODAY + timedelta(days=900)},
    ],
)
def test_what_binds_nobody_costs_nothing_to_leave(session, estate, fields):
    factories.make_interest(session, estate.old, **fields)
    problem = build(session, estate.area)
    row = found(problem, estate.old)
    assert (row.leaving_cost, row.leaving_reason, row.leaving_payers) == (0, "", ())
    assert not any("what rent stays due" in note.lower() for note in problem.notes)


def test_buildings_out_of_use_or_without_a_place_stay_out(session, estate):
    gone = another(session, net_internal_area_m2=Decimal(10), status=BuildingStatus.DISPOSED)
    nowhere = factories.make_building(session, lonlat=None, net_internal_area_m2=Decimal(10))
    problem = build(session, estate.area)
    assert not {str(gone.id), str(nowhere.id)} & problem.building_index.keys()


def test_moves_stay_inside_the_smaller_level(session, estate):
    factories.make_area(session, level="ward", bounds=(-2.305, 53.3, -2.2, 53.5))
    assign_areas(session)
    problem = build(session, estate.area, level_code="ward")
    assert found(problem, estate.old).area_id.startswith("area:")
    assert found(problem, estate.hall).area_id == f"building:{estate.hall.id}", "it lies in no ward"


def test_options_become_settings(session, estate):
    settings = build(session, estate.area, max_move_m=500, team_rule=TeamRule.FREE, horizon_years=20).settings
    assert (settings.max_move_m, settings.team_rule, settings.horizon_years) == (500, TeamRule.FREE, 20)
    assert settings.annuity_ratio == pytest.approx(0.035 / (1 - 1.035**-20))
    defaults = build(session, estate.area).settings
    assert (defaults.max_move_m, defaults.horizon_years, defaults.discount_rate) == (3000, 10, 0.035)
    assert any("Green Book" in sentence for _, sentence in defaults.assumptions)


def test_bad_options_name_their_field():
    with pytest.raises(OptionsInvalid) as caught:
        Options(max_move_m=-1, gap_wanted_ratio=float("nan"))
    assert set(caught.value.fields) == {"max_move_m", "gap_wanted_ratio"}


def test_a_place_known_only_roughly_is_said(session, estate):
    another(session, net_internal_area_m2=Decimal(10), fix_source=FixSource.POSTCODE_SECTOR)
    assert any("postcode sector or district" in note for note in build(session, estate.area).notes)
