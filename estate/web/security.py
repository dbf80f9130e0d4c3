"""Security headers, CSRF and request limits. Pages run no inline script; map frames bring their own policy."""

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from estate.settings import Settings

FORM_LIMIT_BYTES = 1024 * 1024

PAGE_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

csrf = CSRFProtect()


def init_security(app: Flask, settings: Settings) -> None:
    """Configure cookies, limits and CSRF, and put the headers on every answer."""
    app.config.update(
        SECRET_KEY=settings.resolved_secret_key,
        SESSION_COOKIE_NAME="estate",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_HOURS=settings.session_hours,
        MAX_CONTENT_LENGTH=FORM_LIMIT_BYTES,
        MAX_FORM_PARTS=500,
        UPLOAD_LIMIT=settings.maximum_upload_bytes,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)
    app.after_request(_add_headers)


def allow_framing(response: Response, policy: str) -> Response:
    """Let our own pages show `response` in a frame, under a content security policy of its own.

    `policy` says what the frame may load; `frame-ancestors 'self'` is added.
    """
    response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'self'"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    headers.setdefault("X-Frame-Options", "DENY")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response
