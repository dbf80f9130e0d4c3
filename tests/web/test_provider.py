"""Signing in with an OpenID Connect provider: the honest walk, and every lie it must not believe."""

from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from Cryptodome.PublicKey import RSA
from flask import Flask
from jwkest.jwk import RSAKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import LoginMethod, LoginSession, Role, User
from estate.settings import ProviderSettings, Settings
from estate.web.configuration import EXTENSION
from estate.web.provider import init_provider
from tests.factories import make_agency, make_membership, make_user
from tests.oidc_server import CLIENT_ID, CLIENT_SECRET, OidcServer, expire, running_server, with_query
from tests.web.conftest import Client

BACK = "http://localhost/sign-in/provider/back"


@pytest.fixture(scope="module")
def running() -> Iterator[OidcServer]:
    with running_server() as server:
        server.allow(BACK)
        yield server


@pytest.fixture
def server(running: OidcServer) -> OidcServer:
    """The provider, honest again."""
    running.be_honest()
    return running


def set_provider(app: Flask, server: OidcServer, **fields: Any) -> None:
    known = {"issuer": server.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "name": "Testshire"}
    settings: Settings = app.extensions[EXTENSION].model_copy(update={"oidc": ProviderSettings(**known | fields)})
    app.extensions[EXTENSION] = settings
    init_provider(app, settings)


@pytest.fixture
def visitor(app: Flask, client: Client, server: OidcServer) -> Client:
    set_provider(app, server)
    return client


@pytest.fixture
def ada(session: Session) -> User:
    user = make_user(session, email="Ada@Example.org", name="Ada")
    make_membership(session, user=user, role=Role.VIEWER)
    return user


