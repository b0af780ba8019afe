"""Keys: shown once, stored hashed, two valid while a department changes over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bus import cli
from bus.settings import Settings
from producers.keys import KeyRing, Keys
from producers.refusals import Refused
from tests.support.events import NOON


@pytest.fixture
def ring(plain: Settings) -> Iterator[KeyRing]:
    ring = KeyRing(plain)
    yield ring
    ring.close()


def owner(settings: Settings, key: str) -> str:
    """Whom a fresh gateway takes the bearer of `key` for, or the code it refuses with."""
    keys = Keys(settings)
    try:
        return keys.owner(f"Bearer {key}")
    except Refused as refused:
        return refused.code
    finally:
        keys.close()


def test_a_key_names_its_department_and_is_kept_nowhere(plain: Settings, ring: KeyRing) -> None:
    key = ring.issue("fgw", NOON)

    assert key is not None
    assert key.startswith("gk_fgw_")
    assert owner(plain, key) == "fgw"
    for file in plain.stores.iterdir():
        assert key.encode() not in file.read_bytes()


def test_a_third_valid_key_is_not_issued(ring: KeyRing) -> None:
    assert ring.issue("fgw", NOON)
    assert ring.issue("fgw", NOON)
    assert ring.issue("fgw", NOON) is None
    assert ring.issue("jyj", NOON)


def test_while_rotating_the_last_key_and_the_new_one_are_valid(plain: Settings, ring: KeyRing) -> None:
    keys = [ring.rotate("fgw", NOON + timedelta(days=day)) for day in range(3)]

    assert [owner(plain, key) for key in keys] == ["KEY-REVOKED", "fgw", "fgw"]
    assert ring.revoke("fgw", NOON + timedelta(days=4), "old") == 1
    assert [owner(plain, key) for key in keys] == ["KEY-REVOKED", "KEY-REVOKED", "fgw"]
    assert ring.revoke("fgw", NOON + timedelta(days=5)) == 1
    assert owner(plain, keys[2]) == "KEY-REVOKED"


def test_the_commands_issue_and_revoke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))

    assert cli.run(["keys", "issue", "fgw"]) == 0
    key = capsys.readouterr().out.strip()
    assert owner(Settings(), key) == "fgw"
    assert cli.run(["keys", "issue", "nobody"]) == 2
    assert cli.run(["keys", "list", "--json"]) == 0
    listed = capsys.readouterr().out
    assert f'"hint": "{key[-4:]}"' in listed
    assert key not in listed
    assert cli.run(["keys", "revoke", "fgw"]) == 0
    assert owner(Settings(), key) == "KEY-REVOKED"
    assert cli.run(["keys", "revoke", "fgw"]) == 1
