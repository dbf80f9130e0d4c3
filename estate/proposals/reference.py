"""The dated reference data of one calculation, and which of its figures were used."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.appraise.discounting import Rates
from estate.proposals.errors import AssumptionMissing
from estate.register.models import Assumption, SpaceStandard, UseAcceptance, UseClass

RATE_STEPS = (("discount_rate", 0), ("discount_rate_after_30", 30), ("discount_rate_after_75", 75))


@dataclass
class Reference:
    """Reference data as it stood on a date. Asking for a figure notes it as used."""

    on: date
    assumptions: dict[tuple[str, str | None], Assumption]
    standards: dict[str, SpaceStandard]
    uses: dict[str, UseClass]
    accepts: dict[str, tuple[str, ...]]
    """Uses whose teams a host of a use takes in."""
    used: dict[str, str] = field(default_factory=dict)
    """Sentence by name of each figure that was asked for."""

    def figure(self, code: str, use: str | None = None) -> float:
        """The value of an assumption: for the use where there is one, else for every use."""
        row = self.assumptions.get((code, use)) or self.assumptions.get((code, None))
        if row is None:
            raise AssumptionMissing(f'There is no assumption "{code}". Ask an administrator to add it with its source.')
        name = code if row.use_class_code is None else f"{code} ({row.use_class_code})"
        self.used[name] = f"{row.value.normalize():f} {row.unit}. From {row.valid_from:%-d %B %Y}. {row.source}."
        return float(row.value)

    def m2_per_fte(self, use: str | None) -> float | None:
        """The space standard of a use; None where it has none."""
        row = self.standards.get(use or "")
        if row is None:
            return None
        self.used[f"m2_per_fte ({row.use_class_code})"] = (
            f"{row.m2_per_fte.normalize():f} m² NIA per FTE. From {row.valid_from:%-d %B %Y}. {row.source}."
        )
        return float(row.m2_per_fte)

    @property
    def rates(self) -> Rates:
        """The discount rates."""
        return Rates(tuple((after, self.figure(code)) for code, after in RATE_STEPS))


def reference_on(session: Session, on: date) -> Reference:
    """The reference data in force on a date."""
    assumptions = session.scalars(
        select(Assumption).where(Assumption.valid_from <= on).order_by(Assumption.valid_from, Assumption.id)
    )
    standards = session.scalars(
        select(SpaceStandard).where(SpaceStandard.valid_from <= on).order_by(SpaceStandard.valid_from)
    )
    accepts: dict[str, tuple[str, ...]] = {}
    for row in session.scalars(
        select(UseAcceptance).order_by(UseAcceptance.host_use_code, UseAcceptance.team_use_code)
    ):
        accepts[row.host_use_code] = (*accepts.get(row.host_use_code, ()), row.team_use_code)
    return Reference(
        on=on,
        assumptions={(row.code, row.use_class_code): row for row in assumptions},
        standards={row.use_class_code: row for row in standards},
        uses={row.code: row for row in session.scalars(select(UseClass))},
        accepts=accepts,
    )
