"""Fixtures of the browser tests: Chromium, a running Estate, and a watch on what goes wrong."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from estate.people.models import User
from estate.settings import ROOT, Settings
from estate.web import create_app
from tests.browser.pages.sign_in import SignInPage
from tests.factories import make_user
from tests.serving import serving

CHROMIUM = "/usr/bin/chromium"
STYLE = ROOT / "estate" / "web" / "static" / "vendor" / "estate.css"
PASSWORD = "correct horse battery staple"
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 15_000
"""For a page. A machine with other work is slow; a test that passes never waits for it."""
WORK_MS = 60_000
"""For the worker: its start, and a job."""
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Site:
    """A running Estate and one browser page, which remembers foreign hosts, script errors and failed requests."""

    page: Page
    origin: str
    session: Session
    foreign: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self.origin + path)
        return self.page

    def sign_in(self, user: User | None = None) -> User:
        """Sign in as `user`, by default a new one; the user must have the password of these tests."""
        user = user or make_user(self.session, password=PASSWORD)
        self.session.commit()
        SignInPage(self.page, self.origin).sign_in(user.email, PASSWORD)
        return user

    def violations(self) -> list[str]:
        """What axe finds on the page as it is: rule, what it means, and where."""
        found = Axe().run(self.page).response["violations"]
        return [f"{item['id']}: {item['help']} ({node['html'][:120]})" for item in found for node in item["nodes"]]

    def check(self, *, is_phone_too: bool = False) -> None:
        """Axe finds nothing on the page as it is, and nothing runs off the screen."""
        assert self.violations() == [], self.page.url
        assert self.overflow() <= 0, self.page.url
        if is_phone_too:
            self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            self.check()
            self.page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    if not STYLE.exists():
        pytest.skip("the browser assets are not built: npm ci && npm run build in estate/web/assets")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        yield browser
        browser.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of the running Estate; a test module may have its own."""
    return Settings(secret_key="only for tests", var_dir=tmp_path, second_factor_for_administrators=False)


@pytest.fixture
def origin(committed: Engine, settings: Settings) -> Iterator[str]:
    """Address of an Estate that runs on the test database."""
    app = create_app(settings, sessionmaker(bind=committed, expire_on_commit=False))
    with serving(app) as origin:
        yield origin


@pytest.fixture
def context_options() -> dict[str, bool]:
    """What else the browser is told; a test module may have its own."""
    return {}


@pytest.fixture
def site(chromium: Browser, origin: str, committed: Engine, context_options: dict[str, bool]) -> Iterator[Site]:
    """The running Estate with a laptop's browser page. Fails afterwards on foreign hosts and script errors."""
    with Session(committed, expire_on_commit=False) as session:
        context = chromium.new_context(viewport=LAPTOP, **context_options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        site = Site(page, origin, session)
        _watch(site)
        yield site
        context.close()
    assert site.foreign == []
    assert site.troubles == []


WORKER = "from estate.worker import main; main()"
StartWorker = Callable[..., None]


@pytest.fixture
def start_worker(committed: Engine, database_url: str) -> Iterator[StartWorker]:
    """Starts a job worker as a process of its own; `before` is code that it runs first."""
    running: list[subprocess.Popen[bytes]] = []

    def start(before: str = "") -> None:
        command = [sys.executable, "-c", f"{before}\n{WORKER}"] if before else [sys.executable, "-m", "estate.worker"]
        running.append(subprocess.Popen(command, env={**os.environ, "DATABASE_URL": database_url}))

    yield start
    for process in running:
        process.terminate()
        process.wait(30)


def _watch(site: Site) -> None:
    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and not request.url.startswith(site.origin):
            site.foreign.append(request.url)

    site.page.on("request", note)
    site.page.on("pageerror", lambda error: site.troubles.append(str(error)))
    site.page.on("console", lambda message: _note_message(site, message))
    site.page.on("response", lambda response: _note_answer(site, response))


def _note_message(site: Site, message: ConsoleMessage) -> None:
    """Keep errors of scripts and policies; answers are looked at by `_note_answer`."""
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        site.troubles.append(message.text)


def _note_answer(site: Site, response: Response) -> None:
    """Keep what a page failed to load; pages themselves may answer 404 or 422."""
    if response.status >= 400 and not response.request.is_navigation_request():
        site.troubles.append(f"{response.status} {response.url}")
