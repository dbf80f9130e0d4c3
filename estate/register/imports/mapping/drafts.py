"""The mapping of one file in the making: begun from guesses, corrected in steps, then remembered and put to use."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy.orm import Session

from estate.errors import Conflict
from estate.people.models import Agency
from estate.register.imports.mapping.profile import filled, first_mapping
from estate.register.imports.mapping.remembered import remember
from estate.register.imports.mapping.spec import Mapping, mapping_from, require_usable
from estate.register.imports.mapping.words import is_coded
from estate.register.imports.readers.delimited import CODECS, DELIMITERS
from estate.register.imports.reporting import options_of, srid_in, vocabularies
from estate.register.imports.uploads import start_import
from estate.register.models import Import, ImportStatus
from estate.register.rules import ChangedMeanwhile

OPEN = (ImportStatus.MAPPING, ImportStatus.CHECKED, ImportStatus.FAILED)


class NotToMap(Conflict):
    """This file does not wait to be mapped: it is at work, was stored or was discarded."""


def draft_of(session: Session, brought: Import) -> Mapping:
    """The mapping as it was left, else as it is guessed or was used; `NotToMap` where the file is past that."""
    if brought.status not in OPEN or brought.profile is None:
        raise NotToMap
    if draft := brought.options.get("draft"):
        return mapping_from(draft)
    mapping = first_mapping(brought.profile, brought.options.get("mapping"), vocabularies(session))
    year = brought.options.get("year")
    return replace(mapping, constants={**mapping.constants, **({"year": year} if year else {})})


def token_of(mapping: Mapping) -> str:
    """What tells one state of a draft from another: a page that was made of an older one is not taken."""
    return hashlib.sha256(json.dumps(mapping.as_json(), sort_keys=True).encode()).hexdigest()[:16]


def keep_draft(session: Session, brought: Import, mapping: Mapping, *, token: str) -> tuple[Mapping, list[str]]:
    """Keep a corrected mapping, completed by guesses for words that are new; gives the columns that have such words.

    `ChangedMeanwhile` where the draft is not the one that `token` stands for.
    """
    session.refresh(brought, with_for_update={"of": Import})
    before = draft_of(session, brought)
    if token_of(before) != token:
        raise ChangedMeanwhile
    mapping = filled(mapping, brought.profile or {}, vocabularies(session))
    asked = {column.name for column in before.columns if is_coded(column.use)}
    uses = {column.name: column.use for column in before.columns}
    new = [
        column.name
        for column in mapping.columns
        if is_coded(column.use) and mapping.words.get(column.name)
        and (column.name not in asked or uses[column.name] != column.use)
    ]  # fmt: skip
    brought.options = {**brought.options, "draft": mapping.as_json()}
    session.flush()
    return mapping, new


def use_mapping(session: Session, brought: Import, mapping: Mapping, *, name: str, actor: int | None) -> None:
    """Remember a mapping for files of this header, and let this file wait to be checked by it; `BadMapping` says why
    it can't be used. The year of the costs is of this file alone: next year's file says its own.
    """
    profile = brought.profile
    if brought.status not in OPEN or profile is None:
        raise NotToMap
    require_usable(mapping, vocabularies(session).get("cost_category", {}))
    year = mapping.constants.get("year")
    constants = {field: code for field, code in mapping.constants.items() if field != "year"}
    lasting = replace(mapping, constants=constants)
    kept = remember(
        session,
        lasting,
        agency_id=brought.agency_id,
        fingerprint=profile["fingerprint"],
        name=name,
        actor=actor,
    )
    spec = lasting.as_json()
    options = replace(
        options_of(brought),
        mapping=spec,
        sheet=profile["sheet"],
        header_line=profile["header_line"],
        year=year or None,
        srid=srid_in(spec) or options_of(brought).srid,
        is_to_map=False,
        layout=None,
    )
    brought.options = {**asdict(options), "draft": mapping.as_json()}
    brought.mapping_id = kept.id
    _wait(session, brought)


def read_again(session: Session, brought: Import, **chosen: Any) -> None:
    """Let a file wait to be read again and mapped: another sheet, header line (0: none), encoding or delimiter."""
    session.refresh(brought, with_for_update={"of": Import})
    if brought.status not in OPEN:
        raise NotToMap
    if chosen.get("encoding") not in (None, *CODECS) or chosen.get("delimiter") not in (None, *DELIMITERS):
        raise NotToMap("This encoding or delimiter is not known here. Choose one of the list.")
    options = replace(options_of(brought), is_to_map=True, **chosen)
    brought.options = asdict(options)
    _wait(session, brought)


def _wait(session: Session, brought: Import) -> None:
    brought.status, brought.progress, brought.message = ImportStatus.WAITING, 0.0, None
    brought.cancel_asked_at = brought.doing = None
    session.flush()


def import_sheet(session: Session, brought: Import, sheet: str, *, actor: int | None) -> Import:
    """Another import of the same file, for another of its sheets."""
    options = options_of(brought)
    chosen = replace(
        options, sheet=sheet, header_line=None, mapping=None, layout=None, is_to_map=False, year=options.year
    )
    agency = session.get_one(Agency, brought.agency_id)
    return start_import(session, brought.content, brought.file_name, agency=agency, actor=actor, options=chosen)
