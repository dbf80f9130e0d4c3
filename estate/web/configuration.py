"""The settings of the running application, and addresses as the world sees them."""

from typing import Any

from flask import Flask, current_app, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

from estate.settings import Settings

EXTENSION = "estate_settings"


def init_configuration(app: Flask, settings: Settings) -> None:
    """Keep the settings, and believe as many reverse proxies as they name about who asks and how."""
    app.extensions[EXTENSION] = settings
    if count := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def current_settings() -> Settings:
    """The settings of this application."""
    settings: Settings = current_app.extensions[EXTENSION]
    return settings


def public_address(endpoint: str, **values: Any) -> str:
    """The whole address of a page, to be given to people and providers."""
    public_url = current_settings().public_url.rstrip("/")
    return public_url + url_for(endpoint, **values) if public_url else url_for(endpoint, _external=True, **values)
