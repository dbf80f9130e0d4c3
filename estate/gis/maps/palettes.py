"""Colours and shapes that hold for colour-blind readers: ColorBrewer for amounts, colour and shape for kinds."""

from functools import cache

from branca.utilities import color_brewer

AMOUNTS = "YlGnBu"
"""ColorBrewer, sequential, marked by its authors as safe for colour-blind readers, in print and photocopied."""

CHANGES = "PuOr"
"""ColorBrewer, diverging, marked as safe for colour-blind readers and in print: purple for less, orange for more."""
LITTLE_CHANGE = "#dedfdc"
"""The middle of `CHANGES`, dark enough to tell it from an area without buildings."""

UNKNOWN_COLOUR = "#8a9390"

# Okabe and Ito's colours, in the order of how well they stand apart on a light ground; their yellow is left out.
KINDS = ("#0072b2", "#d55e00", "#009e73", "#7b3294", "#b8860b", "#3c99d0", "#a6004f")
SHAPES = ("circle", "square", "triangle", "diamond")
MAXIMUM_KINDS = len(KINDS) * len(SHAPES)

HOST, KEPT, EMPTIED = ("#0072b2", "square"), ("#4d5c59", "circle"), ("#d55e00", "cross")
"""A proposal's three roles, each by colour and by shape."""


@cache
def amounts(count: int) -> tuple[str, ...]:
    """`count` colours from little to much."""
    ramp = color_brewer(AMOUNTS, max(count, 3))
    # One or two classes take the darker end, which stands out from the paper.
    return tuple(ramp[-count:]) if count < 3 else tuple(ramp)


@cache
def changes(count: int) -> tuple[str, ...]:
    """`count` colours from less to more; of an odd number the one in the middle stands for little or no change."""
    if count < 2:
        return (LITTLE_CHANGE,) * count
    ramp = list(color_brewer(CHANGES, max(count, 4))[::-1])
    ramp = [ramp[0], ramp[-1]] if count == 2 else [ramp[0], LITTLE_CHANGE, ramp[-1]] if count == 3 else ramp
    if count % 2:
        ramp[count // 2] = LITTLE_CHANGE
    return tuple(ramp)


def kind(place: int) -> tuple[str, str]:
    """Colour and shape of the `place`-th kind; shapes change once the colours are used up."""
    return KINDS[place % len(KINDS)], SHAPES[place // len(KINDS) % len(SHAPES)]


@cache
def amounts_of_points(count: int) -> tuple[str, ...]:
    """`count` colours from little to much that a small point shows on a pale ground: the ramp without its palest."""
    return tuple(color_brewer(AMOUNTS, min(count + 2, 9))[-count:]) if count else ()
