"""A buyer nobody registered gets a mail, opens its link on a phone, fills the form, accepts – in Chromium, on the whole
center in one process. What he does and must see stands in web/e2e/stories/guest.mjs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from delivery_center.client import Client
from delivery_center.running.embedded import serving
from delivery_center.running.ports import free_port
from delivery_shared.testing.fixtures import scratch_database

from .browser import WEB, needs_browser, node
from .conftest import accounts_of
from .mailbox import mailbox

PATIENCE = 300
"""Seconds it may take."""

pytestmark = [pytest.mark.stories, pytest.mark.timeout(PATIENCE + 120), needs_browser]


@pytest.mark.requirement("G-10", "N-14")
def test_a_buyer_nobody_registered_opens_submits_and_accepts(tmp_path: Path) -> None:
    letters = tmp_path / "letters"
    with (
        pytest.MonkeyPatch.context() as environment,
        scratch_database() as database_url,
        mailbox(letters) as smtp,
    ):
        environment.delenv("AMQP_URL", raising=False)
        environment.setenv("DELIVERY_SMTP_URL", smtp)
        environment.setenv("DELIVERY_MAIL_FROM", "delivery@market.example")
        with serving(free_port(), tmp_path, database_url) as base:
            with Client(lambda path: base + path) as client:
                accounts = accounts_of(client, database_url, tmp_path)
            done = subprocess.run(
                [node(), "e2e/stories/guest.mjs", base, str(letters)],
                cwd=WEB,
                input=json.dumps(accounts),
                stdout=subprocess.PIPE,
                text=True,
                timeout=PATIENCE,
            )
            assert json.loads(done.stdout) == []
            logged = (tmp_path / "server.log").read_text(encoding="utf-8")
    sent = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(letters.glob("*.json"))]
    assert {letter["to"] for letter in sent} == {"mai.jia@example.com"}
    assert [what for what in ("mai.jia@example.com", "麦家", "/l#") if what in logged] == []
