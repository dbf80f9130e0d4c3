"""House rules of the web: every route says who may use it, views are short, pages carry no inline code."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker

from estate.settings import ROOT, Settings
from estate.web import create_app
from estate.web.access import access_of

WEB = ROOT / "estate" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
VIEW_LINES = 25


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(Settings(secret_key="only for tests", var_dir=tmp_path), sessionmaker())


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        access_of(app, rule.endpoint)


def views() -> list[tuple[str, ast.FunctionDef]]:
    """Every view function, with its file."""
    found = []
    for path in sorted(WEB.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("blueprint." in ast.unparse(it) for it in node.decorator_list):
                found.append((path.name, node))
    return found


def test_views_are_short() -> None:
    assert len(views()) > 20
    long = [f"{name}:{view.name}" for name, view in views() if view.end_lineno - view.lineno >= VIEW_LINES]  # type: ignore[operator]
    assert long == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_a_template_holds_no_inline_code_and_no_foreign_address(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)
    assert "autoescape" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_every_form_that_writes_carries_the_csrf_token(path: Path) -> None:
    for form in re.findall(r"<form.*?</form>", path.read_text(), re.DOTALL):
        if re.search(r"method=\"post\"", form):
            assert re.search(r"hidden_fields\(|csrf_token|\btoken\(", form), form[:200]


def test_the_lock_of_browser_libraries_works_with_any_registry() -> None:
    lock = (WEB / "assets" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
