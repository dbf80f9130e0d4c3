"""Sharing a building's cost out: to the penny, unknown stays unknown, the rest is shown."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from estate.register.allocation import Method, Occupier, allocate, split

POUND = st.decimals(0, 10**8, places=2)
SIZE = st.decimals("0.01", 10**5, places=2)


def occupier(agency_id: int, area_m2: float | None, fte: float | None = None) -> Occupier:
    return Occupier(
        agency_id, None if area_m2 is None else Decimal(str(area_m2)), None if fte is None else Decimal(str(fte))
    )


def test_by_area_what_nobody_takes_stays_unallocated() -> None:
    found = allocate(Decimal(1000), [occupier(1, 50), occupier(2, 25)], Method.AREA, Decimal(100))
    assert found.shares == {1: Decimal(500), 2: Decimal(250)}
    assert (found.unallocated, found.missing, found.is_over_full) == (Decimal(250), (), False)


def test_by_heads_nothing_stays_unallocated() -> None:
    found = allocate(Decimal(100), [occupier(1, None, 1), occupier(2, None, 2)], Method.HEADS, None)
    assert found.shares == {1: Decimal("33.33"), 2: Decimal("66.67")}
    assert (found.unallocated, found.missing) == (0, ())


def test_an_unknown_area_has_no_share_and_says_so() -> None:
    found = allocate(Decimal(1000), [occupier(1, 50), occupier(2, None)], Method.AREA, Decimal(100))
    assert found.shares == {1: Decimal(500)}
    assert (found.unallocated, found.unknown_ids) == (Decimal(500), (2,))
    assert found.missing == ("the area of every team",)


def test_without_the_net_internal_area_nothing_is_shared_by_area() -> None:
    found = allocate(Decimal(1000), [occupier(1, 50), occupier(2, 50)], Method.AREA, None)
    assert (found.shares, found.unallocated, found.unknown_ids) == ({}, Decimal(1000), (1, 2))
    assert found.missing == ("the building's net internal area",)


def test_by_heads_one_unknown_makes_all_unknown() -> None:
    found = allocate(Decimal(1000), [occupier(1, 50, 10), occupier(2, 50)], Method.HEADS, Decimal(100))
    assert (found.shares, found.unallocated, found.unknown_ids) == ({}, Decimal(1000), (2,))
    assert found.missing


def test_nobody_of_nobody_is_no_division_by_zero() -> None:
    found = allocate(Decimal(1000), [occupier(1, 50, 0)], Method.HEADS, Decimal(100))
    assert (found.shares, found.unallocated) == ({}, Decimal(1000))


def test_without_occupiers_all_is_unallocated() -> None:
    for method in Method:
        found = allocate(Decimal(1000), [], method, Decimal(100))
        assert (found.shares, found.unallocated, found.missing) == ({}, Decimal(1000), ("who sits in the building",))


def test_more_floor_than_there_is_is_shared_by_what_they_take() -> None:
    found = allocate(Decimal(900), [occupier(1, 100), occupier(2, 50)], Method.AREA, Decimal(120))
    assert found.shares == {1: Decimal(600), 2: Decimal(300)}
    assert found.is_over_full
    assert found.unallocated == 0


def test_pennies_left_over_go_to_the_largest_remainders() -> None:
    thirds = {number: Decimal(1) for number in (1, 2, 3)}
    assert split(Decimal("0.02"), thirds, Decimal(3)) == {1: Decimal("0.01"), 2: Decimal("0.01"), 3: Decimal(0)}
    assert split(Decimal("100.00"), thirds, Decimal(3)) == {
        1: Decimal("33.34"),
        2: Decimal("33.33"),
        3: Decimal("33.33"),
    }


@given(POUND, st.lists(SIZE, min_size=1, max_size=12))
def test_shares_by_heads_add_up_to_the_penny(amount: Decimal, staff: list[Decimal]) -> None:
    occupiers = [Occupier(number, None, fte) for number, fte in enumerate(staff)]
    found = allocate(amount, occupiers, Method.HEADS, None)
    assert sum(found.shares.values()) == amount
    assert found.unallocated == 0
    total = sum(staff)
    for number, fte in enumerate(staff):
        assert abs(found.shares[number] - amount * fte / total) < Decimal("0.01")


@given(POUND, st.lists(SIZE | st.none(), min_size=1, max_size=12), SIZE)
def test_shares_by_area_and_the_rest_add_up_to_the_penny(
    amount: Decimal, areas: list[Decimal | None], whole: Decimal
) -> None:
    occupiers = [Occupier(number, area, None) for number, area in enumerate(areas)]
    found = allocate(amount, occupiers, Method.AREA, whole)
    assert sum(found.shares.values()) + found.unallocated == amount
    assert found.unallocated >= 0
    assert set(found.shares) | set(found.unknown_ids) == set(range(len(areas)))
    assert all(share == share.quantize(Decimal("0.01")) for share in found.shares.values())
