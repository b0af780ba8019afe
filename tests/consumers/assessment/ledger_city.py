"""Verdicts and receipts as the router and the outlets write them, for tests of the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bus.record import Record
from schemas import headers as h
from schemas.ids import feed_id, judged_id, receipt_id
from schemas.records import ReceiptGiven, VerdictGiven
from schemas.topics import PUBLICATIONS, RECEIPTS, VERDICTS
from tests.consumers.office import NOW, Log, ours

SHA = "0" * 64


class City:
    """Writes `verdicts` and `receipts`."""

    def __init__(self) -> None:
        self._log = Log()
        self._offset = -1

    def verdict(
        self, event_id: str = "e1", outcome: str = "accepted", *, subject: str = "fgw/a", version: int | None = 1,
        due: str | None = "2026-09-25", arrival: datetime = NOW, verb: str = "submitted", dept: str = "fgw",
        backfill: bool = False, complete: bool = True, rules: tuple[str, ...] = (), offset: int | None = None,
        source: str = "/departments/fgw", title: str = "通知", outlets: tuple[str, ...] = ("portal",),
        docno: str | None = None, overridden: bool = False,
    ) -> Record:  # fmt: skip
        """The verdict on the next input record, or on that at `offset`."""
        self._offset = self._offset + 1 if offset is None else offset
        place = {"topic": PUBLICATIONS.name, "partition": 0, "offset": self._offset}
        gk_id = judged_id(PUBLICATIONS.name, 0, self._offset, "verdict")
        event = {"id": event_id, "source": source, "type": f"cn.gongkai.publication.{verb}.v1", "subject": subject,
                 "time": arrival.isoformat()}  # fmt: skip
        findings = [
            {"rule": rule, "severity": "error", "basis": "b", "place": "", "message": {"zh": "错", "en": "wrong"},
             "remedy": {"zh": "改", "en": "mend"}, "overridden": overridden}
            for rule in rules
        ]  # fmt: skip
        data: dict[str, Any] = {
            "origin": place, "outcome": outcome, "arrival": arrival.isoformat(), "event": event, "dept": dept,
            "item": "01-06", "kind": "notice", "version": version, "title": title, "value_sha256": SHA, "docno": docno,
            "findings": findings, "backfill": backfill,
            "outlets": [
                {"outlet": name, "feed": f"{name}-feed", "action": "carry", "title": title} for name in outlets
            ],
            "dues": [{"clock": "publish", "due": due, "calendar_complete": complete}] if due else [],
        }  # fmt: skip
        if outcome == "dead":
            data |= {
                "event": None,
                "dept": None,
                "version": None,
                "title": None,
                "outlets": [],
                "dues": [],
                "error": "JSON",
            }
        value = _envelope(gk_id, "/engine/router", "cn.gongkai.verdict.given.v1", subject, data)
        VerdictGiven.model_validate(value)
        return self._log.append(ours(VERDICTS.name, value, gk_id, (h.PACK, b"1")))

    def receipt(
        self, event_id: str = "e1", kind: str = "published", *, subject: str = "fgw/a", version: int = 1,
        at: datetime = NOW, part: str = "portal", outlet: str | None = None,
    ) -> Record:  # fmt: skip
        """An outlet's receipt."""
        source = "/departments/fgw"
        named = feed_id(source, event_id, outlet or part)
        event = {"id": event_id, "source": source, "type": "cn.gongkai.publication.submitted.v1", "subject": subject,
                 "time": NOW.isoformat()}  # fmt: skip
        data = {"feed_id": named, "outlet": outlet or part, "kind": kind, "event": event, "version": version,
                "at": at.isoformat(), "url": "http://portal/x"}  # fmt: skip
        value = _envelope(receipt_id(named), f"/engine/{part}", "cn.gongkai.receipt.given.v1", subject, data)
        ReceiptGiven.model_validate(value)
        return self._log.append(ours(RECEIPTS.name, value, receipt_id(named)))


def at(day: str, hour: int = 12) -> datetime:
    """A time of day in the city."""
    from consumers.assessment.rows import CITY_TIME

    return datetime.combine(date.fromisoformat(day), datetime.min.time(), CITY_TIME).replace(hour=hour)


def _envelope(gk_id: str, source: str, kind: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"specversion": "1.0", "id": gk_id, "source": source, "type": kind, "subject": subject,
            "time": NOW.isoformat(), "data": data}  # fmt: skip
