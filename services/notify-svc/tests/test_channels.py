"""Email and SMS against real servers: what arrives, and what each way of failing means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from notify_svc.channels import Letter, NotTaken, Refused, Unreachable, one_line
from notify_svc.config import channels_of, senders_of
from notify_svc.mail import Mail
from notify_svc.sms import Sms

from .servers import Gateway, MailServer, deaf_server, mail_server, nobody, sms_gateway

LETTER = Letter(
    delivery_id=UUID("00000000-0000-4000-8000-000000000001"),
    address="lisi@example.com",
    title="订单 801",
    body="尊敬的客户：\n.请登录交付中心处理。",
    written_at=datetime(2019, 10, 16, 4, 0, tzinfo=UTC),
)
SENDER = "delivery@market.example"
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}  # fmt: skip


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as server:
        yield server


def mail(url: str, timeout: float = 5) -> Mail:
    return Mail.at(url, sender=SENDER, timeout=timeout)


@pytest.mark.requirement("N-02", "N-04")
def test_an_email_arrives_under_the_same_id_every_time(mailbox: MailServer) -> None:
    channel = mail(mailbox.url)
    assert channel.send(LETTER) == f"accepted by 127.0.0.1:{mailbox.port}"
    channel.send(LETTER)
    first, second = mailbox.received
    sender, receivers, message = first
    assert (sender, receivers) == (SENDER, ["lisi@example.com"])
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, "lisi@example.com", "订单 801")
    assert message["Date"].datetime == LETTER.written_at
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == LETTER.body.splitlines()
    assert message["Message-ID"] == f"<{LETTER.delivery_id}@market.example>" == second[2]["Message-ID"]


@pytest.mark.parametrize(
    "title",
    ["订单\r\nBcc: thief@example.com", "a\nb: c", "x\r\n\r\n<b>body</b>", "\x00\x1b[31m\u2028Bcc: y"],
)
def test_no_text_becomes_a_header(mailbox: MailServer, title: str) -> None:
    mail(mailbox.url).send(replace(LETTER, title=title))
    (_, receivers, message) = mailbox.received[0]
    assert receivers == ["lisi@example.com"]
    assert {name for name in message if not name.startswith("X-")} == HEADERS
    assert message["Subject"] == one_line(title)
    assert message.get_content().splitlines() == LETTER.body.splitlines()


@pytest.mark.requirement("N-02")
@pytest.mark.parametrize(
    ("address", "reached"),
    [("wang@例子.中国", "wang@xn--fsqu00a.xn--fiqs8s"), ("info@bücher.example", "info@xn--bcher-kva.example")],
)
def test_domains_of_all_scripts_are_named_as_servers_know_them(mailbox: MailServer, address: str, reached: str) -> None:
    mail(mailbox.url).send(replace(LETTER, address=address))
    (_, receivers, message) = mailbox.received[0]
    assert receivers == [reached]
    assert message["To"] == reached


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lisi",
        "@example.com",
        "lisi@",
        "lisi@example.com, thief@example.com",
        "lisi@example.com\r\nBcc: thief@example.com",
        "lisi@example.com> NOTIFY=SUCCESS",
        "Li Si <lisi@example.com>",
    ],
)
def test_what_is_no_address_is_refused_for_good(mailbox: MailServer, address: str) -> None:
    with pytest.raises(Refused, match="bad_address"):
        mail(mailbox.url).send(replace(LETTER, address=address))
    assert mailbox.taken == 0


@pytest.mark.parametrize(
    ("step", "answer", "means"),
    [
        ("RCPT", "550 no such user", Refused),
        ("RCPT", "450 greylisted", NotTaken),
        ("RCPT", "421 closing", Unreachable),
        ("DATA", "554 looks like spam", Refused),
        ("DATA", "452 disk full", NotTaken),
        ("DATA", "421 closing", Unreachable),
        ("MAIL", "530 who are you", Unreachable),
        ("MAIL", "451 not now", Unreachable),
        ("DATA", "die", Unreachable),
    ],
)
@pytest.mark.requirement("N-16")
def test_what_a_mail_server_answers_decides_what_follows(
    mailbox: MailServer, step: str, answer: str, means: type[Exception]
) -> None:
    mailbox.answers[step] = answer
    with pytest.raises(means) as failure:
        mail(mailbox.url).send(LETTER)
    assert type(failure.value) is means
    assert answer == "die" or answer[:3] in str(failure.value)
    assert mailbox.received == []
    mailbox.answers.clear()
    mail(mailbox.url).send(LETTER)
    assert len(mailbox.received) == 1


@pytest.mark.requirement("N-16")
def test_a_mail_server_that_is_away_or_hangs_is_left_soon() -> None:
    with nobody() as port, pytest.raises(Unreachable, match="refused"):
        mail(f"smtp://127.0.0.1:{port}").send(LETTER)
    with deaf_server() as port, pytest.raises(Unreachable, match=r"(?i)timed?.?out"):
        mail(f"smtp://127.0.0.1:{port}", timeout=0.3).send(LETTER)
    with deaf_server() as port, pytest.raises(Unreachable, match=r"(?i)timed?.?out"):
        mail(f"smtps://127.0.0.1:{port}", timeout=0.3).send(LETTER)


@pytest.mark.requirement("N-16")
def test_a_server_without_encryption_gets_no_letter_that_wants_it(mailbox: MailServer) -> None:
    with pytest.raises(Unreachable, match="STARTTLS"):
        mail(f"smtp+starttls://127.0.0.1:{mailbox.port}").send(LETTER)
    with pytest.raises(Unreachable, match=r"(?i)auth"):
        mail(f"smtp://user:secret@127.0.0.1:{mailbox.port}").send(LETTER)
    assert mailbox.taken == 0


@pytest.mark.requirement("N-02", "N-04")
def test_an_sms_arrives_under_the_same_id_every_time(gateway: Gateway) -> None:
    channel = Sms.at(gateway.url, token="t0ken")
    letter = replace(LETTER, address="18888888888")
    assert channel.send(letter) == '202 {"queued": true}'
    channel.send(letter)
    for headers, body in gateway.received:
        assert body == {"id": str(LETTER.delivery_id), "to": "18888888888", "text": LETTER.body}
        assert headers["Authorization"] == "Bearer t0ken"
        assert headers["Idempotency-Key"] == str(LETTER.delivery_id)
    assert len(gateway.received) == 2


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (200, None), (204, None), (299, None), (301, Unreachable), (400, Refused), (401, Unreachable),
        (403, Unreachable), (404, Refused), (422, Refused), (429, Unreachable), (500, Unreachable),
        (503, Unreachable),
    ],
)  # fmt: skip
@pytest.mark.requirement("N-16")
def test_what_a_gateway_answers_decides_what_follows(
    gateway: Gateway, status: int, means: type[Exception] | None
) -> None:
    gateway.answer = (status, "" if status == 204 else "x" * 2000)
    channel = Sms.at(gateway.url, token="t")
    if means is None:
        assert len(channel.send(LETTER)) <= 504
    else:
        with pytest.raises(means) as failure:
            channel.send(LETTER)
        assert type(failure.value) is means
        assert str(failure.value).startswith(str(status))


@pytest.mark.requirement("N-16")
def test_a_gateway_that_is_away_or_hangs_is_left_soon(gateway: Gateway) -> None:
    with nobody() as port, pytest.raises(Unreachable):
        Sms.at(f"http://127.0.0.1:{port}/", token="t").send(LETTER)
    gateway.hangs = 30
    with pytest.raises(Unreachable, match="Timeout"):
        replace(Sms.at(gateway.url, token="t"), timeout=0.3).send(LETTER)


def test_settings_name_the_channels() -> None:
    email = {"DELIVERY_SMTP_URL": "smtps://me:p%40ss@mail.example", "DELIVERY_MAIL_FROM": SENDER}
    sms = {"DELIVERY_SMS_URL": "https://sms.example/send", "DELIVERY_SMS_TOKEN": "t"}
    assert channels_of({}) == {}
    assert channels_of({**email, **sms}) == {
        "email": Mail(scheme="smtps", host="mail.example", port=465, sender=SENDER, user="me", password="p@ss"),
        "sms": Sms(url="https://sms.example/send", token="t"),
    }
    kept_apart: Any = channels_of({**email, "DELIVERY_SMTP_PASSWORD": "other"})["email"]
    assert kept_apart.password == "other"
    assert "p@ss" not in repr(channels_of(email))
    assert (senders_of({}), senders_of({"DELIVERY_SENDERS": "7"})) == (4, 7)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DELIVERY_SMTP_URL": "smtp://mail.example"}, "missing in the environment: DELIVERY_MAIL_FROM"),
        ({"DELIVERY_SMTP_URL": "mail.example", "DELIVERY_MAIL_FROM": SENDER}, "wrong .*not an smtp://"),
        ({"DELIVERY_SMTP_URL": "smtp://u:p@mail.example", "DELIVERY_MAIL_FROM": SENDER}, "wrong .*password in clear"),
        ({"DELIVERY_SMTP_URL": "smtp://h:x", "DELIVERY_MAIL_FROM": SENDER}, "wrong .*DELIVERY_SMTP_URL"),
        ({"DELIVERY_SMTP_URL": "smtp://mail.example", "DELIVERY_MAIL_FROM": "me"}, "wrong .*no email address"),
        ({"DELIVERY_SMS_URL": "https://sms.example"}, "missing in the environment: DELIVERY_SMS_TOKEN"),
        ({"DELIVERY_SMS_URL": "ftp://sms.example", "DELIVERY_SMS_TOKEN": "t"}, "wrong .*not an http://"),
    ],
)
def test_wrong_settings_stop_the_start_and_are_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        channels_of(environment)


@pytest.mark.parametrize("given", ["0", "-1", "x", "1.5", ""])
def test_a_wrong_number_of_senders_stops_the_start(given: str) -> None:
    with pytest.raises(SystemExit, match="DELIVERY_SENDERS"):
        senders_of({"DELIVERY_SENDERS": given})
