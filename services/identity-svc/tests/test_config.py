"""Settings and the signing key."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from delivery_shared.http.tokens import new_private_jwk
from identity_svc.config import Config, first_passwords, private_key


def test_settings_come_from_the_environment() -> None:
    assert Config.read({}) == Config()
    read = Config.read(
        {
            "DELIVERY_INITIAL_PASSWORD_DAYS": "3",
            "DELIVERY_SESSION_IDLE_HOURS": "1",
            "DELIVERY_SESSION_DAYS": "2",
            "DELIVERY_PROXIES": "1",
            "DELIVERY_PUBLIC_URL": "https://delivery.example",
        }
    )
    assert read == Config(
        initial_password_life=timedelta(days=3),
        session_idle=timedelta(hours=1),
        session_life=timedelta(days=2),
        proxies=1,
        public_url="https://delivery.example",
    )


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", ""])
def test_senseless_settings_stop_the_start(value: str) -> None:
    with pytest.raises(SystemExit, match="DELIVERY_SESSION_DAYS"):
        Config.read({"DELIVERY_SESSION_DAYS": value})


@pytest.mark.parametrize("value", ["delivery.example", "ftp://delivery.example", "//delivery.example"])
def test_a_public_address_says_how_it_is_reached(value: str) -> None:
    with pytest.raises(SystemExit, match="DELIVERY_PUBLIC_URL"):
        Config.read({"DELIVERY_PUBLIC_URL": value})


def test_the_signing_key_is_given_as_text_or_file(tmp_path: Path) -> None:
    jwk = new_private_jwk()
    file = tmp_path / "key.json"
    file.write_text(json.dumps(jwk))
    assert private_key({"DELIVERY_PRIVATE_KEY": json.dumps(jwk)}) == jwk
    assert private_key({"DELIVERY_PRIVATE_KEY": str(file)}) == jwk


@pytest.mark.parametrize("given", ["", "/no/such/file", "{broken", "[]"])
def test_a_missing_or_broken_key_stops_the_start_and_is_not_printed(given: str) -> None:
    with pytest.raises(SystemExit, match="DELIVERY_PRIVATE_KEY") as stopped:
        private_key({"DELIVERY_PRIVATE_KEY": given})
    assert "broken" not in str(stopped.value)


def test_first_passwords_are_optional_but_well_formed() -> None:
    assert first_passwords({}) is None
    assert first_passwords({"DELIVERY_FIRST_PASSWORDS": '{"a@b": "Zk4-vog8"}'}) == {"a@b": "Zk4-vog8"}
    for bad in ('{"a@b": 5}', '{"a@b": ""}', "[]", "{broken"):
        with pytest.raises(SystemExit, match="DELIVERY_FIRST_PASSWORDS"):
            first_passwords({"DELIVERY_FIRST_PASSWORDS": bad})
