"""The program itself on a real Kafka: killed between telling and writing it down, rebuilt, asked to send again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
from typer.testing import CliRunner

from bus import clients
from bus.cli import GROUP, build
from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from consumers.reconcile import reconcile
from schemas.records import RECORDS
from schemas.topics import DELIVERIES, DUTIES
from tests.consumers.newmedia.processes import answers, variables
from tests.consumers.notices.harness import SECRET, JsonObject, cancelled, rung
from tests.support.sinks import HookSink, MailSink, hook_sink, mail_sink
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration


@contextmanager
def program(settings: Settings, failpoints: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """`python -m consumers.notices`; killed at the end where it still runs."""
    environment = {**os.environ, **variables(settings), "GONGKAI_FAILPOINTS": failpoints}
    with (
        (settings.home / "notices.log").open("ab") as out,
        subprocess.Popen(
            [sys.executable, "-m", "consumers.notices"], env=environment, stdout=out, stderr=out
        ) as running,
    ):
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
            running.wait(30)


def killed_at(settings: Settings, failpoint: str) -> None:
    with program(settings, failpoint) as running:
        eventually(lambda: running.poll() is not None, 60, f"killed at {failpoint}")
        assert running.returncode == -signal.SIGKILL, log_of(settings)


def log_of(settings: Settings) -> str:
    return (settings.home / "notices.log").read_text()[-3_000:]


def write_addresses(settings: Settings, mail: MailSink, hook: HookSink) -> None:
    path = settings.home / "secrets" / "notices.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"""
allow = ["127.0.0.0/8"]
[smtp]
host = "127.0.0.1"
port = {mail.port}
security = "plain"
sender = "duban@shilishi.example"
[[mailbox]]
id = "chief"
address = "chief@fgw.shilishi.example"
depts = ["fgw"]
roles = ["leader"]
[[webhook]]
id = "oa"
url = "http://127.0.0.1:{hook.port}/oa"
http = true
secrets = ["{SECRET}"]
depts = ["*"]
roles = ["owner"]
""")


def tell(settings: Settings, *events: JsonObject) -> None:
    """Words on topic `duties`, told now."""
    producer = clients.producer(settings)
    for each in events:
        headers = [("gk-id", each["id"].encode())]
        value = msgspec.json.encode(each)
        producer.send(settings.topic(DUTIES), key=each["subject"].encode(), value=value, headers=headers).get(
            timeout=30
        )
    producer.close()


def ended(settings: Settings) -> dict[str, str]:
    """Delivery to state, by what the program said; each end once, every record as its model has it."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for batch in read_to_end(settings, DELIVERIES):
        for record in batch:
            event = json.loads(record.value or b"")
            RECORDS[event["type"]].model_validate(event)
            if event["type"] == "cn.gongkai.delivery.ended.v1" and event["id"] not in seen:
                seen.add(event["id"])
                assert event["data"]["delivery"] not in found or event["data"]["round"]
                found[event["data"]["delivery"]] = event["data"]["state"]
    return found


def gongkai(settings: Settings, *words: str) -> tuple[int, str]:
    from importlib.metadata import entry_points

    done = CliRunner().invoke(build(entry_points(group=GROUP)), list(words), env=variables(settings))
    return done.exit_code, done.stdout


def test_killed_between_telling_and_writing_it_down_it_tells_everybody_and_confirms_once(settings: Settings) -> None:
    told = [rung(number, to=["owner", "leader"]) for number in range(1, 5)]
    taken_back = rung(9)
    with mail_sink() as mail, hook_sink() as hook:
        write_addresses(settings, mail, hook)
        tell(settings, *told, taken_back, cancelled(taken_back))
        killed_at(settings, "notices.after-call-before-commit=kill:2")
        with program(settings) as running:
            eventually(lambda: running.poll() is not None or len(ended(settings)) == 8, 60, "everybody is told")
            assert running.poll() is None, log_of(settings)
            page = httpx.get(f"http://127.0.0.1:{settings.notices_port}/", trust_env=False).text
            assert "chief" in page and "已送达" in page and "已撤回" in page and SECRET not in page
        assert set(ended(settings).values()) == {"delivered"}
        by_id = Counter(call.headers["webhook-id"] for call in hook.calls)
        by_mail = Counter(str(letter["Message-ID"]) for letter in mail.mails)
        assert (len(by_id), len(by_mail)) == (4, 4), "each once, what was taken back never"
        assert sum(by_id.values()) + sum(by_mail.values()) <= 8 + 2, "again is only what a kill left open"
        _rebuilt_and_asked_again(settings, mail, hook)


def _rebuilt_and_asked_again(settings: Settings, mail: MailSink, hook: HookSink) -> None:
    code, said = gongkai(settings, "rebuild", "notices", "--json")
    rebuilt = json.loads(said)
    assert code == 0 and rebuilt["before"] == rebuilt["after"] and rebuilt["to_send"] == 0
    mails, calls = len(mail.mails), len(hook.calls)
    hook.answer(410)
    tell(settings, rung(20, to=["owner"]))
    with program(settings) as running:
        health = f"http://127.0.0.1:{settings.notices_port}/healthz"
        eventually(lambda: running.poll() is not None or "dead" in ended(settings).values(), 60, "the webhook is gone")
        assert answers(health), log_of(settings)
        code, said = gongkai(settings, "notices", "list", "--json")
        (failed,) = json.loads(said)
        assert (code, failed["state"], failed["target"], failed["detail"]) == (0, "dead", "oa", "HTTP 410")
        assert gongkai(settings, "notices", "resend", failed["id"], "--why", "对方已恢复", "--by", "op01")[0] == 0
        eventually(lambda: ended(settings)[failed["id"]] == "delivered", 60, "it is sent again")
        eventually(lambda: gongkai(settings, "notices", "list", "--json")[1].strip() == "[]", 30, "nothing failed now")
        assert gongkai(settings, "notices", "resend", failed["id"], "--why", "x")[0] == 1, (
            "what arrived is not sent again"
        )
    assert (len(mail.mails), len(hook.calls)) == (mails, calls + 2)
    assert reconcile(settings).gaps == (), "whoever was to hear of a rung is written down"


def test_a_file_of_addresses_is_checked_before_the_part_reads_it(settings: Settings, tmp_path: Path) -> None:
    path = settings.home / "secrets" / "notices.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text('[[webhook]]\nid = "oa"\nurl = "https://oa.example/"\n'
                    f'secrets = ["{SECRET}"]\ndepts = ["fg"]\nroles = ["owner"]\n')  # fmt: skip
    code, said = gongkai(settings, "notices", "check")
    assert code == 1 and "1 webhooks" in said
    path.write_text(path.read_text().replace('"fg"', '"fgw"'))
    assert gongkai(settings, "notices", "check")[0] == 0
