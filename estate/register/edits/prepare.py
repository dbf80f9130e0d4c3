"""From what was asked for to the rows of the preview."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from estate.register.edits.apply import NotReady
from estate.register.edits.match import pasted_wishes
from estate.register.edits.plan import Tell, Wish, store_rows
from estate.register.edits.start import typed
from estate.register.edits.targets import MayEdit, targets
from estate.register.models import BulkEdit, EditKind, EditStatus


def row_count(edit: BulkEdit) -> int:
    """How many rows the preview will have, about: what decides whether somebody can wait for it."""
    if edit.kind is EditKind.SAME_VALUES:
        return len(edit.request["ids"])
    return int(edit.request["row_count"])


def prepare_edit(session: Session, edit: BulkEdit, may_edit: MayEdit, tell: Tell = lambda fraction: None) -> None:
    """Work out what the edit would do with each row, and keep that for the preview."""
    if edit.status is not EditStatus.PREPARING:
        raise NotReady
    is_pasted = edit.kind is EditKind.PASTED
    wishes = pasted_wishes(session, edit, may_edit) if is_pasted else _same_wishes(session, edit, may_edit)
    store_rows(session, edit, wishes, row_count(edit), tell)


def _same_wishes(session: Session, edit: BulkEdit, may_edit: MayEdit) -> Iterator[Wish]:
    values = typed(edit.request["values"])
    for target in targets(session, edit.request["ids"], values, may_edit):
        yield Wish(target, values)
