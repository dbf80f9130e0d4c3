"""What can be wrong with a problem. Each is one sentence that names the rows."""

from estate.errors import InvalidInput


class ProblemInvalid(InvalidInput):
    """Some of the input can't be true, so the proposal can't be calculated."""

    def __init__(self, message: str | None = None, *, rows: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.rows = rows


class NotANumber(ProblemInvalid):
    """A figure is missing or is not a finite number. Correct it in the register, or leave the building out."""


class NegativeFigure(ProblemInvalid):
    """A figure is negative that can't be. Correct it in the register."""


class DuplicateId(ProblemInvalid):
    """The same id is used twice, so it is unclear which row is meant."""


class UnknownHome(ProblemInvalid):
    """A team is said to work in a building that is not part of this problem."""


class PayersDoNotAddUp(ProblemInvalid):
    """The shares of the agencies that pay for a building must be positive and add up to 1."""


class SettingOutOfRange(ProblemInvalid):
    """A setting of the proposal is outside the range that makes sense."""


class UnknownInRules(ProblemInvalid):
    """A rule of this proposal names a building or a team that is not part of it."""


class ContradictoryLocks(ProblemInvalid):
    """Two decisions that this proposal was told contradict each other. Take one of them away."""


class NoPlan(ProblemInvalid):
    """No plan keeps all the rules that this proposal was told. Take one of them away."""


class ProblemUnreadable(ProblemInvalid):
    """The document is not a problem that this version of Estate can read."""


def naming(rows: tuple[str, ...], most: int = 5) -> str:
    """The rows as words for a sentence: the first few and how many more there are."""
    shown = ", ".join(rows[:most])
    return shown if len(rows) <= most else f"{shown} and {len(rows) - most} more"
