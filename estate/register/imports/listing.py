"""Reading imports and their problems, page by page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.register.models import Import, ImportProblem

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """One page of a list, and how many there are in all."""

    rows: list[Any]
    count: int
    page: int

    @property
    def page_count(self) -> int:
        """Pages in all, at least one."""
        return max(1, -(-self.count // PAGE_SIZE))


@dataclass(frozen=True)
class ProblemKind:
    """How often one problem occurs in one field, with the sentence of its first row."""

    field: str
    code: str
    is_rejecting: bool
    count: int
    message: str


def list_imports(session: Session, *, agency_ids: frozenset[int] | None = None, page: int = 1) -> Page:
    """Imports, newest first, of these agencies or of all."""
    query, counting = select(Import), select(func.count()).select_from(Import)
    if agency_ids is not None:
        query = query.where(Import.agency_id.in_(agency_ids))
        counting = counting.where(Import.agency_id.in_(agency_ids))
    newest = query.order_by(Import.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    return Page(list(session.scalars(newest)), session.scalar(counting) or 0, page)


def problem_kinds(session: Session, brought: Import) -> list[ProblemKind]:
    """The problems by field and kind, rejecting ones first."""
    problem = ImportProblem
    query = (
        select(problem.field, problem.code, problem.is_rejecting, func.count(), func.min(problem.message))
        .where(problem.import_id == brought.id)
        .group_by(problem.field, problem.code, problem.is_rejecting)
        .order_by(problem.is_rejecting.desc(), func.count().desc(), problem.field)
    )
    return [ProblemKind(*row) for row in session.execute(query)]


def list_problems(session: Session, brought: Import, *, code: str | None = None, page: int = 1) -> Page:
    """The problems in the order of the file, of one kind or of all."""
    wanted = [ImportProblem.import_id == brought.id, *([ImportProblem.code == code] if code else [])]
    rows = (
        select(ImportProblem)
        .where(*wanted)
        .order_by(ImportProblem.line, ImportProblem.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    count = session.scalar(select(func.count()).select_from(ImportProblem).where(*wanted)) or 0
    return Page(list(session.scalars(rows)), count, page)


def rejected_file(session: Session, brought: Import) -> bytes | None:
    """The rejected rows as CSV; None where there are none."""
    return session.scalar(select(Import.rejected_rows).where(Import.id == brought.id))
