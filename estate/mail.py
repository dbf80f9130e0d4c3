"""Sending mail through the server that the settings name; stdlib only."""

import smtplib
import ssl
from email.message import EmailMessage

from estate.errors import EstateError
from estate.settings import MailSettings

PATIENCE_SECONDS = 20


class MailNotSet(EstateError):
    """No mail server is set. Set ESTATE_SMTP_HOST and ESTATE_SMTP_SENDER, or send the reminders by hand."""


class MailFailed(EstateError):
    """The mail server did not take the mail. Check the ESTATE_SMTP settings; it is tried again."""


def send_mail(settings: MailSettings, *, to: str, subject: str, text: str) -> None:
    """Send one plain message. Raises `MailNotSet`, or `MailFailed` where the server did not take it."""
    if not settings.host:
        raise MailNotSet
    message = EmailMessage()
    message["From"], message["To"] = settings.sender, to
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    try:
        with _connect(settings) as server:
            if settings.user:
                server.login(settings.user, settings.password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailFailed(f"{MailFailed.__doc__} ({type(error).__name__})") from error


def _connect(settings: MailSettings) -> smtplib.SMTP:
    where = (settings.host, settings.port)
    if settings.security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=PATIENCE_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(*where, timeout=PATIENCE_SECONDS)
    if settings.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server
