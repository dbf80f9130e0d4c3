"""How figures look on every page. Unknown is shown as unknown, never as 0; an estimate is marked as one."""

from calendar import month_name
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup, escape

UNKNOWN = Markup('<span class="unknown">unknown</span>')
ESTIMATE = Markup(' <span class="estimate">estimate</span>')
LOCAL_TIME = ZoneInfo("Europe/London")

ACRONYMS = frozenset({"pfi", "moto", "dec", "epc"})

REPAIRS = {
    "tenant_full": "Tenant: full repairing and insuring",
    "tenant_internal": "Tenant: the inside only",
    "shared": "Landlord, paid by a service charge",
    "landlord": "Landlord",
}
"""Who repairs a leased building, in words."""

Number = int | float | Decimal


def init_filters(app: Flask) -> None:
    """Register the filters under their own names."""
    for shown in SHOWN:
        app.jinja_env.filters[shown.__name__] = shown


def is_known(value: Any) -> bool:
    """False for None, the empty string and NaN."""
    return value is not None and value != "" and value == value


def number(value: Number | None, decimals: int = 0) -> str:
    """`1,234.5`; `unknown` for None."""
    if not is_known(value):
        return UNKNOWN
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded:,}".replace("-", "\N{MINUS SIGN}")


def money(value: Number | None, decimals: int = 0) -> str:
    """`£1,234`, with the minus before the sign; `unknown` for None."""
    if not is_known(value):
        return UNKNOWN
    text = number(value, decimals)
    return f"\N{MINUS SIGN}£{text[1:]}" if text.startswith("\N{MINUS SIGN}") else f"£{text}"


def money_short(value: Number | None) -> str:
    """`£1.2m`, `£34k` or `£560`: for cards, where the exact figure stands elsewhere."""
    if not is_known(value):
        return UNKNOWN
    amount = Decimal(str(value))
    for size, unit in ((Decimal(10**9), "bn"), (Decimal(10**6), "m"), (Decimal(10**3), "k")):
        if abs(amount) >= size:
            scaled = amount / size
            return money(scaled, 0 if abs(scaled) >= 100 else 1) + unit
    return money(amount)


def number_short(value: Number | None) -> str:
    """`1.7m`, `34k` or `560`: for cards, where the exact figure stands elsewhere."""
    return UNKNOWN if not is_known(value) else money_short(value).replace("£", "")


def counted(count: int, noun: str) -> str:
    """`1 building`, `2 buildings`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def area_m2(value: Number | None) -> str:
    """`1,234 m²`; `unknown` for None."""
    return UNKNOWN if not is_known(value) else f"{number(value)}\N{NO-BREAK SPACE}m²"


def percent(ratio: Number | None, decimals: int = 0) -> str:
    """`63%` from 0.63; `unknown` for None."""
    return UNKNOWN if not is_known(ratio) else f"{number(Decimal(str(ratio)) * 100, decimals)}%"


def day(value: date | datetime | None) -> str:
    """`3 March 2026`; `unknown` for None."""
    if value is None:
        return UNKNOWN
    local = value.astimezone(LOCAL_TIME) if isinstance(value, datetime) and value.tzinfo else value
    return f"{local.day} {local:%B %Y}"


def moment(value: datetime | None) -> str:
    """`3 March 2026 at 14:05`, in local time; `unknown` for None."""
    if value is None:
        return UNKNOWN
    return f"{day(value)} at {value.astimezone(LOCAL_TIME):%H:%M}"


def financial_year(year_start: int | None) -> str:
    """`2024-25` from 2024; `unknown` for None."""
    return UNKNOWN if year_start is None else f"{year_start}-{(year_start + 1) % 100:02d}"


def month(number: int | None) -> str:
    """`September` from 9; `unknown` for None."""
    return UNKNOWN if number is None else month_name[number]


def capitalize_first(text: str | None) -> str:
    """The text with its first letter as a capital, the others as they are; `unknown` for None."""
    return UNKNOWN if text is None else text[:1].upper() + text[1:]


def or_unknown(value: Any) -> Any:
    """The value itself; `unknown` for None and the empty string. Yes and no for booleans."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if is_known(value) else UNKNOWN


def words(value: Any) -> str:
    """A code as words: `asset_manager` becomes `Asset manager`; enums give their value."""
    if not is_known(value):
        return UNKNOWN
    code = str(getattr(value, "value", value))
    text = code.replace("_", " ")
    return code.upper() if code in ACRONYMS else text[:1].upper() + text[1:]


def repairs(value: Any) -> str:
    """Who repairs, in words."""
    return REPAIRS[value.value] if value else UNKNOWN


def estimated(text: str, is_estimate: bool = True) -> Markup:
    """The text with the mark of an estimate behind it."""
    return escape(text) + (ESTIMATE if is_estimate else Markup(""))


SHOWN = [
    money,
    money_short,
    number,
    number_short,
    counted,
    area_m2,
    percent,
    day,
    moment,
    financial_year,
    month,
    capitalize_first,
    or_unknown,
    words,
    repairs,
    estimated,
]
