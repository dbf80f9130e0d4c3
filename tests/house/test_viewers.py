"""As whom somebody sees the register is said in one place: two definitions would differ one day."""

import re

from estate.settings import ROOT

HOME = ROOT / "estate" / "register" / "seen.py"


def test_nobody_else_makes_a_viewer() -> None:
    told = [path for path in (ROOT / "estate").rglob("*.py") if re.search(r"\bViewer\(", path.read_text())]
    assert told == [HOME]
