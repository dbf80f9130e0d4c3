"""Only the board's state machine changes the status of a proposal."""

import ast
from pathlib import Path

from estate.settings import ROOT

STATES = ROOT / "estate" / "board" / "states.py"


def names_status(path: Path) -> bool:
    """True where the file sets a `status` to a `ProposalStatus`, or names `TRANSITIONS`' outcome by hand."""
    for node in ast.walk(ast.parse(path.read_text())):
        targets = node.targets if isinstance(node, ast.Assign) else []
        sets_status = any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets)
        if sets_status and "ProposalStatus" in ast.dump(node.value):  # type: ignore[attr-defined]
            return True
        if isinstance(node, ast.Assign) and "proposal" in ast.dump(node.targets[0]) and sets_status:
            return True
    return False


def test_nobody_else_changes_the_status() -> None:
    changing = [path for path in (ROOT / "estate").rglob("*.py") if names_status(path)]
    assert changing == [STATES]
