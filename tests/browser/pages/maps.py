"""The map of areas: its form, the map in its frame, the words above it and the table below."""

import re

from playwright.sync_api import Frame, Locator, Page


class MapPage:
    """A figure by area."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def show(self, **choices: str) -> None:
        """Choose in the form, by its labels, and show the map."""
        for label, option in choices.items():
            self.page.get_by_label(label, exact=True).select_option(label=option)
        self.page.get_by_role("button", name="Show", exact=True).click()

    @property
    def frame(self) -> Frame:
        """The map's document, once it is drawn."""
        found = self.page.wait_for_selector("iframe.map-view__frame, iframe.map-frame--tall").content_frame()
        assert found is not None
        found.wait_for_selector("html[data-ready-at]", state="attached")
        return found

    @property
    def words(self) -> str:
        """What the map shows, in sentences."""
        return self.page.locator("#map-summary").inner_text()

    @property
    def figures(self) -> dict[str, str]:
        """The table: each area's figure as shown, by name."""
        rows = self.page.locator("main table tbody tr").all()
        return {row.locator("th").inner_text().split("\n")[0]: row.locator("td").first.inner_text() for row in rows}

    @property
    def legend_counts(self) -> list[int]:
        """How many areas each class of the legend stands for."""
        texts = self.frame.locator(".legend:visible .legend__count").all_inner_texts()
        return [int(re.sub(r"\D", "", text)) for text in texts]

    def closer(self, area: str) -> Locator:
        """The link from an area's row to what lies in it."""
        return self.page.get_by_role("row", name=area).get_by_role("link")
