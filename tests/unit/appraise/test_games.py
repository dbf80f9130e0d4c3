"""Shares agree with a published game, with every order by hand, and with what a share must always keep."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from estate.appraise.core import least_core, nucleolus, stability
from estate.appraise.errors import GameInvalid, SampleInvalid
from estate.appraise.games import Game, complaints
from estate.appraise.shapley import sampled_shapley, shapley, shapley_bounds

PUBLISHED = Game.of_costs("ABC", {"A": 4, "B": 3, "C": 3, "AB": 6, "BC": 4, "AC": 7, "ABC": 8})
MAJORITY = Game.of_gains("ABC", {"A": 0, "B": 0, "C": 0, "AB": 90, "BC": 90, "AC": 90, "ABC": 100})


def game_of(values):
    count = len(values).bit_length() - 1
    return Game(tuple("ABCDEFG"[:count]), np.array([0.0, *values[1:]]))


GAMES = (
    strategies.integers(1, 5)
    .flatmap(lambda count: strategies.lists(strategies.integers(-1000, 1000), min_size=1 << count, max_size=1 << count))
    .map(game_of)
)


def by_hand(game):
    orders = list(permutations(range(game.count)))
    shares = np.zeros(game.count)
    for order in orders:
        mask = 0
        for place in order:
            shares[place] += game.gains[mask | 1 << place] - game.gains[mask]
            mask |= 1 << place
    return shares / len(orders)


def test_the_published_game():
    assert -shapley(PUBLISHED) == pytest.approx([23 / 6, 11 / 6, 14 / 6])
    assert -nucleolus(PUBLISHED) == pytest.approx([4, 1.5, 2.5])
    (first,) = complaints(PUBLISHED, shapley(PUBLISHED))
    assert first.agencies == ("B", "C")
    assert first.gain == pytest.approx(1 / 6)
    assert not complaints(PUBLISHED, nucleolus(PUBLISHED))
    said = stability(PUBLISHED, shapley(PUBLISHED))
    assert not said.is_core_empty
    assert said.sentence == (
        "This split does not hold everyone, though another can: "
        "B and C together gain £0.17 a year more by walking away."
    )
    assert "No group" in stability(PUBLISHED, nucleolus(PUBLISHED)).sentence


def test_an_empty_core_is_said_with_who_walks_away():
    assert nucleolus(MAJORITY) == pytest.approx([100 / 3] * 3)
    assert least_core(MAJORITY).gain == pytest.approx(90 - 200 / 3)
    said = stability(MAJORITY, nucleolus(MAJORITY))
    assert said.is_core_empty
    assert len(said.leavers) == 3
    assert said.sentence.startswith("No split can hold everyone: whatever is agreed, some group is £23.33 a year short")


@given(GAMES)
def test_shapley_is_the_mean_over_every_order(game):
    assert shapley(game) == pytest.approx(by_hand(game), abs=1e-6)
    assert shapley(game).sum() == pytest.approx(game.whole, abs=1e-6)


@settings(max_examples=60)
@given(GAMES)
def test_no_split_has_a_smaller_largest_complaint_than_the_nucleolus(game):
    shares = nucleolus(game)
    assert shares.sum() == pytest.approx(game.whole, abs=1e-5)
    if game.count == 1:
        return
    if game.alone.sum() <= game.whole:
        assert (shares >= game.alone - 1e-5).all()
    worst = (game.gains - game.members @ shares)[1:-1].max()
    assert worst == pytest.approx(least_core(game).gain, abs=1e-4)


@settings(max_examples=40)
@given(strategies.lists(strategies.integers(0, 500), min_size=2, max_size=5), strategies.integers(0, 500))
def test_equals_get_equal_shares_and_who_adds_nothing_gets_what_they_have(sizes, own):
    """Gain by the square of the members' sizes; the last agency adds `own`, whoever is there; the first has a twin."""
    sizes = [sizes[0], *sizes]
    count = len(sizes) + 1
    gains = [
        sum(size for place, size in enumerate(sizes) if mask >> place & 1) ** 2 + own * (mask >> len(sizes) & 1)
        for mask in range(1 << count)
    ]
    game = Game(tuple("ABCDEFG"[:count]), np.array(gains, dtype=float))
    for shares in (shapley(game), nucleolus(game)):
        assert shares[0] == pytest.approx(shares[1], abs=1e-2)
        assert shares[-1] == pytest.approx(own, abs=1e-2)


def test_twelve_agencies_are_exact_and_more_are_sampled_around_the_true_value():
    weights = np.arange(1.0, 14.0)
    gains = (np.array([[mask >> place & 1 for place in range(13)] for mask in range(1 << 13)]) @ weights) ** 2
    twelve = Game(tuple("ABCDEFGHIJKL"), gains[: 1 << 12])
    assert shapley(twelve) == pytest.approx(weights[:12] * weights[:12].sum())
    found = sampled_shapley(13, lambda mask: float(gains[mask]) + 50.0 * (mask & 5 == 5), orders=400, seed=1)
    true = weights * weights.sum() + 25.0 * np.isin(np.arange(13), [0, 2])
    assert found.shares.sum() == pytest.approx(gains[-1] + 50)
    assert (np.abs(found.shares - true) <= 2 * found.margin + 1e-6).all()
    with pytest.raises(GameInvalid, match="Sample orders instead"):
        shapley(Game(tuple("ABCDEFGHIJKLM"), gains))


@settings(max_examples=50)
@given(GAMES, strategies.data())
def test_bounds_of_coalitions_hold_every_share_between_them(game, data):
    spread = data.draw(strategies.lists(strategies.floats(0, 50), min_size=len(game.gains), max_size=len(game.gains)))
    width = np.array([0.0, *spread[1:]])
    lowest, highest = shapley_bounds(game.agencies, game.gains - width, game.gains + width)
    assert (lowest <= shapley(game) + 1e-6).all()
    assert (highest >= shapley(game) - 1e-6).all()
    at = data.draw(strategies.integers(0, len(width) - 1))
    moved = game.gains.copy()
    moved[at] += width[at]
    assert (shapley(Game(game.agencies, moved)) <= highest + 1e-6).all()


@pytest.mark.parametrize(
    "gains",
    [{"A": 1, "B": 1}, {"A": 1, "B": 1, "AB": float("nan")}, {"A": 1, "B": 1, "AB": 1, "AC": 2}],
)
def test_a_game_that_leaves_out_a_coalition_is_refused(gains):
    with pytest.raises(GameInvalid):
        Game.of_gains("AB", gains)


def test_bad_samples_and_bounds_are_refused():
    with pytest.raises(SampleInvalid):
        sampled_shapley(3, float, orders=3, seed=0)
    with pytest.raises(GameInvalid, match="Exchange them"):
        shapley_bounds(("A",), np.array([0.0, 2.0]), np.array([0.0, 1.0]))
    with pytest.raises(GameInvalid):
        Game(("A", "A"), np.zeros(4))


def test_a_split_in_the_core_leaves_no_pair_short():
    shares = nucleolus(PUBLISHED)
    for pair in combinations(range(3), 2):
        assert sum(shares[list(pair)]) >= PUBLISHED.gains[sum(1 << place for place in pair)] - 1e-6
