"""Every cause that the optimiser or a rule can give has a heading of its own."""

from estate.optimise.explain import BLOCKED, Cause
from estate.proposals.causes import HEADINGS
from estate.proposals.eligibility import CLOSE_RULES


def test_every_cause_has_a_heading():
    causes = {*BLOCKED, *(cause.value for cause in Cause), *(rule.__name__.strip("_") for rule in CLOSE_RULES)}
    assert causes == set(HEADINGS)
    assert len(set(HEADINGS.values())) == len(HEADINGS)
