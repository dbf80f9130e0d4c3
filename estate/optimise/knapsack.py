"""Compiled: the best use of each site at given prices, which is a knapsack, exactly or with a bound."""

from typing import Any

import numpy as np

from estate.optimise.compiled import compiled

MOST_NODES = 3000
"""Beyond so many steps a knapsack's linear bound stands in for its best value: still a bound."""
SLACK_M2 = 1e-7
SMALLEST_M2 = 1e-9


@compiled
def fill(value: Any, weight: Any, limit: float, taken: Any) -> float:
    """The greatest value that fits, or a bound above it; marks what is taken. Values and weights are positive.

    Depth first along value per weight with the linear bound. Source: Horowitz and Sahni, JACM 21 (1974).
    """
    order = np.argsort(-value / weight)
    value, weight = value[order], weight[order]
    count = len(value)
    now, best_set = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    profit, left, best, root, at = 0.0, limit, 0.0, 0.0, 0
    for node in range(MOST_NODES + 1):
        bound, end = reach(value, weight, profit, left, at)
        if node == 0:
            root = bound
        if node == MOST_NODES:
            best = root
            break
        if bound > best + 1e-9:
            now[at:end] = True
            profit += value[at:end].sum()
            left -= weight[at:end].sum()
            if profit > best:
                best = profit
                best_set[:] = now
            if end < count:
                at = end + 1
                if at < count:
                    continue
            at = count
        at = last_taken(now, at)
        if at < 0:
            break
        now[at] = False
        profit -= value[at]
        left += weight[at]
        at += 1
    taken[order] = best_set
    return best


@compiled
def reach(value: Any, weight: Any, profit: float, left: float, at: int) -> tuple[float, int]:
    """Items from `at` on that fit one after the other: the linear bound, and the first that does not fit."""
    while at < len(value) and weight[at] <= left:
        profit += value[at]
        left -= weight[at]
        at += 1
    if at < len(value):
        profit += value[at] * left / weight[at]
    return profit, at


@compiled
def last_taken(now: Any, at: int) -> int:
    """The last item before `at` that is taken; -1 where none is."""
    at -= 1
    while at >= 0 and not now[at]:
        at -= 1
    return at


@compiled
def best_uses(
    start: Any,
    team: Any,
    cost: Any,
    need: Any,
    room: Any,
    keep_cost: Any,
    can_close: Any,
    price: Any,
    is_chosen: Any,
    is_kept: Any,
) -> float:
    """What all sites cost at best if each team pays its price to every site that takes it; marks arcs and sites.

    `start` has the first arc of each site. A site is kept where that pays, or where it can't be emptied.
    """
    total = 0.0
    most = int(np.max(start[1:] - start[:-1])) if len(keep_cost) else 0
    arcs, value, weight = np.empty(most, np.int64), np.empty(most), np.empty(most)
    for site in range(len(keep_cost)):
        count = 0
        for arc in range(start[site], start[site + 1]):
            is_chosen[arc] = False
            gain = price[team[arc]] - cost[arc]
            if gain > 0 and need[team[arc]] <= room[site] + SLACK_M2:
                arcs[count], value[count], weight[count] = arc, gain, max(need[team[arc]], SMALLEST_M2)
                count += 1
        taken = np.zeros(count, np.bool_)
        reduced = keep_cost[site]
        if count:
            reduced -= fill(value[:count], weight[:count], room[site] + SLACK_M2, taken)
        is_kept[site] = reduced < 0 or not can_close[site]
        if is_kept[site]:
            total += reduced
            for at in range(count):
                is_chosen[arcs[at]] = taken[at]
    return total
