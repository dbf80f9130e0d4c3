"""A base map from a host of its own, in Chromium: seen when chosen, named, and missed without harm when it is away."""

import ssl
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Frame, expect

from estate.people.models import Role
from estate.register.areas import assign_areas
from tests.browser.conftest import PASSWORD, PHONE, Site
from tests.factories import make_agency, make_area, make_base_map, make_building, make_membership, make_place, make_user

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=alert(1)>${alert(1)}{{ 7 * 7 }}"
SIDE = 256


@dataclass
class Host:
    """A host of tiles: where it is, and the headers of each request that it got."""

    origin: str
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: bool = True

    @property
    def address(self) -> str:
        """Of its tiles."""
        return f"{self.origin}/{{z}}/{{x}}/{{y}}.png"


def png() -> bytes:
    """A tile of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xc8\xdc\xb4" * SIDE) * SIDE
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def certificate(folder: Path) -> Path:
    """A key and a certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    path = folder / "host.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, *plain)
    path.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host of real tiles on this machine, by https."""
    content = png()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(dict(self.headers))
            self.send_response(200 if found.answers else 503)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(content) if found.answers else 0))
            self.end_headers()
            if found.answers:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = Host(f"https://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context_options() -> dict[str, bool]:
    """The host's certificate is known to nobody."""
    return {"ignore_https_errors": True}


def reader(site: Site, host: Host) -> None:
    """Signs in a reader of a map of three buildings in one district, to whom two base maps are offered."""
    session = site.session
    make_place(session, name="Testshire")
    make_area(session, name="Westshire", bounds=(-3, 53.4, -2.8, 53.6))
    agency = make_agency(session)
    for number in range(3):
        make_building(session, name=f"Hall {number}", agency=agency, lonlat=(-2.9 + number / 50, 53.5))
    assign_areas(session)
    make_base_map(session, name="Streets", address=host.address, attribution=EVIL)
    make_base_map(session, name="Close photos", address=host.address, minimum_zoom=18)
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.VIEWER, agency=agency)
    site.sign_in(user)


def map_of(site: Site) -> Frame:
    frame = site.page.wait_for_selector("iframe.map-view__frame").content_frame()
    assert frame is not None
    frame.wait_for_selector("html[data-ready-at]", state="attached")
    return frame


def choose(site: Site, text: str) -> Frame:
    """Use a base map, as a reader does."""
    label = site.page.locator("#base_map_id option", has_text=text).text_content()
    site.page.get_by_role("combobox", name="Base map").select_option(label=label)
    with site.page.expect_navigation():
        site.page.get_by_role("button", name="Use").click()
    return map_of(site)


def test_a_reader_chooses_a_base_map_and_works_on_without_it(site: Site, host: Host) -> None:
    reader(site, host)
    site.open("/maps/buildings")
    frame = map_of(site)
    assert host.asked == []
    expect(frame.locator(".area-label--ground").first).to_have_text("Westshire")

    frame = choose(site, "Streets")
    expect(frame.locator(".leaflet-base-pane img.leaflet-tile-loaded").first).to_be_visible()
    expect(frame.locator(".base-whose")).to_have_text(f"Base map: {EVIL}")
    expect(frame.locator(".area-label--ground").first).to_be_hidden()
    expect(frame.locator(".base-says")).to_have_text("")
    assert not [told for told in host.asked if "Referer" in told or "Cookie" in told]
    site.check()
    site.page.emulate_media(media="print")
    expect(frame.locator(".leaflet-base-pane")).to_be_hidden()
    expect(frame.locator(".base-on-paper")).to_be_visible()
    site.page.emulate_media(media="screen")

    frame = choose(site, "Close photos")
    expect(frame.locator(".base-says")).to_have_text("The base map begins closer: zoom in to see it.")

    host.answers = False
    site.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    frame = choose(site, "Streets")
    expect(frame.locator(".base-says")).to_contain_text("does not answer. The map works without it.")
    expect(frame.locator(".legend").first).to_be_visible()
    expect(frame.locator(".area-label--ground").first).to_have_text("Westshire")
    site.check()

    host.asked.clear()
    frame = choose(site, "None")
    expect(frame.locator(".base-whose")).to_have_count(0)
    assert host.asked == []
    assert all(url.startswith(host.origin) for url in site.foreign)
    assert all(host.origin in trouble for trouble in site.troubles), site.troubles
    site.foreign.clear()
    site.troubles.clear()
