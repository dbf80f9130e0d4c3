"""The blocks that the rows of a file name: built from their homes, one for each landlord and reference.

A block is no row: the row equation counts homes. It belongs to the import all the same, and is undone with it. Which
use makes a block is reference data: the use of the same class that is one. Restricted homes tell nothing of where they
are, so they stand in no block.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from estate.register.imports.additions import copy_rows, points
from estate.register.imports.plan import NUMBERS, Plan
from estate.register.matches.sites import rebuild_sites
from estate.register.models import UseClass

Key = tuple[int | str, str]
"""The landlord's id, or its name where it is to be created; and its reference of the block."""
RESTRICTED = ("owner", "secret")
KNOWN = """
SELECT agency_id, block_reference, id FROM building
WHERE is_block AND status <> 'retired' AND agency_id = ANY(:agency_ids)
"""
COLUMNS = (
    "id", "agency_id", "version", "is_protected", "is_listed", "status", "name", "post_town", "postcode",
    "use_class_code", "management_patch", "block_reference", "is_block", "location", "fix_source", "fix_accuracy_m",
)  # fmt: skip
CHANGE = """
UPDATE building b SET name = coalesce(n.name, b.name),
    management_patch = coalesce(n.patch, b.management_patch), version = b.version + 1, changed_at = now()
FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:patches AS text[])) AS n(id, name, patch)
WHERE b.id = n.id AND (coalesce(n.name, b.name), coalesce(n.patch, b.management_patch))
    IS DISTINCT FROM (b.name, b.management_patch)
RETURNING b.id
"""
ADOPTED = """
SELECT home.id FROM building block JOIN building home USING (agency_id, block_reference)
WHERE block.id = ANY(:ids) AND NOT home.is_block AND home.parent_id IS DISTINCT FROM block.id
"""


@dataclass
class Block:
    """One block as the accepted rows of a file tell of it."""

    key: Key
    use_code: str
    rows: list[int] = field(default_factory=list)
    id: int | None = None
    """None: it is not in the register yet, and has no number."""


def blocks_of(session: Session, plan: Plan) -> list[Block]:
    """The blocks that the accepted rows name, in the order of their first rows; nothing is written."""
    report = plan.report
    references = report.values.get("block_reference")
    if not references or report.named:
        return []
    uses, block_uses = report.values.get("use_class_code", []), _block_uses(session)
    levels = report.values.get("sensitivity") or [None] * report.rows_in
    found: dict[Key, Block] = {}
    for row, reference in enumerate(references):
        use = block_uses.get(uses[row]) if uses else None
        if reference is None or use is None or not report.is_accepted[row] or levels[row] in RESTRICTED:
            continue
        key = (plan.agency_ids[row] or report.agency_names[row], reference)
        found.setdefault(key, Block(key, use)).rows.append(row)
    agency_ids = sorted({owner for owner, _ in found if isinstance(owner, int)})
    for agency_id, reference, block_id in session.execute(text(KNOWN), {"agency_ids": agency_ids}):
        if (agency_id, reference) in found:
            found[agency_id, reference].id = block_id
    return list(found.values())


def place_in_blocks(session: Session, plan: Plan) -> None:
    """Store the blocks of the plan's rows, and note the block of each new home; before the homes are stored."""
    blocks = blocks_of(session, plan)
    if not blocks:
        return
    new, own = [block for block in blocks if block.id is None], {*plan.new, *plan.changed}
    numbers = session.scalars(text(NUMBERS), {"count": len(new)})
    for block, number in zip(new, numbers, strict=True):
        block.id = number
    copy_rows(session, "building", COLUMNS, _rows(plan, new))
    told = [block for block in blocks if block not in new and not own.isdisjoint(block.rows)]
    names, patches = (plan.report.values.get(name) for name in ("block_name", "management_patch"))
    changed = session.scalars(
        text(CHANGE),
        {
            "ids": [block.id for block in told],
            "names": [_first(names, block.rows) for block in told],
            "patches": [_agreed(patches, block.rows) for block in told],
        },
    )
    plan.new_blocks, plan.changed_blocks = [block.id or 0 for block in new], list(changed)
    plan.parent_ids = {row: block.id for block in blocks for row in block.rows if block.id is not None}


def settle_homes(session: Session, plan: Plan) -> None:
    """Put changed homes into their blocks, and homes that were there before into blocks that are new."""
    if "block_reference" not in plan.given:
        return
    moved = [plan.building_ids[row] for row in plan.changed]
    moved += session.scalars(text(ADOPTED), {"ids": plan.new_blocks})
    if moved:
        rebuild_sites(session, moved)


def _block_uses(session: Session) -> dict[str | None, str]:
    """The use of the block by the use of what it holds."""
    unit = aliased(UseClass)
    query = select(unit.code, UseClass.code).join(UseClass, UseClass.asset_class_code == unit.asset_class_code)
    return dict(session.execute(query.where(UseClass.is_block, ~unit.is_block).order_by(UseClass.sort.desc())).all())


def _rows(plan: Plan, blocks: Iterable[Block]) -> Iterator[tuple[Any, ...]]:
    values, fixes, locations = plan.report.values, plan.report.fixes, points(plan)
    accuracy = np.nan_to_num(fixes.accuracy_m).round().astype(int).tolist()
    for block in blocks:
        agency_id = plan.agency_ids[block.rows[0]]
        name = _first(values.get("block_name"), block.rows) or f"Block {block.key[1]}"
        towns, codes, patches = (
            _agreed(values.get(column), block.rows) for column in ("post_town", "postcode", "management_patch")
        )
        fixed = next((row for row in block.rows if locations[row] is not None), None)
        place = (None, None, None) if fixed is None else (locations[fixed], fixes.source[fixed], accuracy[fixed])
        head = (block.id, agency_id, 1, False, False, "active", name, towns, codes)
        yield *head, block.use_code, patches, block.key[1], True, *place


def _first(cells: list[Any] | None, rows: list[int]) -> Any:
    return next((cells[row] for row in rows if cells[row] is not None), None) if cells else None


def _agreed(cells: list[Any] | None, rows: list[int]) -> Any:
    """What all rows that say something say; None where they differ."""
    told: set[Any] = {cells[row] for row in rows} - {None} if cells else set()
    return told.pop() if len(told) == 1 else None
