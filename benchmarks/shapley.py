"""Times the splits of a game of 12 agencies, and checks them against the published game, as JSON.

    python -m benchmarks.shapley

The game: what coalitions of agencies save by sharing buildings, grown from a fixed seed so that larger coalitions gain
more. It takes a few seconds.
"""

import json
import time

import numpy as np

from estate.appraise.core import least_core, nucleolus, stability
from estate.appraise.games import Game, complaints
from estate.appraise.shapley import sampled_shapley, shapley

AGENCIES = tuple("ABCDEFGHIJKL")


def main() -> None:
    published = Game.of_costs("ABC", {"A": 4, "B": 3, "C": 3, "AB": 6, "BC": 4, "AC": 7, "ABC": 8})
    game = grown(len(AGENCIES))
    exact, shapley_s = timed(lambda: shapley(game))
    sampled, sampled_s = timed(lambda: sampled_shapley(game.count, lambda m: float(game.gains[m]), orders=2000, seed=1))
    least, least_s = timed(lambda: least_core(game))
    inner, nucleolus_s = timed(lambda: nucleolus(game))
    said, stability_s = timed(lambda: stability(game, exact))
    solo = game.alone / game.alone.sum() * game.whole
    figures = {
        "published_game": {
            "shapley": (-shapley(published)).round(6).tolist(),
            "shapley_is_in_core": not complaints(published, shapley(published)),
            "nucleolus": (-nucleolus(published)).round(6).tolist(),
        },
        "agencies": game.count,
        "coalitions": len(game.gains),
        "cpu_seconds": {
            "shapley": shapley_s,
            "sampled_2000_orders": sampled_s,
            "least_core": least_s,
            "nucleolus": nucleolus_s,
            "stability": stability_s,
        },
        "sample_largest_error": float(np.abs(sampled.shares - exact).max()),
        "sample_largest_margin": float(sampled.margin.max()),
        "is_core_empty": said.is_core_empty,
        "largest_gain_by_leaving": {
            "nucleolus": largest(game, inner),
            "least_core": round(max(0.0, least.gain), 2),
            "shapley": largest(game, exact),
            "in_proportion_to_alone": largest(game, solo),
        },
    }
    print(json.dumps(figures, indent=2))


def grown(count: int) -> Game:
    """A superadditive game: each agency alone, and gains of pairs and of triples that meet in one place."""
    generator = np.random.default_rng(7)
    alone, pairs = generator.uniform(10e3, 120e3, count), np.triu(generator.exponential(20e3, (count, count)), 1)
    members = (np.arange(1 << count)[:, None] >> np.arange(count) & 1).astype(float)
    gains = members @ alone + np.einsum("si,ij,sj->s", members, pairs, members)
    for triple in (generator.choice(count, 3, replace=False) for _ in range(30)):
        gains += members[:, triple].prod(axis=1) * generator.exponential(60e3)
    return Game(AGENCIES[:count], gains)


def largest(game: Game, shares: np.ndarray) -> float:
    found = complaints(game, shares)
    return round(found[0].gain, 2) if found else 0.0


def timed(work):
    started = time.process_time()
    found = work()
    return found, round(time.process_time() - started, 4)


if __name__ == "__main__":
    main()
