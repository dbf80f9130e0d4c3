"""Reading the rows of an edit, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.register.models import BulkEdit, BulkEditRow, Verdict

PAGE_SIZE = 50


@dataclass(frozen=True)
class RowPage:
    """One page of an edit's rows, and how many there are in all."""

    rows: list[BulkEditRow]
    count: int
    page: int

    @property
    def page_count(self) -> int:
        """Pages in all, at least one."""
        return max(1, -(-self.count // PAGE_SIZE))


def counts_of(session: Session, edit: BulkEdit) -> Mapping[Verdict, int]:
    """How many rows have each verdict; all verdicts are there."""
    query = (
        select(BulkEditRow.verdict, func.count())
        .where(BulkEditRow.bulk_edit_id == edit.id)
        .group_by(BulkEditRow.verdict)
    )
    return {**dict.fromkeys(Verdict, 0), **dict(session.execute(query).all())}


def list_rows(session: Session, edit: BulkEdit, verdict: Verdict, *, page: int = 1) -> RowPage:
    """One page of the rows with this verdict, in the order asked for; a page beyond the last gives the last."""
    wanted = [BulkEditRow.bulk_edit_id == edit.id, BulkEditRow.verdict == verdict]
    count = session.scalar(select(func.count()).select_from(BulkEditRow).where(*wanted)) or 0
    page = min(max(page, 1), max(1, -(-count // PAGE_SIZE)))
    query = select(BulkEditRow).where(*wanted).order_by(BulkEditRow.place)
    return RowPage(list(session.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))), count, page)
