"""What can be wrong with the figures of an appraisal."""

from estate.errors import EstateError, InvalidInput


class RateInvalid(InvalidInput):
    """A discount rate must be at least 0 and less than 1, and the first must start in year 0."""


class HorizonInvalid(InvalidInput):
    """The horizon must be at least one whole year."""


class SharesInvalid(InvalidInput):
    """Shares of an amount must not be negative, and at least one of them must be more than 0."""


class CostInvalid(InvalidInput):
    """A cost, an area or a number of people must be 0 or more, and finite."""


class GameInvalid(InvalidInput):
    """A game needs 1 to 20 agencies with different names, and a finite gain for each coalition; that of nobody is 0."""


class SampleInvalid(InvalidInput):
    """A sample needs an agency, 4 orders or more, and a confidence between 0 and 1."""


class GameUnsolved(EstateError):
    """The shares could not be worked out: the gains of the coalitions are too far apart in size. Check them."""


class CashInvalid(InvalidInput):
    """A line of a cash curve needs an amount for each year from 0 to the last one."""


class RangeInvalid(InvalidInput):
    """A range needs a lowest, a likely and a highest value, each used by at least one term under its own name."""


class PhasingInvalid(InvalidInput):
    """Each project needs a name of its own, finite figures, and rent that stays due for the same years."""
