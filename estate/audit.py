"""The append-only record of who did what: every change has an actor, a time, a reason and an Event.

Events form a hash chain: each row holds the SHA-256 of its own content and of the row before, so a row changed or
removed behind the application's back is found by `first_broken`. The database refuses UPDATE and DELETE.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, NamedTuple

from psycopg.copy import QueuedLibpqWriter
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Text,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from estate.db import Base

Draft = tuple[int | str, str, str]
"""A subject's id, its changes as JSON, and these as a JSON string, which is hashed."""
CHAIN_LOCK = 0x45535441
FIRST_HASH = "0" * 64
# One encoder for all: json.dumps with options makes a new one at each call, which an import of many rows feels.
_encode = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False, allow_nan=False).encode


class Event(Base):
    """One thing that happened. `changes` maps a field to `[before, after]`."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_type", "subject_id", "id"),
        Index("ix_event_group", "group_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None: the system itself, such as a command run by the operator."""
    action: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    group_id: Mapped[str | None] = mapped_column(Text)
    """Binds the events of one change set, such as `import:12`."""
    hash: Mapped[str] = mapped_column(Text)


def record(
    session: Session,
    *,
    actor: int | None,
    action: str,
    subject_type: str,
    subject_id: int,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    group_id: str | None = None,
) -> None:
    """Append one event in the session's own transaction. `actor` is a user's id, None for the system."""
    subject = (subject_id, changes or {})
    record_many(
        session,
        [subject],
        actor=actor,
        action=action,
        subject_type=subject_type,
        reason=reason,
        group_id=group_id,
    )


def record_many(
    session: Session,
    subjects: Iterable[tuple[int, Mapping[str, Any]]],
    *,
    actor: int | None,
    action: str,
    subject_type: str,
    reason: str = "",
    group_id: str | None = None,
) -> None:
    """Append one event for each `(subject_id, changes)`, in order, with COPY where there are many.

    Writers of the chain wait for one another until their transaction ends.
    """
    record_drafts(
        session,
        draft(subjects),
        actor=actor,
        action=action,
        subject_type=subject_type,
        reason=reason,
        group_id=group_id,
    )


