"""The program and the platforms as real processes, to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from bus import clients
from bus.record import Outgoing
from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from schemas.ids import feed_id, receipt_id
from schemas.topics import NEWMEDIA_FEED, RECEIPTS
from tests.consumers.newmedia.harness import PORTAL, Simulated
from tests.support.events import JsonObject, to_bytes
from tests.support.waiting import eventually, free_port


@contextmanager
def platform(kind: str, folder: Path, *options: str) -> Iterator[Simulated]:
    """A simulated platform in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "consumers.newmedia.simulators", kind, "--port", str(port), *options]
    with subprocess.Popen([*command, "--state", str(folder / f"{kind}.sqlite")]) as running:
        simulated = Simulated(f"http://127.0.0.1:{port}")
        try:
            eventually(lambda: answers(f"{simulated.url}/healthz"), saying=f"the simulated {kind} answers")
            yield simulated
        finally:
            simulated.client.close()
            running.kill()


@contextmanager
def program(settings: Settings, failpoints: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """`python -m consumers.newmedia`; killed at the end where it still runs."""
    environment = {**os.environ, **variables(settings), "GONGKAI_FAILPOINTS": failpoints}
    command = [sys.executable, "-m", "consumers.newmedia"]
    log = settings.home / "newmedia.log"
    with log.open("ab") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()
            running.wait(20)


def variables(settings: Settings) -> dict[str, str]:
    """The environment that gives a process these settings."""
    given = settings.model_dump(exclude_defaults=True)
    return {f"GONGKAI_{name.upper()}": str(value) for name, value in given.items()}


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def fed(event: JsonObject, outlet: str, quota_class: str = "动态", action: str = "carry") -> Outgoing:
    """The router's feed record."""
    title = event["data"].get("title") or event["data"]["notice"]
    routed = {
        "outlet": outlet, "feed": NEWMEDIA_FEED.name, "action": action, "quota_class": quota_class, "title": title,
    }  # fmt: skip
    headers = (
        ("gk-id", feed_id(event["source"], event["id"], outlet).encode()),
        ("gk-outlet", msgspec.json.encode(routed)),
        ("gk-origin", b"publications/0/0"),
    )
    return Outgoing(NEWMEDIA_FEED.name, event["subject"].encode(), to_bytes(event), headers)


def portal_receipt(event: JsonObject) -> Outgoing:
    """What the portal answers."""
    feed = feed_id(event["source"], event["id"], "portal")
    head = {name: event[name] for name in ("id", "source", "type", "subject", "time")}
    subject, version = event["subject"], event["data"]["version"]
    receipt = {
        "specversion": "1.0", "id": receipt_id(feed), "source": "/engine/portal",
        "type": "cn.gongkai.receipt.given.v1", "subject": subject, "time": event["time"],
        "datacontenttype": "application/json",
        "data": {
            "feed_id": feed, "outlet": "portal", "kind": "published", "event": head, "version": version,
            "at": event["time"], "url": f"{PORTAL}/items/{subject}", "index_no": f"999900/{subject[-8:]}",
        },
    }  # fmt: skip
    headers = (("gk-id", receipt_id(feed).encode()),)
    return Outgoing(RECEIPTS.name, subject.encode(), msgspec.json.encode(receipt), headers)


def send(settings: Settings, records: Sequence[Outgoing]) -> None:
    """Write records to their topics."""
    producer = clients.producer(settings)
    futures = [
        producer.send(settings.topic(each.topic), key=each.key, value=each.value, headers=list(each.headers))
        for each in records
    ]
    for future in futures:
        future.get(timeout=30)
    producer.close()


def receipts(settings: Settings) -> dict[str, JsonObject]:
    """Newmedia's receipts by feed record; one that was given twice with two contents is an error."""
    found: dict[str, JsonObject] = {}
    for batch in read_to_end(settings, RECEIPTS):
        for record in batch:
            event = msgspec.json.decode(record.value or b"")
            if event["source"] == "/engine/newmedia":
                assert found.setdefault(event["data"]["feed_id"], event["data"]) == event["data"]
    return found
