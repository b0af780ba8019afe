"""Logs are lines with fields, and no secret is in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus import log, metrics
from tests.support import servers

SECRET = "s3cr3t"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_our_lines_and_a_librarys_have_the_same_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(servers.plain_settings(tmp_path, log_json=True), "portal")
    log.get("consumers.portal").info("applied", records=3)
    logging.getLogger("sqlalchemy").warning("pool is %s", "full")
    ours, theirs = (json.loads(line) for line in _lines(capsys))
    assert (ours["event"], ours["records"], ours["program"], ours["level"]) == ("applied", 3, "portal", "info")
    assert (theirs["event"], theirs["program"], theirs["logger"]) == ("pool is full", "portal", "sqlalchemy")
    assert set(theirs) >= {"timestamp", "level"}


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    log.configure(servers.plain_settings(tmp_path, log_json=as_json), "gateway")
    logger = log.get("x")
    logger.info("connect", sasl_password=SECRET, api_key=SECRET, token=SECRET, authorization=f"Bearer {SECRET}")
    logger.info("store", url=f"postgresql://user:{SECRET}@db/gongkai")
    logging.getLogger("library").error("no way to postgresql://user:%s@db/gongkai", SECRET)
    try:
        raise ValueError(f"postgresql://user:{SECRET}@db/x")
    except ValueError:
        logger.exception("failed")
    lines = _lines(capsys)
    assert not [line for line in lines if SECRET in line]
    assert any("user:***@db" in line for line in lines)
    assert log.HIDDEN in lines[0]


def test_settings_never_show_a_secret(tmp_path: Path) -> None:
    settings = servers.plain_settings(tmp_path, sasl_password=SECRET, database=f"postgresql://u:{SECRET}@h/d")
    assert SECRET not in repr(settings)


def test_quiet_libraries_do_not_drown_a_debug_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(servers.plain_settings(tmp_path, log_level="debug"), "router")
    logging.getLogger("kafka.conn").debug("every byte")
    log.get("x").debug("slice")
    [line] = _lines(capsys)
    assert "slice" in line


def test_every_metric_has_our_name_and_a_sentence() -> None:
    said = metrics.sentences()
    assert len(said) == len(metrics.ALL) + len(metrics.FROM_HEALTH)
    for name, sentence in said.items():
        assert name.startswith("gongkai_")
        assert sentence.endswith(".")
    exported = metrics.exposition().decode()
    counted = [family.name for metric in metrics.ALL for family in metric.describe()]
    assert all(name in exported for name in counted)
