"""Two people changed one row: what each changed, field by field, and the choice where both changed the same.

A form that was opened at an older version comes back with the merge screen: base (as it was opened), theirs (the
register now), mine (the form). What only one of them changed is taken; a true clash needs a choice. Only one's own
changes are then written, at the version that the screen showed, so a third change brings the screen again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import render_template, request

from estate.audit import history
from estate.people.models import User
from estate.register.changes import location_of, plain
from estate.register.models import Building
from estate.register.versions import values_at
from estate.web.access import signed_in_identity
from estate.web.database import current_session
from estate.web.editing import Trouble, save, shown
from estate.web.forms import CHOICE, MergeableForm

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class MergedField:
    """One field that somebody changed since the form was opened. Values are as the register keeps them."""

    name: str
    label: str
    base: Any
    theirs: Any
    mine: Any
    taken: str
    """`MINE` or `THEIRS`; empty while a clash waits for its choice."""
    is_clash: bool
    words: tuple[Any, Any, Any]
    """Base, theirs and mine as people read them."""


@dataclass(frozen=True)
class Merge:
    """Every field that differs between the three, and whether the person has decided."""

    fields: list[MergedField]
    base_version: int
    version: int
    """The register's, by now."""
    is_confirmed: bool
    """The merge screen for this very version was sent."""

    @property
    def is_decided(self) -> bool:
        """True when the screen was seen and no clash is left open."""
        return self.is_confirmed and all(field.taken for field in self.fields)

    @property
    def clash_count(self) -> int:
        """How many fields need a choice."""
        return sum(field.is_clash for field in self.fields)

    @property
    def values(self) -> dict[str, Any]:
        """What is to be written: one's own values where they are taken."""
        return {field.name: field.mine for field in self.fields if field.taken == MINE}


def find_merge(form: MergeableForm, row: Any, seen: int) -> Merge | None:
    """The merge of `form`, opened at version `seen`, with the register; None where nobody changed the row since."""
    if seen == row.version:
        return None
    base = values_at(current_session(), row, seen)
    then, now = _values(row, base) if base is not None else {}, _values(row, None)
    is_confirmed = form.base_version.data is not None and form.version.data == row.version
    fields = [
        field
        for name, typed in form.values().items()
        if name in now and (field := _merged(form, name, then.get(name, _Never), now[name], typed, is_confirmed))
    ]
    return Merge(fields, seen, row.version, is_confirmed)


def opened_at(form: MergeableForm) -> int:
    """The version of the row that the person saw when they opened the form."""
    return form.base_version.data or form.version.data or 0


def save_merged(form: MergeableForm, row: Any, change: Callable[..., Any]) -> Trouble | None:
    """Save a form of `row` that may have been opened before somebody else changed it; None when it was saved.

    `change` takes the version, actor, reason and values. Where a choice is needed, the trouble holds the merge.
    """
    seen, told = opened_at(form), {"actor": signed_in_identity().user_id, "reason": form["reason"].data or ""}
    merge = find_merge(form, row, seen)
    if merge and not merge.is_decided:
        return Trouble(409, merge=merge)
    values = merge.values if merge else form.values()
    trouble = save(form, row, lambda: change(version=form.version.data or 0, **told, **values))
    if trouble and trouble.status == 409:
        return Trouble(409, merge=find_merge(form, row, seen))
    if trouble and merge:
        take_over(form, merge)
    return trouble


def take_over(form: MergeableForm, merge: Merge) -> None:
    """Put what was decided into the form, to go on with it as with one opened just now."""
    for field in merge.fields:
        if field.taken != MINE:
            form[field.name].data, form[field.name].raw_data = field.theirs, None
    form.version.data, form.version.raw_data = merge.version, None
    form.base_version.data, form.base_version.raw_data = None, None


def merge_page(form: MergeableForm, row: Any, merge: Merge, **page: Any) -> tuple[str, int]:
    """The screen on which both versions stand side by side. `page` is what `buildings/merge.html` needs besides."""
    session = current_session()
    building_id = row.id if isinstance(row, Building) else row.building_id
    last = next(iter(history(session, "building", building_id, limit=1)), None)
    who = session.get(User, last.actor_id) if last and last.actor_id else None
    names = set(form.values())
    sent = [(name, text) for name in names for text in request.form.getlist(name)]
    answer = render_template(
        "buildings/merge.html", form=form, merge=merge, sent=sorted(sent), last=last, who=who, row=row, **page
    )
    return answer, 409


class _Never:
    """Stands for a value that nobody knows any more: the form came with a version that never was."""


def _values(row: Any, kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """A row's values by field, or those of an older version of it."""
    columns = row.__table__.columns.keys()
    values = dict(kept) if kept is not None else {name: getattr(row, name) for name in columns}
    if isinstance(row, Building):
        values |= location_of(SimpleNamespace(location=values["location"]))  # type: ignore[arg-type]
    return values


def _merged(
    form: MergeableForm, name: str, base: Any, theirs: Any, typed: Any, is_confirmed: bool
) -> MergedField | None:
    """One field; None where nobody changed it, or both to the same."""
    mine = None if typed == "" else typed
    if _same(mine, theirs):
        return None if base is _Never or _same(base, theirs) else _field(form, name, base, theirs, mine, THEIRS, False)
    if base is not _Never and _same(mine, base):
        return _field(form, name, base, theirs, mine, THEIRS, False)
    if base is not _Never and _same(theirs, base):
        return _field(form, name, base, theirs, mine, MINE, False)
    chosen = request.form.get(f"{CHOICE}{name}", "") if is_confirmed else ""
    return _field(form, name, base, theirs, mine, chosen if chosen in (MINE, THEIRS) else "", True)


def _field(
    form: MergeableForm, name: str, base: Any, theirs: Any, mine: Any, taken: str, is_clash: bool
) -> MergedField:
    field = form[name]
    known = None if base is _Never else base
    words = (shown(field, known), shown(field, theirs), shown(field, mine))
    return MergedField(name, field.label.text, known, theirs, mine, taken, is_clash, words)


def _same(one: Any, other: Any) -> bool:
    return bool(plain(None if one == "" else one) == plain(None if other == "" else other))
