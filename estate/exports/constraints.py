"""What is known to bind the disposal of a building, as sentences. Knowing none does not mean that there is none."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from estate.board.models import Decision
from estate.board.wording import day, occupation
from estate.proposals.departures import Departure

Facts = dict[str, Any]


def constraints_of(line: Facts, moves: Sequence[Facts], today: Facts, hosts: Sequence[Decision]) -> list[str]:
    """The constraints on one emptied building.

    `line` is its part of the evidence, `moves` those of the whole plan, `today` its facts in the register now (empty
    where it is gone), `hosts` the approved decisions by which it takes teams in.
    """
    found = [text for rule in RULES for text in rule(line["facts"], today)]
    found += _who_stays(line, moves)
    found += [f"Takes in teams under decision D{decision.id}, {decision.proposal.name}" for decision in hosts]
    return found


def listed(facts: Facts, today: Facts) -> Iterator[str]:
    """Listed when the board decided, or since."""
    if facts["is_listed"] or today.get("is_listed"):
        yield "Listed building"


def protected(facts: Facts, today: Facts) -> Iterator[str]:
    """On the protected list, with the reason: no proposal empties one, so this was set after the decision."""
    for source in (today, facts):
        if source.get("is_protected"):
            yield f"Protected: {source['protected_reason']}"
            return


def private_finance(facts: Facts, today: Facts) -> Iterator[str]:
    """Held under a PFI contract."""
    if any(row["tenure"] == "pfi" for row in facts["interests"] or []):
        yield "PFI contract"


def leases(facts: Facts, today: Facts) -> Iterator[str]:
    """When leases end, and may end earlier; whose they are where it is not the agency that answers for the building."""
    for row in facts["interests"] or []:
        whose = "" if row["agency_id"] == facts["agency"]["id"] else f" of {row['agency']}"
        if row["lease_end_on"]:
            yield f"Lease{whose} ends on {day(row['lease_end_on'])}"
        if row["break_on"]:
            yield f"Lease{whose} may be broken on {day(row['break_on'])}"


def others_hold_it(facts: Facts, today: Facts) -> Iterator[str]:
    """Interests of agencies other than the one that answers for the building."""
    others = {row["agency"] for row in facts["interests"] or [] if row["agency_id"] != facts["agency"]["id"]}
    for name in sorted(others):
        yield f"{name} holds an interest too"


def already_gone(facts: Facts, today: Facts) -> Iterator[str]:
    """The register has it as disposed of, or retired, since."""
    if not today or today["status"] in ("disposed", "retired"):
        yield f"The register has it as {today.get('status', 'gone')} today"


RULES: tuple[Callable[[Facts, Facts], Iterator[str]], ...] = (
    listed,
    protected,
    private_finance,
    leases,
    others_hold_it,
    already_gone,
)


def stepped_back(facts: Facts, departures: Sequence[Departure]) -> list[str]:
    """The agency that answers for the building, or another whose data the plan rests on, takes no part any more."""
    own = facts["agency"]["id"]
    return [
        f"{one.event[:-1]}: nothing is done with this building without it"
        if one.agency_id == own
        else f"The plan rests on data of {one.agency_name}, which {one.did} {day(one.left_on.isoformat())}"
        for one in departures
    ]


def _who_stays(line: Facts, moves: Sequence[Facts]) -> list[str]:
    """Teams in the building for which the plan has no move."""
    moved = {move["occupation_id"] for move in moves if move["from_building_id"] == line["building_id"]}
    staying = [row for row in line["facts"]["occupations"] or [] if row["id"] not in moved]
    return [f"No move planned for {occupation(row)}" for row in staying]
