"""What can be wrong with the figures of an appraisal."""

from estate.errors import InvalidInput


class RateInvalid(InvalidInput):
    """A discount rate must be at least 0 and less than 1, and the first must start in year 0."""


class HorizonInvalid(InvalidInput):
    """The horizon must be at least one whole year."""


class SharesInvalid(InvalidInput):
    """Shares of an amount must not be negative, and at least one of them must be more than 0."""


class CostInvalid(InvalidInput):
    """A cost, an area or a number of people must be 0 or more, and finite."""
