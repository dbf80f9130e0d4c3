"""The list of buildings, a building's page and its edit form."""

from playwright.sync_api import Locator, Page, expect


class BuildingsPage:
    """The list."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def names(self) -> list[str]:
        """Names in the order shown, by now."""
        return self.page.locator("table tbody th a").all_inner_texts()

    def shows(self, names: list[str]) -> None:
        """Wait until these names stand there, in this order."""
        expect(self.page.locator("table tbody th a")).to_have_text(names)

    def search(self, text: str) -> None:
        """Search by words."""
        self.page.get_by_label("Name, address, postcode or UPRN").fill(text)
        self.page.get_by_role("button", name="Apply").click()

    def filter(self, label: str, option: str) -> None:
        """Choose one filter and apply."""
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.page.get_by_role("button", name="Apply").click()

    def sort(self, heading: str) -> None:
        """Sort by a column."""
        self.page.get_by_role("columnheader", name=heading).get_by_role("link").click()

    def open(self, name: str) -> None:
        """Go to a building's page."""
        self.page.get_by_role("link", name=name, exact=True).click()


class BuildingPage:
    """One building."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def fact(self, label: str) -> str:
        """A fact by its label."""
        return self.page.locator(".fact", has=self.page.get_by_text(label, exact=True)).locator("dd").inner_text()

    def section(self, title: str) -> Locator:
        """A section by its heading."""
        return self.page.get_by_role("region", name=title)

    def edit(self, reason: str, **fields: str) -> None:
        """Open the form, fill fields in by their labels (underscores for blanks), give the reason, save."""
        self.page.get_by_role("button", name="Edit facts").click()
        self.fill(reason, **fields)

    def fill(self, reason: str, **fields: str) -> None:
        """Fill the open form in and save it."""
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)
        self.page.get_by_label("Reason for this change").fill(reason)
        self.page.locator("main form button[type=submit]").click()
