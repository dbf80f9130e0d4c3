"""A board's page, a decision, and the candidate disposals that follow from it."""

from pathlib import Path

from playwright.sync_api import Page


class DecisionPage:
    """One proposal before a board."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def find(self, board: str, proposal: str) -> None:
        """From the menu over the board to the proposal that waits."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Boards").click()
        self.page.get_by_role("link", name=board, exact=True).click()
        self.page.get_by_role("link", name=proposal, exact=True).click()

    def vote(self, choice: str, why: str = "") -> None:
        """Cast one's vote."""
        box = self.page.get_by_role("region", name="Vote", exact=True)
        box.get_by_label(choice, exact=True).check()
        box.get_by_label("Why").fill(why)
        box.get_by_role("button", name="Cast this vote").click()

    def decide(self, outcome: str, reason: str) -> None:
        """Record the decision, as the chair."""
        box = self.page.get_by_role("region", name="Record the decision")
        box.get_by_label(outcome, exact=True).check()
        box.get_by_label("Reason").fill(reason)
        box.get_by_role("button", name="Record the decision").click()


class DisposalsPage:
    """Buildings that approved proposals would empty."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def names(self) -> list[str]:
        """The candidates shown."""
        return self.page.locator("table tbody th a").all_inner_texts()

    def download(self, kind: str, folder: Path) -> Path:
        """The same rows as a file."""
        group = self.page.get_by_role("group", name="Download these rows")
        with self.page.expect_download() as caught:
            group.get_by_role("link", name=kind).or_(group.get_by_role("button", name=kind)).click()
        path = folder / caught.value.suggested_filename
        caught.value.save_as(path)
        return path
