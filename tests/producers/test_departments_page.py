"""docs/departments.md is true: its commands run as they stand, and each way ends in its topic."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bus.settings import Settings
from producers.formats import COLUMNS
from producers.formats.table import REQUIRED
from producers.gateway import build_gateway
from schemas.decode import decode
from tests.producers.test_whole import published, served
from tests.support.waiting import eventually

PAGE = Path("docs/departments.md")


def test_every_column_of_a_table_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert [heading for heading in COLUMNS if not re.search(rf"[ :]{heading}[,. ]", text)] == []
    needed = re.search(r"Needed columns: (.*)\.", text)
    assert needed is not None
    assert [COLUMNS[name] for name in needed[1].split(", ")] == list(REQUIRED)


@pytest.mark.integration
def test_the_commands_run_and_every_way_arrives(settings: Settings, tmp_path: Path) -> None:
    gateway = build_gateway(settings)
    for service in gateway.services:
        service.start()
    with served(gateway) as url:
        done = _run_page(settings, tmp_path, url)
        assert done.returncode == 0, done.stdout + done.stderr
        values = eventually(lambda: rows if len(rows := published(settings)) >= 5 else [], 40)
    for service in reversed(gateway.services):
        service.stop()

    assert sorted(decode(value).id.split("-")[0] for _, _, value in values if b'"csv-' not in key_of(value)) == [
        "doc", "file", "kafka", "table",
    ]  # fmt: skip
    assert '"code":"ID-REUSED"' in done.stdout
    assert '"status":202' in done.stdout
    assert '"INTERNAL"' not in done.stdout
    assert "content_sha256" in done.stdout
    assert not [value for _, _, value in values if _refused(settings, value)]


def key_of(value: bytes) -> bytes:
    """The subject, quoted, without its department."""
    subject: str = json.loads(value)["subject"]
    return b'"' + subject.partition("/")[2].encode()


def _refused(settings: Settings, value: bytes) -> bool:
    from rules import judge
    from schemas.city import load_pack

    event = decode(value)
    judged = judge(load_pack(settings.city), event, event.time)
    return judged.outcome != "accepted"


def _run_page(settings: Settings, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run every bash block of the page in one shell, against this test's door."""
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = "\n".join(blocks).replace(". .venv/bin/activate\n", "").replace("http://127.0.0.1:8080", url)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GONGKAI_HOME": str(settings.home),
        "GONGKAI_BOOTSTRAP": settings.bootstrap,
        "GONGKAI_PREFIX": settings.prefix,
        "GONGKAI_PARTITIONS": str(settings.partitions),
        "GONGKAI_CITY": str(settings.city.absolute()),
        "PYTHONPATH": str(Path.cwd()),
    }
    return subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
