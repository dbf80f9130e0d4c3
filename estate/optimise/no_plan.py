"""Why there is no plan: the rules that contradict one another, found by leaving them out one by one."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from estate.optimise.errors import NoPlan, naming
from estate.optimise.problem import Problem
from estate.optimise.rules import Locks, Rules
from estate.optimise.supervise import StopReason

LONGEST_S = 20.0
MOST_NAMED = 12
HasPlan = Callable[[Problem], bool | None]


@dataclass(frozen=True)
class Told:
    """One thing that a proposal was told: what it is called, the rows it names, and the rules without it."""

    words: str
    rows: tuple[str, ...]
    without: Callable[[Rules], Rules]


def without_plan(problem: Problem, reason: StopReason, has_plan: HasPlan) -> NoPlan:
    """The error that says why there is no plan. Only where that is proven it looks for what contradicts what."""
    told = list_told(problem)
    if reason is not StopReason.NO_PLAN:
        words = {
            StopReason.CANCELLED: "The run was cancelled before a plan was found",
            StopReason.CRASHED: "The solver ended unexpectedly before a plan was found",
        }.get(reason, "No plan was found in the time given")
        return NoPlan(f"{words} that keeps all of these: {_listed(told)}. Allow more time, or take one away.")
    found, is_least = _least_contradiction(problem, told, has_plan)
    rows = tuple(dict.fromkeys(row for each in found for row in each.rows))
    if len(found) == 1:
        return NoPlan(
            f"No plan under the rules of this proposal can do this: {found[0].words}. "
            "Take it away, or change the rules.",
            rows=rows,
        )
    advice = "Without any one of them there may be one: take one away." if is_least else "Take one of them away."
    return NoPlan(f"No plan keeps all of these: {_listed(found)}. {advice}", rows=rows)


def list_told(problem: Problem) -> list[Told]:
    """Everything that a problem was told, decision by decision."""
    rules, locks = problem.settings.rules, problem.settings.rules.locks
    team = {row.id: row.name for row in problem.teams}
    building = {row.id: row.name for row in problem.buildings}
    told = [
        Told(words.format(building[name]), (name,), _without_lock(kind, name))
        for kind, words in (("kept", "{} is kept"), ("emptied", "{} is emptied"), ("unchanged", "{} stays as it is"))
        for name in getattr(locks, kind)
    ]
    told += [Told(f"{team[name]} stays", (name,), _without_lock("staying", name)) for name in locks.staying]
    for kind, words in (("moving", "{} moves to {}"), ("barred", "{} does not move to {}")):
        for pair in getattr(locks, kind):
            told.append(Told(words.format(team[pair[0]], building[pair[1]]), pair, _without_lock(kind, pair)))
    if rules.most_moves is not None:
        told.append(Told(f"at most {rules.most_moves} moves", (), lambda given: replace(given, most_moves=None)))
    if rules.most_one_off_cost is not None:
        words = f"at most £{rules.most_one_off_cost:,.0f} of one-off costs"
        told.append(Told(words, (), lambda given: replace(given, most_one_off_cost=None)))
    for pair in rules.apart:
        told.append(Told(f"{pair[0]} and {pair[1]} share no roof", (), _without_apart(pair)))
    if rules.least_mix is not None:
        words = f"at least {rules.least_mix} different {MIX_WORDS[rules.mix_of]} in a building that takes teams in"
        told.append(Told(words, (), lambda given: replace(given, least_mix=None)))
    if rules.access is not None:
        fall = rules.access.most_fall_ratio
        who = "everybody keeps" if fall is None else f"at most {fall * 100:g} % fewer people have"
        words = f"{who} a counter of each service within {rules.access.distance_m:,.0f} m in a straight line"
        told.append(Told(words, (), lambda given: replace(given, access=None)))
    return told


MIX_WORDS = {"agency": "agencies", "use": "uses"}


def _least_contradiction(problem: Problem, told: list[Told], has_plan: HasPlan) -> tuple[list[Told], bool]:
    """Rules that can't be kept together, and whether each of them is needed for that: a deletion filter.

    Source: Chinneck and Dravnieks, ORSA Journal on Computing 3 (1991).
    """
    deadline = time.monotonic() + LONGEST_S
    needed = list(told)
    for each in told:
        if time.monotonic() > deadline:
            return needed, False
        rest = [other for other in needed if other is not each]
        if has_plan(_only(problem, told, rest)) is False:
            needed = rest
    return needed, True


def _only(problem: Problem, told: list[Told], kept: list[Told]) -> Problem:
    rules = problem.settings.rules
    for each in told:
        if each not in kept:
            rules = each.without(rules)
    return replace(problem, settings=replace(problem.settings, rules=rules))


def _without_lock(kind: str, gone: object) -> Callable[[Rules], Rules]:
    def without(rules: Rules) -> Rules:
        left = tuple(row for row in getattr(rules.locks, kind) if row != gone)
        changes: dict[str, tuple[object, ...]] = {kind: left}
        return replace(rules, locks=Locks(**{**_fields(rules.locks), **changes}))  # type: ignore[arg-type]

    return without


def _fields(locks: Locks) -> dict[str, tuple[object, ...]]:
    return {name: getattr(locks, name) for name in ("kept", "emptied", "unchanged", "staying", "moving", "barred")}


def _without_apart(gone: tuple[str, str]) -> Callable[[Rules], Rules]:
    return lambda rules: replace(rules, apart=tuple(pair for pair in rules.apart if pair != gone))


def _listed(told: list[Told]) -> str:
    return naming(tuple(each.words for each in told), MOST_NAMED)