def draft(subjects: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[Draft]:
    """What can be written of events before their place in the chain is known, and on another thread."""
    for subject_id, changes in subjects:
        body = canonical_json(changes)
        yield subject_id, body, _as_json(body)


def record_drafts(
    session: Session,
    drafts: Iterable[Draft],
    *,
    actor: int | None,
    action: str,
    subject_type: str,
    reason: str = "",
    group_id: str | None = None,
) -> None:
    """As `record_many`, of what `draft` gave."""
    session.flush()
    session.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
    previous = session.scalar(select(func.last_event_hash())) or FIRST_HASH
    at = datetime.now(UTC)
    shared = _Shared(at, actor, action, subject_type, reason, group_id)
    _store(session, shared, _chained(previous, shared, drafts))


class _Shared(NamedTuple):
    """What events that are recorded together have in common."""

    at: datetime
    actor_id: int | None
    action: str
    subject_type: str
    reason: str
    group_id: str | None


_Link = tuple[int | str, str, str]
"""A subject's id, its changes as JSON, and the event's hash."""


def _chained(previous: str, shared: _Shared, drafts: Iterable[Draft]) -> Iterator[_Link]:
    """One link for each draft, made when it is asked for: the database takes them meanwhile."""
    before, between, after = _texts(shared)
    for subject_id, body, as_json in drafts:
        text_form = f'["{previous}", {before}, {subject_id}, {between}, {as_json}, {after}]'
        previous = hashlib.sha256(text_form.encode()).hexdigest()
        yield subject_id, body, previous


def _texts(shared: _Shared) -> tuple[str, str, str]:
    """What many events have in common of the text that `chain_hash` takes, for that is most of it."""
    head = json.dumps([shared.at.isoformat(), shared.actor_id, shared.action, shared.subject_type])
    return head[1:-1], json.dumps(shared.reason), json.dumps(shared.group_id)


_as_json = json.JSONEncoder().encode

_LINK = ("subject_id", "changes", "hash")
_COPY_FROM_ROWS = 20
_LINES_AT_ONCE = 1_000
_BACKSLASH = "\\"
_COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _store(session: Session, shared: _Shared, links: Iterator[_Link]) -> None:
    first = list(islice(links, _COPY_FROM_ROWS))
    # PostgreSQL has no COPY into a table for a role that row-level security holds for: the web inserts.
    if len(first) >= _COPY_FROM_ROWS and session.scalar(select(func.row_security_active("public.event"))):
        first += links
    elif len(first) >= _COPY_FROM_ROWS:
        _copy(session, shared, chain(first, links))
        return
    if first:
        made = ((subject_id, json.loads(body), digest) for subject_id, body, digest in first)
        session.execute(insert(Event), [{**shared._asdict(), **dict(zip(_LINK, row, strict=True))} for row in made])


def _copy(session: Session, shared: _Shared, links: Iterable[_Link]) -> None:
    connection: Any = session.connection().connection.driver_connection
    command = f"COPY public.event ({', '.join((*_Shared._fields, *_LINK))}) FROM STDIN"
    # Only three columns differ from line to line, and JSON holds neither tabs nor ends of lines.
    head = "\t".join(map(_copy_text, shared))
    lines = (
        f"{head}\t{subject_id}\t{body.replace(_BACKSLASH, _BACKSLASH * 2)}\t{digest}\n"
        for subject_id, body, digest in links
    )
    # A thread sends the lines, so that the next are made while the database takes the last.
    with connection.cursor() as cursor, cursor.copy(command, writer=QueuedLibpqWriter(cursor)) as copy:
        while some := "".join(islice(lines, _LINES_AT_ONCE)):
            copy.write(some)


def _copy_text(value: Any) -> str:
    """A value as a column of COPY's text format."""
    return r"\N" if value is None else str(value).translate(_COPY_ESCAPES)


def canonical_json(value: Any) -> str:
    """`value` as JSON that is the same before and after the database has stored it: what hashes are made of."""
    return _encode(_stored_numbers(value))


def _stored_numbers(value: Any) -> Any:
    """`value` with floats as the database gives them back: 1e16 as 10000000000000000, and minus zero as zero."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {key: _stored_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_stored_numbers(item) for item in value]
    if isinstance(value, float) and (value == 0 or "e+" in repr(value)):
        return int(Decimal(repr(value))) if value else 0.0
    return value


def chain_hash(previous: str, content: tuple[Any, ...]) -> str:
    """SHA-256 of the hash before and of a row's content (time in UTC, changes as sorted JSON)."""
    at, actor, action, subject_type, subject_id, reason, body, group_id = content
    text_form = json.dumps(
        [
            previous,
            at.isoformat(),
            actor,
            action,
            subject_type,
            subject_id,
            reason,
            body,
            group_id,
        ]
    )
    return hashlib.sha256(text_form.encode()).hexdigest()


def first_broken(session: Session) -> int | None:
    """Id of the first event whose hash does not follow from the row before it; None when the chain holds."""
    previous = FIRST_HASH
    with session.scalars(select(Event).order_by(Event.id).execution_options(yield_per=5000)) as events:
        for event in events:
            if chain_hash(previous, _content(event)) != event.hash:
                return event.id
            previous = event.hash
    return None


def _content(event: Event) -> tuple[Any, ...]:
    at, body = event.at.astimezone(UTC), canonical_json(event.changes)
    subject = (event.subject_type, event.subject_id)
    return (at, event.actor_id, event.action, *subject, event.reason, body, event.group_id)


def history(session: Session, subject_type: str, subject_id: int, *, limit: int = 200) -> list[Event]:
    """Events of one subject, newest first."""
    query = select(Event).where(Event.subject_type == subject_type, Event.subject_id == subject_id)
    return list(session.scalars(query.order_by(Event.id.desc()).limit(limit)))
