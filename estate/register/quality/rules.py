"""The rules of quality: which are in force, and how an administrator changes one."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import NotFound
from estate.register.as_at import day_of_reading
from estate.register.changes import known_fields, plain
from estate.register.models import BuildingStatus, QualityRule, UseClass
from estate.register.quality.checks import CHECKS
from estate.register.rules import Errors, require_reason, require_valid, require_version, text_errors

FIELDS = ("title", "gap", "consequence", "who", "weight", "months", "uses", "statuses", "source", "is_on")
NEEDED = {"title": "Give the rule a title", "gap": "Say what is missing, so that it goes on after “41 buildings”"}


class NoSuchRule(NotFound):
    """There is no such rule of data quality."""


def list_rules(session: Session, *, only_on: bool = False) -> list[QualityRule]:
    """The rules that the software can check, in their order; `only_on`: those in force on the day that is read."""
    query = select(QualityRule).where(QualityRule.code.in_(list(CHECKS))).order_by(QualityRule.sort, QualityRule.code)
    if only_on:
        query = query.where(QualityRule.is_on, QualityRule.valid_from <= day_of_reading())
    return list(session.scalars(query))


def get_rule(session: Session, code: str) -> QualityRule:
    """The rule `code`. Raises `NoSuchRule`."""
    rule = session.get(QualityRule, code) if code in CHECKS else None
    if rule is None:
        raise NoSuchRule
    return rule


def change_rule(
    session: Session, rule: QualityRule, *, version: int, actor: int | None, reason: str, **fields: Any
) -> dict[str, list[Any]]:
    """Change `fields` of a rule, any of `FIELDS`; gives `[before, after]` by field. Switching off keeps the row.

    Raises `InvalidInput` by field, `ChangedMeanwhile` where `version` is not the one in force.
    """
    reason = require_reason(reason)
    require_version(rule, version)
    fields = known_fields(fields, FIELDS)
    whole = {name: fields.get(name, getattr(rule, name)) for name in FIELDS}
    require_valid(_errors(session, rule, whole))
    changes = {}
    for name, value in fields.items():
        value = value.strip() if isinstance(value, str) else value
        before = getattr(rule, name)
        if before != value:
            setattr(rule, name, value)
            changes[name] = [plain(before), plain(value)]
    session.flush()
    if changes:
        subject: dict[str, Any] = {"subject_type": "quality_rule", "subject_id": rule.sort}
        noted = {**changes, "rule": [rule.code, rule.code]}
        audit.record(session, actor=actor, action="change_rule", reason=reason, changes=noted, **subject)
    return changes


def rule_history(session: Session, rule: QualityRule) -> list[audit.Event]:
    """What was changed in the rule, newest first."""
    return audit.history(session, "quality_rule", rule.sort)


def _errors(session: Session, rule: QualityRule, values: dict[str, Any]) -> Errors:
    errors = text_errors(values)
    errors |= {name: sentence for name, sentence in NEEDED.items() if not (values[name] or "").strip()}
    if values["weight"] is None or not 1 <= values["weight"] <= 10:
        errors["weight"] = "Enter a weight from 1 to 10"
    months = values["months"]
    if rule.months is not None and (months is None or not 1 <= months <= 600):
        errors["months"] = "Enter how many months old it may be, from 1 to 600"
    if rule.months is None and months is not None:
        errors["months"] = "This rule has no age"
    if unknown := set(values["uses"] or ()) - set(session.scalars(select(UseClass.code))):
        errors["uses"] = f"There is no use “{sorted(unknown)[0][:40]}”"
    if set(values["statuses"] or ()) - {status.value for status in BuildingStatus}:
        errors["statuses"] = "There is no such status"
    return errors
