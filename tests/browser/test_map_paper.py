"""Maps that leave the screen: the file that stands alone, opened without a network, and the printed page."""

import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from sqlalchemy import update
from sqlalchemy.orm import sessionmaker

from estate.register.models import Building, Sensitivity
from tests.browser.test_maps import EVERY_POPUP, EVIL, MapSite, chromium, maker, site

__all__ = ["chromium", "maker", "site"]

pytestmark = pytest.mark.browser


def open_file(browser: Browser, path: Path, troubles: list[str], *, width: int = 1280) -> Page:
    """The file in a browser without a network, which remembers all that it asks for and all that goes wrong."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    context.on("request", lambda it: it.url.startswith(("file:", "data:")) or troubles.append(f"asked {it.url}"))
    page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready-at]", state="attached")
    return page


def test_the_file_works_alone_and_names_are_text(
    site: MapSite, chromium: Browser, maker: sessionmaker[Any], tmp_path: Path
) -> None:
    with maker.begin() as session:
        session.execute(update(Building).values(sensitivity=Sensitivity.OPEN))
    for shows in ("areas", "buildings"):
        answer = site.page.request.get(f"{site.origin}/maps/alone.html?shows={shows}")
        assert answer.status == 200
        path = tmp_path / f"{shows}.html"
        path.write_bytes(answer.body())
        troubles: list[str] = []
        page = open_file(chromium, path, troubles)
        assert page.locator(".estate-map canvas").count() >= 1
        assert page.locator(".legend").first.is_visible()
        if shows == "buildings":
            popups = page.evaluate(EVERY_POPUP)
            assert len(popups) == len(EVIL)
            assert all(name == shown and children > 1 for name, shown, children in popups)
            assert {name for name, _, _ in popups} == set(EVIL)
        heads = page.locator("#figures tbody th").all_text_contents()
        assert any(name in heads for name in EVIL)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate(overflow) <= 0
        page.context.close()
        assert troubles == []


def test_the_printed_page_shows_map_and_table_without_controls(site: MapSite) -> None:
    for path, row in (("/maps", "East"), ("/maps/buildings", "Postcode")):
        site.open(path)
        content = site.page.pdf(format="A4")
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        text = " ".join(text.split())
        assert "by district" in text or "Map of buildings" in text
        assert "The same" in text
        assert row.lower() in text.lower()
        for control in ("Choose what the map shows", "Print and files", "Sheet as PDF", "Start again", "Download"):
            assert control not in text, control
