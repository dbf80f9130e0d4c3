"""Bringing a file to the register: the upload form, its check, and what came of it."""

from pathlib import Path

from playwright.sync_api import Locator, Page


class ImportPages:
    """One file's way."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def download_template(self, folder: Path) -> Path:
        """Estate's own template as CSV, from the upload form."""
        return self._download("as CSV", folder)

    def upload(self, path: Path, *, agency: str) -> None:
        """Send a file from the upload form."""
        self.page.get_by_label("File", exact=True).set_input_files(path)
        self.page.get_by_label("Agency that sends the file").select_option(label=agency)
        self.page.get_by_role("button", name="Check the file").click()

    def count(self, label: str) -> str:
        """The figure of a card."""
        card = self.page.locator(".card", has=self.page.get_by_text(label, exact=True))
        return card.locator(".card__figure").inner_text()

    @property
    def problems(self) -> list[list[str]]:
        """Line, column, cell, effect and reason of each problem."""
        rows = self.page.get_by_role("table", name="Problems by row").locator("tbody tr")
        return [row.locator("th, td").all_inner_texts() for row in rows.all()]

    def download_rejected(self, folder: Path) -> Path:
        """The rejected rows."""
        return self._download("Download the rejected rows", folder)

    @property
    def confirm(self) -> Locator:
        """The button that stores the rows."""
        return self.page.get_by_role("button", name="Store")

    def _download(self, link: str, folder: Path) -> Path:
        with self.page.expect_download() as caught:
            self.page.get_by_text(link, exact=True).click()
        path = folder / caught.value.suggested_filename
        caught.value.save_as(path)
        return path

    def say(self, column: str, use: str) -> None:
        """Say what a column of an unknown file is."""
        self.page.get_by_label(f"What “{column}” is").select_option(label=use)

    def mean(self, word: str, meaning: str) -> None:
        """Say what a word of an unknown file means."""
        self.page.get_by_label(f"What “{word}” means").select_option(label=meaning)

    def press(self, button: str) -> None:
        """Press a button by its text."""
        self.page.get_by_role("button", name=button).click()
