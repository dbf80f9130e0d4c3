"""Splits that hold everyone: the core, the least core and the nucleolus, by linear programmes.

The core: no coalition reaches more alone than it is given. The least core: the largest complaint is as small as it
can be. The nucleolus: so is the next largest, and so on; it is one split, and in the core where there is one.
Sources: Gillies, 1959; Maschler, Peleg and Shapley, 1979; Schmeidler, 1969, by the sequence of programmes of
Kopelowitz, 1967, with coalitions fixed by their dual values.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.appraise.errors import GameUnsolved
from estate.appraise.games import Complaint, Game, complaints

Array = NDArray[Any]
TIGHT = 1e-7
"""A dual value above this says that the coalition's complaint is as large in every best split."""


@dataclass(frozen=True)
class LeastCore:
    """A split whose largest complaint, `gain`, is as small as possible; the core is empty where `gain` is above 0."""

    shares: Array
    gain: float


@dataclass(frozen=True)
class Stability:
    """Whether a split can hold everyone, and who would walk away from this one."""

    is_core_empty: bool
    leavers: tuple[Complaint, ...]
    sentence: str


def least_core(game: Game) -> LeastCore:
    """A split of the least core. With one agency it takes the whole, and nobody complains."""
    if game.count == 1:
        return LeastCore(game.gains[1:].copy(), 0.0)
    scale = _scale(game)
    shares, gain, _ = _programme(game, np.arange(1, len(game.gains) - 1), *_everyone(game), scale)
    return LeastCore(shares * scale, gain * scale)


def nucleolus(game: Game) -> Array:
    """The nucleolus: no agency gets less than alone, where that can be for all at once."""
    if game.count == 1:
        return game.gains[1:].copy()
    scale, members = _scale(game), game.members
    fixed, amounts = _everyone(game)
    free = np.arange(1, len(game.gains) - 1)
    shares = np.zeros(game.count)
    while np.linalg.matrix_rank(fixed) < game.count:
        shares, gain, duals = _programme(game, free, fixed, amounts, scale)
        tight = free[duals > TIGHT * duals.max()]
        fixed = np.vstack([fixed, members[tight]])
        amounts = np.concatenate([amounts, game.gains[tight] / scale - gain])
        fixed, amounts = _independent(fixed, amounts)
        free = free[~_is_spanned(members[free], fixed)]
    if len(fixed) == game.count:
        shares = np.linalg.solve(fixed, amounts)
    return shares * scale


def stability(game: Game, shares: Array) -> Stability:
    """Who would walk away from `shares`, in words, and whether any split could hold everyone."""
    least = least_core(game)
    is_empty, leavers = least.gain > game.tolerance, tuple(complaints(game, shares))
    if not leavers:
        return Stability(is_empty, leavers, "No group of agencies would do better by itself.")
    first = leavers[0]
    gains = "gains" if len(first.agencies) == 1 else "gain"
    walks = f"{_listed(first.agencies)} {gains} £{first.gain:,.2f} a year more by walking away"
    more = f"; so would {len(leavers) - 1:,} other groups" if len(leavers) > 2 else ""
    more = "; so would one other group" if len(leavers) == 2 else more
    if is_empty:
        why = f"No split can hold everyone: whatever is agreed, some group is £{least.gain:,.2f} a year short or more."
        return Stability(True, leavers, f"{why} Under this one, {walks}{more}.")
    return Stability(False, leavers, f"This split does not hold everyone, though another can: {walks}{more}.")


def _everyone(game: Game) -> tuple[Array, Array]:
    """The row that says that shares add up to the whole."""
    return np.ones((1, game.count)), np.array([game.whole / _scale(game)])


def _scale(game: Game) -> float:
    """Largest figure of the game, by which the programmes are divided so that tolerances mean the same in all."""
    return float(np.abs(game.gains).max()) or 1.0


def _programme(game: Game, free: Array, fixed: Array, amounts: Array, scale: float) -> tuple[Array, float, Array]:
    """Least largest complaint of the free coalitions, with the fixed ones held: shares, that gain, dual values."""
    from scipy.optimize import linprog  # Heavy, and needed by the worker only.

    members = game.members[free]
    # At least what each has alone, where the whole is enough for that.
    floor = game.alone / scale if game.alone.sum() <= game.whole else np.full(game.count, -np.inf)
    found = linprog(
        np.append(np.zeros(game.count), 1.0),
        A_ub=np.hstack([-members, -np.ones((len(free), 1))]),
        b_ub=-game.gains[free] / scale,
        A_eq=np.hstack([fixed, np.zeros((len(fixed), 1))]),
        b_eq=amounts,
        bounds=[*((low, None) for low in floor), (None, None)],
        method="highs",
    )
    if found.status != 0:
        raise GameUnsolved
    return found.x[:-1], float(found.x[-1]), -found.ineqlin.marginals


def _independent(rows: Array, amounts: Array) -> tuple[Array, Array]:
    """Rows that say something new, in their order."""
    kept: list[int] = []
    for place in range(len(rows)):
        if np.linalg.matrix_rank(rows[[*kept, place]]) > len(kept):
            kept.append(place)
    return rows[kept], amounts[kept]


def _is_spanned(rows: Array, fixed: Array) -> Array:
    """Which rows follow from the fixed ones: their complaint is settled."""
    basis, _ = np.linalg.qr(fixed.T)
    is_spanned: Array = np.linalg.norm(rows - rows @ basis @ basis.T, axis=1) < 1e-9
    return is_spanned


def _listed(names: tuple[str, ...]) -> str:
    """A, B and C."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} together"
