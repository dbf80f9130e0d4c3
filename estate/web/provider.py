"""The OpenID Connect provider: sending people there, and checking what it says about them.

Authlib keeps state, nonce and the PKCE verifier in the visitor's signed cookie, fetches the token over the back
channel and checks the ID token's signature. What it leaves open is closed here: issuer, audience and algorithms.
"""

import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, session
from werkzeug.wrappers import Response

from estate.errors import EstateError, NotAllowed, NotFound
from estate.settings import Settings
from estate.web.configuration import current_settings, public_address

NAME = "provider"
TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
"""How far the clocks of provider and Estate may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key pair. Neither `none` nor those made with a shared secret."""
VERIFIED = {"email_verified": (True,), "xms_edov": (True, "1", "true")}
"""For each claim that says an e-mail address was checked: the values that mean yes. 1 equals True."""

log = logging.getLogger(__name__)


class NoProvider(NotFound):
    """Signing in with another organisation's account is not set up here. Sign in with your e-mail and password."""


class StateWrong(EstateError):
    """This sign-in was started in another browser, was used already or took too long. Start again."""


class ProviderUnreachable(EstateError):
    """The sign-in service does not answer properly at the moment. Wait a minute and try again."""


class ProviderNotTrusted(NotAllowed):
    """The answer of the sign-in service did not pass our checks. Start again, or tell who runs this installation."""


class EmailNotVerified(NotAllowed):
    """The sign-in service does not vouch for your e-mail address. Have it verified there, then sign in again."""


@dataclass(frozen=True)
class Person:
    """Who the provider says it is."""

    email: str
    name: str


def init_provider(app: Flask, settings: Settings) -> None:
    """Register the provider where the settings name one. It is asked for its description at the first sign-in."""
    provider = settings.oidc
    if not provider.issuer:
        return
    from authlib.integrations.flask_client import OAuth  # most installations have no provider: not at each start

    oauth = OAuth(app)
    secret = {"client_secret": provider.client_secret} if provider.client_secret else {}
    options = {} if secret else {"token_endpoint_auth_method": "none"}
    oauth.register(
        NAME,
        client_id=provider.client_id,
        server_metadata_url=provider.issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": provider.scope,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
            **options,
        },
        **secret,
    )


def has_provider() -> bool:
    """True where people may sign in with a provider."""
    return bool(current_settings().oidc.issuer)


def send_to_provider() -> Response:
    """A redirect to the provider, with a new state, nonce and PKCE challenge. One sign-in at a time in a browser."""
    from authlib.integrations.flask_client import OAuthError
    from requests import RequestException

    client = _client()
    forget_states()
    try:
        return client.authorize_redirect(public_address("provider.back"))  # type: ignore[no-any-return]
    except (RequestException, OAuthError, ValueError, RuntimeError) as error:
        log.warning("The sign-in service could not be reached: %r", error)
        raise ProviderUnreachable from error


def forget_states() -> None:
    """Forget every sign-in that this browser has begun and not finished."""
    for key in [key for key in session if key.startswith(f"_state_{NAME}_")]:
        session.pop(key)


def receive_person() -> Person:
    """Exchange the code of this request for who signed in. Raises `StateWrong`, `ProviderNotTrusted` and others."""
    from authlib.integrations.base_client.errors import MismatchingStateError
    from authlib.integrations.flask_client import OAuthError
    from joserfc.errors import JoseError
    from requests import RequestException

    client, settings = _client(), current_settings().oidc
    expected = {
        "iss": {"essential": True, "values": [client.server_metadata["issuer"]]},
        "aud": {"essential": True, "values": [settings.client_id]},
    }
    try:
        token = client.authorize_access_token(claims_options=expected, leeway=LEEWAY_SECONDS)
        return _person(client, token)
    except MismatchingStateError as error:
        raise StateWrong from error
    except RequestException as error:
        log.warning("The sign-in service could not be reached: %r", error)
        raise ProviderUnreachable from error
    except (OAuthError, JoseError, ValueError, KeyError, TypeError, RuntimeError) as error:
        log.warning("An answer of the sign-in service was refused: %r", error)
        raise ProviderNotTrusted from error


def _person(client: Any, token: dict[str, Any]) -> Person:
    claims = dict(token.get("userinfo") or {})
    if not claims.get("sub"):
        raise ProviderNotTrusted
    if "email" not in claims and "userinfo_endpoint" in client.server_metadata:
        more = client.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise ProviderNotTrusted
        claims = {**more, **claims}
    verified = current_settings().oidc.verified_claim
    email = claims.get("email")
    if not isinstance(email, str) or claims.get(verified) not in VERIFIED[verified]:
        raise EmailNotVerified
    name = claims.get("name")
    return Person(email.strip(), name.strip() if isinstance(name, str) and name.strip() else email.strip())


def _client() -> Any:
    """Authlib's client, with the provider's description loaded and checked."""
    from requests import RequestException

    if not has_provider():
        raise NoProvider
    client = current_app.extensions["authlib.integrations.flask_client"].create_client(NAME)
    try:
        metadata = client.load_server_metadata()
    except (RequestException, ValueError) as error:
        log.warning("The sign-in service could not be reached: %r", error)
        raise ProviderUnreachable from error
    if str(metadata.get("issuer", "")).rstrip("/") != current_settings().oidc.issuer.rstrip("/"):
        log.warning(
            "ESTATE_OIDC_ISSUER is %r, but the service says %r", current_settings().oidc.issuer, metadata.get("issuer")
        )
        client.server_metadata.clear()
        raise ProviderNotTrusted
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]
    return client
