"""Email by SMTP (N-02)."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

import idna

from notify_svc.channels import TIMEOUT, Letter, NotTaken, Refused, Unreachable, one_line

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""Ways to speak SMTP – in the open, encrypted after a greeting, encrypted – and the port of each."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail server. One conversation per letter, at most :data:`TIMEOUT` seconds a step."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT

    @staticmethod
    def at(url: str, *, sender: str, password: str = "", timeout: float = TIMEOUT) -> Mail:
        """The server at ``smtp://``, ``smtp+starttls://`` or ``smtps://`` ``[user[:password]@]host[:port]``.

        :raises ValueError: no such URL, ``sender`` is no address, or a password would leave this machine in clear.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("not an smtp://, smtp+starttls:// or smtps:// URL")
        if parts.scheme == "smtp" and parts.username and parts.hostname not in LOOPBACK:
            raise ValueError("a password in clear; smtp+starttls:// or smtps://")
        address_of(sender)
        return Mail(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            sender=sender,
            user=unquote(parts.username or ""),
            password=password or unquote(parts.password or ""),
            timeout=timeout,
        )

    @property
    def domain(self) -> str:
        """The domain letters come from."""
        return self.sender.rpartition("@")[2]

    def written(self, letter: Letter) -> EmailMessage:
        """``letter`` as an email: plain text, one receiver, the same Message-ID at every attempt.

        :raises Refused: the address is none.
        """
        message = EmailMessage(policy=SMTP)
        message["From"] = address_of(self.sender)
        try:
            message["To"] = address_of(letter.address)
        except ValueError as error:
            raise Refused("bad_address") from error
        message["Subject"] = one_line(letter.title)
        message["Date"] = letter.written_at
        message["Message-ID"] = f"<{letter.delivery_id}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        return message

    def send(self, letter: Letter) -> str:
        message = self.written(letter)
        receiver = message["To"].addresses[0].addr_spec
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(repr(error)) from error
        try:
            server.send_message(message, self.sender, [receiver])
        except smtplib.SMTPRecipientsRefused as error:
            raise _answered(*error.recipients[receiver]) from error
        except smtplib.SMTPDataError as error:
            raise _answered(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("the server knows only addresses in ASCII") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(repr(error)) from error
        else:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()  # the letter is taken, however they say goodbye
            return f"accepted by {self.host}:{self.port}"
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        """A conversation, encrypted and signed in as configured."""
        kind = smtplib.SMTP_SSL if self.scheme == "smtps" else smtplib.SMTP
        server = kind(self.host, self.port, local_hostname=self.domain, timeout=self.timeout)
        try:
            if self.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def address_of(text: str) -> Address:
    """The one address ``text`` is, its domain as servers know it. :raises ValueError: it is none, or more than that."""
    try:
        address = Address(addr_spec=text)
        if not address.domain.isascii():
            address = Address(username=address.username, domain=idna.encode(address.domain, uts46=True).decode())
    except Exception as error:  # the standard library's parser fails in many ways
        raise ValueError(f"no email address: {one_line(text)}") from error
    if not address.username or not address.domain:
        raise ValueError(f"no email address: {one_line(text)}")
    return address


def _answered(code: int, text: bytes | str) -> Exception:
    """What a refusing answer means: 421 – the server closes –, 5xx for good, 4xx for now."""
    answer = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    if code == 421:
        return Unreachable(answer)
    return Refused(answer) if code >= 500 else NotTaken(answer)
