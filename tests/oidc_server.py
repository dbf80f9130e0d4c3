"""A real OpenID Connect provider (pyop) behind real HTTP on loopback, which can be told to misbehave."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from Cryptodome.PublicKey import RSA
from jwkest.jwk import RSAKey
from jwkest.jws import JWS
from pyop.authz_state import AuthorizationState
from pyop.exceptions import InvalidTokenRequest
from pyop.provider import Provider
from pyop.subject_identifier import HashBasedSubjectIdentifierFactory
from pyop.userinfo import Userinfo
from werkzeug.wrappers import Request, Response

from tests.serving import serving

CLIENT_ID = "estate-test"
CLIENT_SECRET = "a secret of the tests"
ADA = {"email": "ada@example.org", "email_verified": True, "name": "Ada Turnpike"}

Spoil = Callable[[dict[str, Any]], None]


class OidcServer:
    """The provider, with one person signed in to it."""

    def __init__(self, origin: str) -> None:
        self.issuer = origin
        self.key = RSAKey(kid="one", key=RSA.generate(2048), use="sig", alg="RS256")
        self.person: dict[str, Any] = {}
        self.clients: dict[str, Any] = {}
        self.description: dict[str, Any] = {}
        """Overrides of what the provider says about itself."""
        self.token_requests: list[dict[str, list[str]]] = []
        self.be_honest()
        self.provider = Provider(
            self.key,
            {
                "issuer": origin.replace("http:", "https:"),
                "authorization_endpoint": f"{origin}/authorize",
                "token_endpoint": f"{origin}/token",
                "jwks_uri": f"{origin}/jwks",
                "userinfo_endpoint": f"{origin}/userinfo",
                "scopes_supported": ["openid", "email", "profile"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
            },
            AuthorizationState(HashBasedSubjectIdentifierFactory("salt")),
            self.clients,
            Userinfo({"ada": self.person}),
        )
        # pyop insists on https when it is made; on loopback there is nobody to hide from.
        self.provider.configuration_information["issuer"] = origin

    def be_honest(self) -> None:
        """Forget every instruction to misbehave."""
        self.spoil: Spoil = lambda claims: None
        """Changes the claims of the ID token before they are signed."""
        self.algorithm = "RS256"
        self.signing_key: RSAKey = self.key
        self.is_down = False
        self.person.clear()
        self.person.update(ADA)
        self.description.clear()
        self.token_requests.clear()

    def allow(self, address: str) -> None:
        """Register our client with the address that people are sent back to."""
        self.clients[CLIENT_ID] = {
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [address],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
        }

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request, as WSGI."""
        request = Request(environ)
        answers = {
            "/.well-known/openid-configuration": self._describe,
            "/jwks": lambda request: _json(self.provider.jwks),
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": self._userinfo,
        }
        answer = Response("down", 500) if self.is_down else answers[request.path](request)
        return answer(environ, start_response)

    def _describe(self, request: Request) -> Response:
        return _json({**self.provider.provider_configuration.to_dict(), **self.description})

    def _authorize(self, request: Request) -> Response:
        """Ada is signed in here already, so she is sent straight back."""
        wanted = self.provider.parse_authentication_request(request.query_string.decode())
        answer = self.provider.authorize(wanted, "ada")
        return Response(status=303, headers={"Location": answer.request(wanted["redirect_uri"])})

    def _token(self, request: Request) -> Response:
        body = request.get_data(as_text=True)
        self.token_requests.append(parse_qs(body))
        try:
            answer = self.provider.handle_token_request(body, dict(request.headers)).to_dict()
        except InvalidTokenRequest as error:
            return _json({"error": "invalid_grant", "error_description": str(error)}, 400)
        claims = JWS().verify_compact(answer["id_token"], keys=[self.key])
        self.spoil(claims)
        answer["id_token"] = JWS(json.dumps(claims), alg=self.algorithm, kid="one").sign_compact([self.signing_key])
        return _json(answer)

    def _userinfo(self, request: Request) -> Response:
        answer = self.provider.handle_userinfo_request(request.get_data(as_text=True), dict(request.headers))
        return _json(answer.to_dict())


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")


@contextmanager
def running_server() -> Iterator[OidcServer]:
    """The provider, listening on a free port of loopback."""
    holder: list[OidcServer] = []
    with serving(lambda environ, start: holder[0](environ, start)) as origin:
        holder.append(OidcServer(origin))
        yield holder[0]


def expire(claims: dict[str, Any]) -> None:
    """As a token of an hour ago."""
    claims["iat"] = int(time.time()) - 7200
    claims["exp"] = int(time.time()) - 3600


def with_query(address: str, **changes: str) -> str:
    """The address with some of its query changed."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return parts._replace(query=urlencode(query)).geturl()
