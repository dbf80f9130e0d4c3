"""Why buildings are kept as they are: rows of one cause together, under a heading for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from estate.proposals.models import Outcome, Proposal, ProposalBuilding

HEADINGS = {
    "room_is_needed": "The room their teams would need is used by others, or costs more",
    "saves_too_little": "Emptying them saves no more than their teams cost elsewhere",
    "some_leave": "Some of their teams leave, the others stay",
    "limit_is_reached": "To empty them too would go beyond a limit set for this proposal",
    "counter_is_needed": "Without their counter some people would have none near",
    "kept_by_decision": "That they are kept was decided for this proposal",
    "locked_teams_go_nowhere_else": "Where their teams work was decided for this proposal",
    "locked_buildings_take_nobody_in": "They, or every host left, were to stay as they are or to be emptied",
    "barred_moves_are_not_made": "The last possible move of their teams was ruled out for this proposal",
    "hosts_must_have_room": "No suitable building near enough has room for their teams",
    "uses_must_be_accepted": "No building near enough suits the use of their teams",
    "hosts_must_be_eligible": "No building near enough may take in teams",
    "moves_stay_inside_the_boundary": "Every building near enough lies across the boundary",
    "moves_stay_within_the_distance": "There is no other building within the distance",
    "need_is_unknown": "Nothing recorded says how much space their users need",
    "use_in_use_is_unknown": "Their use is not recorded",
    "others_work_in_it": "Teams of agencies that take no part in the programme work in them",
    "lease_binds": "Their lease can't be left within the horizon",
    "is_pfi": "A PFI contract is paid for them, whoever uses them",
    "is_protected": "They are protected",
    "use_does_not_close": "Buildings of their use are not emptied by a proposal",
    "may_not_close": "They may not be emptied",
}
"""By cause: what could change with another plan first, what no plan may touch last."""
OTHER = "Kept as they are"


@dataclass(frozen=True)
class KeptGroup:
    """Buildings that are kept for one cause, the dearest first."""

    heading: str
    rows: tuple[ProposalBuilding, ...]

    @property
    def running_cost_per_year(self) -> Decimal:
        """Of all of them together."""
        return sum((row.running_cost_per_year or Decimal(0) for row in self.rows), Decimal(0))


def kept_groups(proposal: Proposal, outcomes: Iterable[ProposalBuilding]) -> list[KeptGroup]:
    """The buildings of `outcomes` that are neither emptied nor hosts, in the order of `HEADINGS`."""
    causes = proposal.summary.get("kept_causes", {})
    rows_by_heading: dict[str, list[ProposalBuilding]] = {heading: [] for heading in (*HEADINGS.values(), OTHER)}
    for row in outcomes:
        if row.outcome is Outcome.KEPT:
            heading = HEADINGS.get(causes.get(str(row.building_id), ""), OTHER)
            rows_by_heading[heading].append(row)
    return [KeptGroup(heading, tuple(rows)) for heading, rows in rows_by_heading.items() if rows]
