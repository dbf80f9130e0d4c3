"""What was found in a boundary file, as sentences for people."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field

NAMED_AREAS = 5


class Weight(enum.Enum):
    """What a finding means for the file."""

    ERROR = "error"
    """The whole file is refused."""
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One sentence about the file. `code` names the rule."""

    code: str
    message: str
    weight: Weight


@dataclass
class Report:
    """The findings of one file, in the order they were made."""

    findings: list[Finding] = field(default_factory=list)

    def error(self, code: str, message: str) -> None:
        """Add a finding that refuses the file."""
        self.findings.append(Finding(code, message, Weight.ERROR))

    def warn(self, code: str, message: str) -> None:
        """Add a finding that the reader should know of."""
        self.findings.append(Finding(code, message, Weight.WARNING))

    def note(self, code: str, message: str) -> None:
        """Add a finding that is as it should be."""
        self.findings.append(Finding(code, message, Weight.NOTE))

    @property
    def errors(self) -> list[Finding]:
        """The findings that refuse the file."""
        return [finding for finding in self.findings if finding.weight is Weight.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """The findings to look at."""
        return [finding for finding in self.findings if finding.weight is Weight.WARNING]

    def codes(self) -> set[str]:
        """The codes of all findings."""
        return {finding.code for finding in self.findings}


def named(items: Iterable[object]) -> str:
    """The items as "A, B and C"; of more than five, the first five "and 12 more"."""
    texts = [str(item) for item in items]
    if len(texts) > NAMED_AREAS:
        return f"{', '.join(texts[:NAMED_AREAS])} and {len(texts) - NAMED_AREAS:,} more"
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1] if texts else ""]))


def counted(number: int, noun: str) -> str:
    """The number with its noun: "1 area", "2,345 areas"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
