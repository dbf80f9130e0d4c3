"""The work list of data quality, and an agency's records in a round."""

from playwright.sync_api import Page, expect


class WorkListPage:
    """`/quality`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def line(self, words: str) -> object:
        """The line with these words."""
        return self.page.locator(".work__line").filter(has_text=words)

    def start_with(self, gap: str) -> None:
        """Go to the costliest building with this gap."""
        self.page.get_by_role("link", name=f"Start with the costliest building {gap}").click()
        self.page.wait_for_url("**/buildings/*")


class RecordsPage:
    """`/attestation/<round>/agencies/<agency>`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def confirm(self, name: str) -> None:
        """Confirm one record."""
        self.page.get_by_role("button", name=f"Confirm {name}", exact=True).click()
        expect(self.page.get_by_text("1 record confirmed")).to_be_visible()

    def ticked(self) -> list[str]:
        """Names of the records that are ticked."""
        boxes = self.page.get_by_role("checkbox", checked=True).all()
        return [str(box.get_attribute("aria-label")).removeprefix("Right: ") for box in boxes]
