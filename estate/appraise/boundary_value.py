"""What a boundary costs: the least cost inside smaller areas less the least cost inside larger ones, as an interval.

The least cost of a level is not known exactly: no plan costs less than its bound, and the plan shows that it costs no
more than that. So the value of going from a fine level f to a coarse one c lies in

    [bound_f - plan_c, plan_f - bound_c]

Where f nests in c, every plan inside f's areas is one inside c's as well. Then the value is never negative, what bounds
c bounds f, and f's plan is one for c.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Cost:
    """What one level costs a year. The least cost possible lies between the two."""

    plan: Decimal
    bound: Decimal


@dataclass(frozen=True)
class BoundaryValue:
    """What a year's cost falls by, at the least and at the most, where moves may cross the smaller boundaries."""

    least: Decimal
    most: Decimal
    of_plans: Decimal
    """The difference of the two plans found: inside the interval, and no more certain than it."""
    is_nested: bool

    @property
    def is_exact(self) -> bool:
        """Known to the pound."""
        return self.most - self.least < 1

    @property
    def is_proven_to_pay(self) -> bool:
        """More than nothing, whatever the plans that were not found."""
        return self.least > 0


def tightened(costs: Sequence[Cost], nests_in: Sequence[Collection[int]]) -> list[Cost]:
    """The same levels, each with the best plan of those that nest in it and the best bound of those it nests in.

    `nests_in` holds, for each level, the positions of the levels in which it nests.
    """
    found = []
    for place, cost in enumerate(costs):
        plans = [costs[other].plan for other, around in enumerate(nests_in) if place in around]
        bounds = [costs[other].bound for other in nests_in[place]]
        found.append(Cost(min([cost.plan, *plans]), max([cost.bound, *bounds])))
    return found


def value_between(fine: Cost, coarse: Cost, *, is_nested: bool) -> BoundaryValue:
    """The value of going from the fine level to the coarse one, whose costs `tightened` gave."""
    least, most = fine.bound - coarse.plan, fine.plan - coarse.bound
    if is_nested:
        # Costs in pence are rounded, so that an exact value may seem a penny below nothing.
        least, most = max(least, Decimal(0)), max(most, Decimal(0))
    return BoundaryValue(least, max(least, most), fine.plan - coarse.plan, is_nested)
