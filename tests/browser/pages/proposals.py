"""Starting a proposal, watching it, and its result."""

from playwright.sync_api import Locator, Page


class ProposalPages:
    """One proposal's way from the form to its result."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def start(self, *, area: str, **fields: str) -> None:
        """Fill the form in, fields by their labels (underscores for blanks), and start."""
        self.page.get_by_label("Area", exact=True).select_option(label=area)
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)
        self.page.get_by_role("button", name="Start", exact=True).click()

    def stop(self) -> None:
        """Stop a run that is at work."""
        self.page.get_by_role("button", name="Stop and keep the best plan so far").click()

    def section(self, title: str) -> Locator:
        """A section by its heading."""
        return self.page.get_by_role("region", name=title)

    def rows(self, section: str) -> list[str]:
        """The names in a section's table that are shown."""
        return self.section(section).locator("tbody tr:visible th a").all_inner_texts()

    def fold(self, title: str) -> Locator:
        """The line that opens a group of rows."""
        return self.page.locator("details.fold > summary", has_text=title)

    def put_to_board(self, board: str, note: str) -> None:
        """From the result to the board."""
        self.page.get_by_role("button", name="Put to a board").click()
        self.page.get_by_label("Board", exact=True).select_option(label=board)
        self.page.get_by_label("Note to the board").fill(note)
        self.page.get_by_role("button", name="Put to the board").click()
