"""Whole pounds for tables, so that what is shown still adds up."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def whole_pounds(amounts: Sequence[Decimal]) -> list[int]:
    """Each amount rounded up or down to a whole pound, adding up to the rounded total.

    The pounds left over go to the largest remainders, the first of equals; no figure is off by a pound or more.
    """
    floors = [math.floor(amount) for amount in amounts]
    total = int(sum(amounts, Decimal(0)).quantize(Decimal(1), ROUND_HALF_UP))
    remainders = sorted(range(len(amounts)), key=lambda place: floors[place] - amounts[place])
    for place in remainders[: total - sum(floors)]:
        floors[place] += 1
    return floors