def go_there(visitor: Client, path: str = "/sign-in/provider") -> str:
    """Press the button; the address at the provider."""
    response = visitor.get(path)
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def come_back(address: str) -> str:
    """What the provider sends the browser back to, by real HTTP."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith(BACK)
    return answer.headers["Location"]


def finish(visitor: Client, address: str, **changes: str) -> Any:
    """Open the page people come back to, and send its form."""
    page = visitor.get(address.removeprefix("http://localhost"))
    assert page.status_code == 200, page.text
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return visitor.submit("/sign-in/provider/back", {**query, **changes})


def sign_in_there(visitor: Client) -> Any:
    return finish(visitor, come_back(go_there(visitor)))


def is_signed_in(visitor: Client) -> bool:
    return visitor.get("/account").status_code == 200


def test_ada_signs_in(visitor: Client, server: OidcServer, session: Session, ada: User) -> None:
    assert "Sign in with Testshire" in visitor.get("/sign-in").text
    response = finish(visitor, come_back(go_there(visitor, "/sign-in/provider?next=/buildings?text=hall")))
    assert (response.status_code, response.headers["Location"]) == (302, "/buildings?text=hall")
    assert is_signed_in(visitor)
    login = session.scalars(select(LoginSession)).one()
    assert (login.user_id, login.method, login.is_waiting) == (ada.id, LoginMethod.PROVIDER, False)


def test_the_request_carries_state_nonce_and_a_pkce_challenge(visitor: Client, server: OidcServer, ada: User) -> None:
    address = go_there(visitor)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    finish(visitor, come_back(address))
    assert len(server.token_requests[0]["code_verifier"][0]) >= 43


def test_another_verifier_is_refused_by_the_provider(visitor: Client, ada: User) -> None:
    """The provider's own check of PKCE: a stolen code is worth nothing in a browser that did not begin."""
    address = with_query(go_there(visitor), code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    assert finish(visitor, come_back(address)).status_code == 403
    assert not is_signed_in(visitor)


def test_a_get_signs_nobody_in(visitor: Client, ada: User) -> None:
    visitor.get(come_back(go_there(visitor)).removeprefix("http://localhost"))
    assert not is_signed_in(visitor)


def test_sign_out_ends_our_session(visitor: Client, session: Session, ada: User) -> None:
    sign_in_there(visitor)
    response = visitor.submit("/sign-out", page="/account")
    assert response.status_code == 302
    page = visitor.get("/sign-in").text
    assert "You may still be signed in with Testshire" in unescape(page)
    assert not is_signed_in(visitor)
    assert session.scalars(select(LoginSession)).one().ended_at is not None


def other_nonce(claims: dict[str, Any]) -> None:
    claims["nonce"] = "planted"


def no_nonce(claims: dict[str, Any]) -> None:
    del claims["nonce"]


def other_audience(claims: dict[str, Any]) -> None:
    claims["aud"] = ["somebody-else"]


def other_audience_with_our_party(claims: dict[str, Any]) -> None:
    claims |= {"aud": ["somebody-else"], "azp": CLIENT_ID}


def other_issuer(claims: dict[str, Any]) -> None:
    claims["iss"] = "https://evil.example"


def of_tomorrow(claims: dict[str, Any]) -> None:
    claims["nbf"] = claims["exp"] + 86400


def other_hash(claims: dict[str, Any]) -> None:
    claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA"


def no_expiry(claims: dict[str, Any]) -> None:
    del claims["exp"]


LIES = [
    other_nonce, no_nonce, expire, no_expiry, other_audience, other_audience_with_our_party, other_issuer,
    of_tomorrow, other_hash,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_token_that_lies_signs_nobody_in(visitor: Client, server: OidcServer, ada: User, lie: Any) -> None:
    server.spoil = lie
    response = sign_in_there(visitor)
    assert response.status_code == 403
    assert "did not pass our checks" in response.text
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("offered", [["RS256"], ["none", "RS256"], ["none"]])
def test_an_unsigned_token_signs_nobody_in(
    app: Flask, visitor: Client, server: OidcServer, ada: User, offered: list[str]
) -> None:
    server.algorithm = "none"
    server.description["id_token_signing_alg_values_supported"] = offered
    assert sign_in_there(visitor).status_code == 403
    assert not is_signed_in(visitor)


def test_a_token_of_another_key_signs_nobody_in(visitor: Client, server: OidcServer, ada: User) -> None:
    server.signing_key = RSAKey(kid="one", key=RSA.generate(2048), use="sig", alg="RS256")
    assert sign_in_there(visitor).status_code == 403
    assert not is_signed_in(visitor)


def test_a_wrong_state_signs_nobody_in(visitor: Client, server: OidcServer, ada: User) -> None:
    response = finish(visitor, come_back(go_there(visitor)), state="planted")
    assert response.status_code == 400
    assert "started in another browser" in response.text
    assert server.token_requests == []
    assert not is_signed_in(visitor)


def test_a_state_of_another_browser_signs_nobody_in(app: Flask, visitor: Client, ada: User) -> None:
    """An attacker who begins, and has the victim finish, would sign them in as the attacker."""
    planted = come_back(go_there(app.test_client()))
    assert finish(visitor, planted).status_code == 400
    assert not is_signed_in(visitor)


def test_a_code_works_once(app: Flask, visitor: Client, ada: User) -> None:
    address = come_back(go_there(visitor))
    assert finish(visitor, address).status_code == 302
    visitor.submit("/sign-out", page="/account")
    assert finish(visitor, address).status_code == 400


@pytest.mark.parametrize("verified", [False, None, "true", 0, "yes"])
def test_an_email_that_the_provider_does_not_vouch_for_is_nobodys(
    visitor: Client, server: OidcServer, ada: User, verified: Any
) -> None:
    if isinstance(verified, bool):
        server.person["email_verified"] = verified
    else:
        server.spoil = lambda claims: claims.update({"email": "ada@example.org", "email_verified": verified})
    response = sign_in_there(visitor)
    assert response.status_code == 403
    assert "does not vouch for your e-mail address" in response.text
    assert not is_signed_in(visitor)


def test_another_claim_may_say_that_the_email_is_verified(
    app: Flask, client: Client, server: OidcServer, ada: User
) -> None:
    set_provider(app, server, verified_claim="xms_edov")
    assert sign_in_there(client).status_code == 403
    server.spoil = lambda claims: claims.update({"email": "ada@example.org", "xms_edov": "1"})
    assert sign_in_there(client).status_code == 302


def test_userinfo_of_somebody_else_is_refused(
    visitor: Client, server: OidcServer, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = server.provider.handle_userinfo_request

    def lying(*args: Any) -> Any:
        answer = honest(*args)
        answer["sub"] = "somebody else"
        return answer

    monkeypatch.setattr(server.provider, "handle_userinfo_request", lying)
    assert sign_in_there(visitor).status_code == 403


def test_somebody_unknown_is_told_whom_to_ask(app: Flask, visitor: Client, session: Session) -> None:
    response = sign_in_there(visitor)
    assert response.status_code == 403
    assert "You have no account here yet" in response.text
    assert "ada@example.org" in response.text
    assert "Ask the administrator of your agency" in response.text
    assert session.scalar(select(User)) is None
    app.extensions[EXTENSION] = app.extensions[EXTENSION].model_copy(update={"contact": "estates@example.org"})
    assert "Ask estates@example.org" in sign_in_there(visitor).text


def test_somebody_deactivated_stays_out(visitor: Client, session: Session, ada: User) -> None:
    ada.is_active = False
    response = sign_in_there(visitor)
    assert response.status_code == 403
    assert "deactivated" in response.text
    assert not is_signed_in(visitor)


def test_settings_may_let_somebody_unknown_in_with_a_role(
    app: Flask, client: Client, server: OidcServer, session: Session
) -> None:
    agency = make_agency(session, code="testshire")
    set_provider(app, server, default_agency="testshire", default_role="viewer")
    assert sign_in_there(client).status_code == 302
    user = session.scalars(select(User)).one()
    assert (user.email, user.name, user.password_hash) == ("ada@example.org", "Ada Turnpike", None)
    assert [(held.agency_id, held.role) for held in user.memberships] == [(agency.id, Role.VIEWER)]
    assert session.scalars(select(Event.action).order_by(Event.id)).all() == ["create", "grant role"]
    assert client.get("/").status_code == 200
    client.submit("/sign-out", page="/account")
    assert sign_in_there(client).status_code == 302
    assert len(session.scalars(select(User)).all()) == 1


def test_somebody_who_turned_back_is_told_so(visitor: Client) -> None:
    go_there(visitor)
    response = visitor.get("/sign-in/provider/back?error=access_denied&error_description=%3Cscript%3E")
    assert response.status_code == 403
    assert "You were not signed in" in response.text
    assert "script&gt;" not in response.text


def test_a_provider_that_is_down_leaves_the_password(visitor: Client, server: OidcServer, app: Flask) -> None:
    server.is_down = True
    response = visitor.get("/sign-in/provider")
    assert response.status_code == 503
    assert "does not answer properly" in response.text
    server.is_down = False
    assert go_there(visitor)


def test_a_provider_that_goes_down_on_the_way(visitor: Client, server: OidcServer) -> None:
    address = come_back(go_there(visitor))
    server.is_down = True
    assert finish(visitor, address).status_code in (403, 503)
    assert not is_signed_in(visitor)


def test_a_provider_that_calls_itself_otherwise_is_not_trusted(visitor: Client, server: OidcServer) -> None:
    server.description["issuer"] = "https://evil.example"
    assert visitor.get("/sign-in/provider").status_code == 403


def test_many_beginnings_do_not_fill_the_cookie(visitor: Client, ada: User) -> None:
    for _ in range(12):
        address = go_there(visitor)
    cookie = visitor.get_cookie("estate")
    assert cookie is not None
    assert len(cookie.value) < 2000
    assert finish(visitor, come_back(address)).status_code == 302


def test_without_a_provider_there_is_no_such_page(client: Client) -> None:
    assert "Sign in with" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status_code == 404
    assert client.get("/sign-in/provider/back?code=x&state=y").status_code == 404


def test_the_form_of_the_way_back_needs_both_parts(visitor: Client) -> None:
    assert visitor.submit("/sign-in/provider/back", {"code": "x"}).status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"issuer": "http://login.example.org", "client_id": "x"},
        {"issuer": "https://login.example.org"},
        {"default_agency": "x"},
        {"default_agency": "x", "default_role": "administrator"},
    ],
)
def test_settings_that_would_be_unsafe_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"ESTATE_OIDC|Input should be"):
        ProviderSettings(**fields)
