"""All that a tile rests on besides its address, asked of the database in one statement at each request (ADR 23).

Who somebody is, what they may see and what they see of it takes a dozen statements to work out. As long as this one
gives what it gave then, all of that is as it was then: so what was made of it may be given again. Nothing is believed
for a time, and nobody has to tell a web process that something changed.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.gis.tiles import Tile
from estate.register.map_tiles import blocks_of

# Words of one list, the columns that `identity_today`, `current_scope` and the views of `seen` are made from. Whoever
# adds to those what decides about a tile adds it here: tests change each in turn.
STANDING = text("""
SELECT current_date, login.user_id, login.name,
    (SELECT string_agg(concat_ws(':', agency_id, role), ',' ORDER BY agency_id, role)
        FROM public.membership WHERE user_id = login.user_id AND ended_at IS NULL) AS roles,
    (SELECT string_agg(concat_ws(':', programme_id, agency_id), ',' ORDER BY programme_id, agency_id)
        FROM public.programme_member
        WHERE coalesce(joined_on <= current_date, true) AND coalesce(left_on > current_date, true)) AS stays,
    (SELECT string_agg(id || ':' || slug, ',' ORDER BY id) FROM public.programme) AS programmes,
    (SELECT string_agg(concat_ws(':', programme_id, area_id), ',' ORDER BY programme_id, area_id)
        FROM public.programme_area) AS areas,
    (SELECT string_agg(id::text, ',' ORDER BY id) FROM public.agency) AS agencies,
    (SELECT string_agg(concat_ws(':', field_code, level, valid_from), ',' ORDER BY id)
        FROM public.field_sensitivity WHERE valid_from <= current_date) AS levels,
    (SELECT string_agg(code, ',' ORDER BY code) FROM public.sensitive_field) AS fields,
    (SELECT string_agg(concat_ws(':', code, use_class_code, valid_from, value), ',' ORDER BY id)
        FROM public.assumption WHERE code LIKE 'fullness_%') AS limits,
    (SELECT coalesce(sum(change_count), 0)::bigint FROM public.map_change
        WHERE block BETWEEN :first AND :last OR block = ANY (CAST(:others AS bigint[]))) AS version
FROM (
    SELECT l.user_id, u.name FROM public.login_session l JOIN public.user_account u ON u.id = l.user_id
    WHERE l.token_hash = :token_hash AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
        AND NOT l.is_waiting AND u.is_active) login
""")


@dataclass(frozen=True)
class Standing:
    """What a signed-in user's tile rests on, less its address."""

    user_id: int
    person: str
    """Names all that their identity and scope are made from."""
    eyes: str
    """Names all that decides which buildings and fields they see: the same for colleagues with the same roles."""
    version: int
    """Of the register where the tile lies."""


def find_standing(session: Session, token_hash: str, tile: Tile) -> Standing | None:
    """The standing of who holds this token, now; None for a token that opens nothing."""
    row = session.execute(STANDING, {"token_hash": token_hash, **blocks_of(tile)}).one_or_none()
    if row is None:
        return None
    today, user_id, name, *seen, version = row
    return Standing(user_id, _named(today, user_id, name, *seen), _named(today, *seen), version)


def _named(*values: Any) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()
