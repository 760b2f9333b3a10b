"""Loading the demo data from a container: its log is no place for passwords."""

from __future__ import annotations

from pathlib import Path

from delivery_center.demo.__main__ import told


def test_the_log_names_accounts_and_no_password() -> None:
    accounts = {"平台运营": ("operator@platform", "s3cret-1"), "服务商": ("admin@provider", "s3cret-2")}
    text = told(accounts, Path("/var/lib/delivery/demo-passwords.json"))
    assert "s3cret" not in text
    assert text.splitlines() == [
        "  operator@platform  平台运营",
        "  admin@provider  服务商",
        "Passwords: /var/lib/delivery/demo-passwords.json",
    ]
