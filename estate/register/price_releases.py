"""Editions of the price index: the one in force, and adding a newer one. Older ones stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from estate import audit
from estate.register import rules
from estate.register.models import PriceIndexRelease, PriceIndexValue
from estate.register.prices import price_factor


@dataclass(frozen=True)
class PriceBase:
    """Whose money a page speaks in: that of each year itself, or that of one year."""

    base_year: int | None = None
    """None: each year's own money (cash)."""
    release: PriceIndexRelease | None = None
    values: Mapping[int, Decimal] | None = None

    def factor(self, year_start: int) -> Decimal | None:
        """What amounts of `year_start` are multiplied by; 1 for cash, None where the index lacks a year."""
        if self.base_year is None:
            return Decimal(1)
        return price_factor(self.values or {}, year_start, self.base_year)


def find_release(session: Session) -> PriceIndexRelease | None:
    """The edition in force: the one published last; of several of one day, the one added last."""
    return session.scalars(_newest().limit(1)).first()


def list_releases(session: Session) -> list[PriceIndexRelease]:
    """Every edition, the one in force first."""
    return list(session.scalars(_newest()))


def price_base(session: Session, base_year: int | None) -> PriceBase:
    """Prices of `base_year` by the edition in force; cash for None, and for a year that the edition lacks."""
    release = find_release(session)
    values = {value.year_start: value.value for value in release.values} if release else {}
    return PriceBase(base_year if base_year in values else None, release, values)


def add_release(
    session: Session,
    *,
    actor: int | None,
    name: str,
    published_on: date | None,
    source: str,
    is_checked: bool,
    values: Mapping[int, Decimal],
) -> PriceIndexRelease:
    """A further edition. Raises `InvalidInput` by field."""
    errors = rules.text_errors({"name": name, "source": source})
    if not name.strip():
        errors["name"] = "Give the index its name, such as GDP deflator at market prices"
    if not source.strip():
        errors["source"] = "Say where the figures come from"
    if published_on is None or not 1990 <= published_on.year <= 2100:
        errors["published_on"] = "Enter the day on which this edition was published"
    if len(values) < 2:
        errors["figures"] = "Give the index of at least two years"
    rules.require_valid(errors)
    release = PriceIndexRelease(
        name=name.strip(), published_on=published_on, source=source.strip(), is_checked=is_checked
    )
    release.values = [PriceIndexValue(year_start=year, value=value) for year, value in sorted(values.items())]
    session.add(release)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="add price index release",
        subject_type="price_index_release",
        subject_id=release.id,
        changes={"published_on": [None, str(published_on)], "years": [None, len(values)]},
    )
    return release


def _newest() -> Select[PriceIndexRelease]:
    return select(PriceIndexRelease).order_by(PriceIndexRelease.published_on.desc(), PriceIndexRelease.id.desc())
