"""Settings of one installation, read from the environment once."""

import hashlib
import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderSettings(BaseSettings):
    """An OpenID Connect provider by which people sign in. Empty `issuer`: there is none."""

    model_config = SettingsConfigDict(env_prefix="ESTATE_OIDC_", env_file=None, extra="ignore")

    issuer: str = ""
    """Address of the provider; `/.well-known/openid-configuration` below it describes the rest."""

    client_id: str = ""
    client_secret: str = ""

    name: str = "your organisation's account"
    """As the button says it: Sign in with ..."""

    scope: str = "openid email profile"

    verified_claim: Literal["email_verified", "xms_edov"] = "email_verified"
    """The claim that says that the provider checked the e-mail address; Entra ID's is `xms_edov`."""

    checks_second_factor: bool = False
    """True where the provider asks administrators for a second factor, so that Estate need not."""

    default_agency: str = ""
    """Code of the agency that somebody unknown gets a role for at their first sign-in. Empty: they are refused."""

    default_role: Literal["", "viewer", "board_member", "asset_manager"] = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "ProviderSettings":
        address = urlsplit(self.issuer)
        if self.issuer and address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ValueError("ESTATE_OIDC_ISSUER must start with https://")
        if self.issuer and not self.client_id:
            raise ValueError("ESTATE_OIDC_ISSUER needs ESTATE_OIDC_CLIENT_ID")
        if bool(self.default_agency) != bool(self.default_role):
            raise ValueError("Set both ESTATE_OIDC_DEFAULT_AGENCY and ESTATE_OIDC_DEFAULT_ROLE, or neither")
        return self


class MailSettings(BaseSettings):
    """A server that takes mail. Empty `host`: there is none, and nothing is sent."""

    model_config = SettingsConfigDict(env_prefix="ESTATE_SMTP_", env_file=None, extra="ignore")

    host: str = ""
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    """Empty: the server asks for no sign-in."""

    password: str = ""
    sender: str = ""
    """Address that mail comes from, such as estate@example.org."""

    @model_validator(mode="after")
    def _is_whole(self) -> "MailSettings":
        if self.host and "@" not in self.sender:
            raise ValueError("ESTATE_SMTP_HOST needs ESTATE_SMTP_SENDER, an e-mail address")
        if self.user and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("ESTATE_SMTP_SECURITY must be starttls or tls where a password is sent")
        return self


class Settings(BaseSettings):
    """Every setting has a default that works on a laptop; production sets `DATABASE_URL` and `ESTATE_SECRET_KEY`."""

    model_config = SettingsConfigDict(env_prefix="ESTATE_", env_file=None, extra="ignore")

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """SQLAlchemy or libpq URL of a PostGIS server. Empty: the embedded cluster under `var_dir`."""

    database_name: str = "estate"
    """Database inside the embedded cluster; ignored where `database_url` is set."""

    var_dir: Path = ROOT / "var"
    """Everything this installation writes outside the database: the embedded cluster, its socket, caches."""

    secret_key: str = ""
    """Signs the cookie that carries the session token. Empty: a random key kept in `var_dir/secret_key`."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    secure_cookies: bool = False
    """True behind TLS: cookies are then sent over HTTPS only."""

    public_url: str = ""
    """Address under which people reach this installation, such as https://estate.example.org. Empty: as they ask."""

    trusted_proxies: int = 0
    """How many reverse proxies of our own stand in front: the visitor's address is then the one they report."""

    contact: str = ""
    """Whom people ask who can't sign in, such as "estate@example.org". Empty: the administrator of their agency."""

    second_factor_for_administrators: bool | None = None
    """Must administrators sign in with a second factor? None: yes, except where the place is a demo."""

    oidc: ProviderSettings = Field(default_factory=ProviderSettings)

    mail: MailSettings = Field(default_factory=MailSettings)

    metric_srid: int = 27700
    """Projected CRS for every length and area, in metres. The default is the British National Grid."""

    financial_year_start_month: int = 4
    """Month in which a financial year starts; 4 is the UK's 1 April."""

    maximum_upload_bytes: int = 64 * 1024 * 1024
    session_hours: int = 12

    map_tiles_above: int = 3000
    """A map of more buildings than this is drawn from vector tiles; of fewer, from one layer in the document."""

    boundary_services: dict[str, str] = Field(default_factory=dict)
    """Addresses that `estate boundaries fetch` may ask, by name: ArcGIS feature layers and OGC API collections."""

    @model_validator(mode="after")
    def _asks_over_tls(self) -> "Settings":
        for name, address in self.boundary_services.items():
            parts = urlsplit(address)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
                raise ValueError(f"ESTATE_BOUNDARY_SERVICES: the address of {name} must start with https://")
            if parts.query or parts.fragment or parts.username:
                raise ValueError(f"ESTATE_BOUNDARY_SERVICES: the address of {name} must have no “?”, “#” or user")
        return self

    @property
    def is_embedded(self) -> bool:
        """True where the embedded cluster is the database."""
        return not self.database_url

    @property
    def socket_dir(self) -> Path:
        """Folder of the embedded cluster's socket.

        A socket's path is at most 107 characters; a longer one falls back to a short folder of the system's own
        temporary folder, named after this installation.
        """
        folder = self.var_dir / "sock"
        if len(str(folder / ".s.PGSQL.5432")) <= 107:
            return folder
        name = hashlib.sha256(str(self.var_dir).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"estate-{name}"

    def embedded_url(self, database: str | None = None) -> str:
        """URL of `database` in the embedded cluster, by default the installation's own."""
        return f"postgresql://estate@/{database or self.database_name}?host={self.socket_dir}"

    @property
    def resolved_database_url(self) -> str:
        """The URL in use: `DATABASE_URL`, or the embedded cluster's."""
        return self.database_url or self.embedded_url()

    @property
    def resolved_secret_key(self) -> str:
        """The configured secret key, or one made once and kept in `var_dir`, readable by its owner alone."""
        if self.secret_key:
            return self.secret_key
        path = self.var_dir / "secret_key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text()


@cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
