"""The sign-in page."""

from playwright.sync_api import Page


class SignInPage:
    """Signing in."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.address = f"{origin}/sign-in"

    def sign_in(self, email: str, password: str) -> None:
        """Fill the form in and send it."""
        self.page.goto(self.address)
        self.fill(email, password)

    def fill(self, email: str, password: str) -> None:
        """Send the form of the page that is open."""
        self.page.get_by_label("Email address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()

    def sign_out(self) -> None:
        """Leave."""
        self.page.get_by_role("button", name="Sign out").click()
