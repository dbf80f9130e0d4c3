"""Sites, buildings and parts from pairs: every order gives the same, circles and second wholes are refused."""

import random

import pytest

from estate.matching.structure import Kind, Refusal, structure

SITE, BUILDING, PART = Kind.SITE, Kind.BUILDING, Kind.PART


def test_a_part_hangs_under_its_building_and_makes_no_site() -> None:
    found = structure([(2, 1)], [])
    assert (found.kind, found.parent, found.sites) == ({1: BUILDING, 2: PART}, {2: 1}, [])


def test_a_part_of_a_part_is_a_part_of_the_building() -> None:
    found = structure([(2, 1), (3, 2)], [])
    assert found.parent == {2: 1, 3: 1}
    assert found.kind[3] is PART


def test_twelve_blocks_and_the_record_of_the_site() -> None:
    found = structure([(block, 1) for block in range(2, 14)], [], site_lists=[1])
    assert found.kind == {1: SITE, **dict.fromkeys(range(2, 14), BUILDING)}
    assert found.parent == dict.fromkeys(range(2, 14), 1)
    assert found.sites == [frozenset(range(1, 14))]


def test_a_choice_goes_before_the_list_that_a_record_comes_from() -> None:
    assert structure([(2, 1)], [], site_lists=[1], chosen={1: BUILDING}).kind == {1: BUILDING, 2: PART}
    assert structure([(2, 1)], [], chosen={1: SITE}).kind == {1: SITE, 2: BUILDING}
    assert structure([], [], chosen={7: SITE}).kind == {7: SITE}


def test_a_part_of_a_building_is_no_site_whatever_somebody_chose() -> None:
    assert structure([(2, 1), (3, 2)], [], chosen={2: SITE}).kind == {1: BUILDING, 2: PART, 3: PART}


def test_neighbours_stand_on_one_site_with_their_parts_and_under_its_record() -> None:
    found = structure([(4, 3), (5, 9)], [(1, 2), (2, 3), (3, 9)], chosen={9: SITE})
    assert found.sites == [frozenset({1, 2, 3, 4, 5, 9})]
    assert found.parent == {1: 9, 2: 9, 3: 9, 4: 3, 5: 9}
    assert found.kind[4] is PART


def test_a_part_brings_its_building_to_the_site_that_it_stands_on() -> None:
    found = structure([(2, 1)], [(2, 3)])
    assert found.sites == [frozenset({1, 2, 3})]
    assert structure([(2, 1)], [(1, 2)]).sites == []


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ([(1, 2), (2, 1)], {(2, 1): Refusal.CIRCLE}),
        ([(1, 2), (2, 3), (3, 1)], {(3, 1): Refusal.CIRCLE}),
        ([(1, 2), (1, 3)], {(1, 3): Refusal.TWO_WHOLES}),
        ([(1, 1)], {(1, 1): Refusal.CIRCLE}),
    ],
)
def test_circles_and_second_wholes_are_refused(
    parts: list[tuple[int, int]], refused: dict[tuple[int, int], Refusal]
) -> None:
    assert structure(parts, []).refused == refused


def test_the_order_of_the_pairs_does_not_matter() -> None:
    chance = random.Random(7)
    for _ in range(200):
        parts = [(chance.randint(1, 9), chance.randint(1, 9)) for _ in range(6)]
        same_site = [(chance.randint(1, 9), chance.randint(1, 9)) for _ in range(4)]
        options = {"site_lists": [1, 2], "chosen": {3: SITE}}
        one = structure(parts, same_site, **options)
        chance.shuffle(parts)
        chance.shuffle(same_site)
        assert structure(parts, same_site, **options) == one
        assert all(one.kind[above] is not PART for above in one.parent.values())
