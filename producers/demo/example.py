"""The example city's events, made from the texts and trials in its pack's `demo` folder.

Reads:    `<pack>/demo/publications.toml`, `registers.toml`, `matters.toml` and `trials.toml`.
Writes:   nothing; `producers.demo.sending` sends what `submissions` yields.
Keeps:    nothing: the same pack and the same start give the same bytes, so a second sending is a repeat.
Fails to: `Invalid`, naming the file and the entry that is wrong.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from rules.calendar import calendar_of
from schemas.city import Department, Pack
from schemas.content import content_sha256

Way = Literal["http", "json", "ndjson", "csv", "txt", "database", "inbox"]
Entry = Mapping[str, Any]

SHANGHAI = ZoneInfo("Asia/Shanghai")
_OPENED = time(9, 0)
STEP = timedelta(minutes=10)
"""Between two steps of a matter."""
_SIGNERS = (("审", 1), ("校", 1), ("审", 2), ("校", 2), ("审", 3), ("校", 3))


@dataclass(frozen=True, slots=True)
class Submission:
    """One thing to send: by which way, under whose key, and what must come of it."""

    way: Way
    dept: str
    value: bytes | None
    expect: str
    """`accepted`, `repeated`, or the code of the refusal."""
    backfill: bool = False
    """Sent with the lead office's key."""


@dataclass(frozen=True)
class Example:
    """The example's texts, and the moment to which all its days are relative."""

    pack: Pack
    start: datetime
    publications: tuple[Entry, ...]
    updates: tuple[Entry, ...]
    withdrawals: tuple[Entry, ...]
    loads: tuple[Entry, ...]
    """Records of registers, as departments bring them."""
    matters: tuple[Entry, ...]
    """Each with its steps."""
    trials: tuple[Entry, ...]

    @classmethod
    def load(cls, folder: Path, pack: Pack, start: datetime) -> Example:
        """The example in `folder`, as it reads at `start`."""
        texts = tomllib.loads((folder / "publications.toml").read_text(encoding="utf-8"))
        registers = tomllib.loads((folder / "registers.toml").read_text(encoding="utf-8"))
        matters = tomllib.loads((folder / "matters.toml").read_text(encoding="utf-8"))
        trials = tomllib.loads((folder / "trials.toml").read_text(encoding="utf-8"))
        return cls(
            pack,
            start.astimezone(SHANGHAI).replace(microsecond=0),
            tuple(texts["publication"]),
            tuple(texts["update"]),
            tuple(texts["withdrawal"]),
            tuple(registers["load"]),
            tuple(matters["matter"]),
            tuple(trials["trial"]),
        )

    def submissions(self) -> Iterator[Submission]:
        """Everything, in the order in which it is to be sent: later versions after first ones, trials last."""
        for entry in self.publications:
            yield from self._published(entry)
        for entry in self.updates:
            yield from self._updated(entry)
        for entry in self.withdrawals:
            yield from self._withdrawn(entry)
        for entry in self.loads:
            yield self._loaded(entry)
        for entry in self.matters:
            yield from self._moved(entry)
        for number, trial in enumerate(self.trials, 1):
            yield from self._tried(trial, number)

    def sample(self, dept: str) -> bytes:
        """One more publication of `dept`, for a reader to send by hand; the same day gives the same event."""
        event = self.event(self.publications[0], self.pack.department[dept], 1)
        event["subject"], event["id"] = (
            f"{dept}/by-hand-{self.start:%Y%m%d}",
            f"{dept}-by-hand-{self.start:%Y%m%d-%H%M%S}",
        )
        return _bytes(event)

    # publications, updates, withdrawals, registers

    def _published(self, entry: Entry) -> Iterator[Submission]:
        for number, dept in enumerate(self._selected(entry), 1):
            sender = self.pack.lead_office if "backfill" in entry else dept.code
            event = self.event(entry, dept, number)
            event["source"] = f"/departments/{self._heir(dept).code}"
            yield Submission(entry.get("way", "http"), sender, _bytes(event), "accepted", "backfill" in entry)

    def _updated(self, entry: Entry) -> Iterator[Submission]:
        first = self._named(entry["of"])
        for number, dept in enumerate(self._selected(entry), 1):
            event = self.event({**first, **entry}, dept, number, version=2)
            yield Submission("http", dept.code, _bytes(event), "accepted")

    def _withdrawn(self, entry: Entry) -> Iterator[Submission]:
        for dept in self._selected(entry):
            local = f"{entry['of']}-{self.start.year}"
            event = self._envelope(dept, f"{dept.code}-{local}-withdrawn", local, "withdrawn")
            event["data"] = {
                "item": self._named(entry["of"])["row"], "version": 1,
                "reason": entry["reason"], "notice": entry["notice"],
            }  # fmt: skip
            yield Submission("http", dept.code, _bytes(event), "accepted")

    def _loaded(self, entry: Entry) -> Submission:
        dept, register = self.pack.department[entry["dept"]], entry["register"]
        event = self._envelope(dept, f"{dept.code}-{register}-{self.start.year}", register, "")
        event |= {
            "type": "cn.gongkai.register.loaded.v1",
            "data": {"register_name": register, "records": entry["records"]},
        }
        return Submission("http", dept.code, _bytes(event), "accepted")

    # matters

    def _moved(self, entry: Entry) -> Iterator[Submission]:
        """A matter's first event and its steps, ten minutes apart, the last of them just before the start."""
        local, words = f"{entry['id']}-{self.start.year}", self._moments()
        steps = (entry, *entry.get("step", ()))
        for number, step in enumerate(steps):
            dept, at = step.get("dept", entry["dept"]), self.start - STEP * (len(steps) - number)
            event = self._envelope(self.pack.department[dept], f"{dept}-{local}-{number}", local, "")
            event |= {
                "type": f"cn.gongkai.{entry['family']}.{'stepped' if number else entry['verb']}.v1",
                "subject": f"{entry['dept']}/{local}", "time": at.isoformat(),
                "data": _stepped(step, dept, at) if number else _begun(entry, at),
            }  # fmt: skip
            yield Submission("http", dept, _bytes(_worded(event, words)), "accepted")

    def _moments(self) -> dict[str, str]:
        """Days and instants by the words that texts have for them."""
        today = self.start.date()
        return {
            "today": today.isoformat(), "in_7_days": (today + timedelta(days=7)).isoformat(),
            "in_40_days": (today + timedelta(days=40)).isoformat(), "this_year": str(today.year),
            "hours_ago_3": (self.start - timedelta(hours=3)).isoformat(),
        }  # fmt: skip

    # trials

    def _tried(self, trial: Entry, number: int) -> Iterator[Submission]:
        way: Way = trial.get("way", "http")
        expect, sender = trial["expect"], trial["dept"]
        if "of" not in trial:
            yield Submission(way, sender, _raw(trial), expect)
            return
        event = self._trial_event(trial, number)
        if trial.get("rival"):
            yield Submission(
                way, sender, _bytes(self._trial_event({"of": trial["of"], "dept": sender}, number)), "accepted"
            )
            event["id"] += "-rival"
        yield Submission(
            way, sender, _bytes(event), expect, event["data"].get("backfill", False) and expect == "REJ-BACKFILL"
        )

    def _trial_event(self, trial: Entry, number: int) -> dict[str, Any]:
        dept = self.pack.department[trial["dept"]]
        event = self.event(self._named(trial["of"]), dept, number)
        if not trial.get("reuse"):
            local = f"trial-{number}-{self.start.year}"
            event["subject"], event["id"] = f"{dept.code}/{local}", f"{dept.code}-{local}-v1"
        for place, value in trial.get("set", {}).items():
            _put(event, place, value)
        for place in trial.get("drop", ()):
            _drop(event, place)
        if grow := trial.get("grow"):
            _put(event, grow["place"], "长" * (grow["to"] // 3 + 1))
        self._sign(event["data"], dept, signed=not trial.get("unsigned"))
        return event

    # one event

    def event(self, entry: Entry, dept: Department, number: int, version: int = 1) -> dict[str, Any]:
        """The event of `entry` for `dept`, signed and reviewed."""
        days = {name: self._day(day) for name, day in entry["dates"].items()}
        words = self._words(dept, number, days)
        local = f"{entry['id']}-{self.start.year}"
        event = self._envelope(
            dept, f"{dept.code}-{local}-v{version}", local, "submitted" if version == 1 else "updated"
        )
        event["data"] = {
            "item": entry["row"], "kind": entry["kind"], "version": version,
            "title": entry["title"].format_map(words), "body": entry["body"].strip().format_map(words),
            "responsible_dept": dept.code, "disclosure_attr": "主动公开",
            "five_open": self.pack.row[entry["row"]].five_open, "channels": entry["channels"],
            "elements": {name: text.format_map(words) for name, text in entry.get("elements", {}).items()},
            "dates": {name: day.isoformat() for name, day in days.items()},
            **_templated(entry, words),
        }  # fmt: skip
        if "backfill" in entry:
            event["data"] |= {"backfill": True, "published_on": entry["backfill"]}
        self._sign(event["data"], dept)
        return event

    def _envelope(self, dept: Department, event_id: str, local: str, verb: str) -> dict[str, Any]:
        return {
            "specversion": "1.0", "id": event_id, "source": f"/departments/{dept.code}",
            "type": f"cn.gongkai.publication.{verb}.v1", "subject": f"{dept.code}/{local}",
            "time": self.start.isoformat(), "datacontenttype": "application/json",
        }  # fmt: skip

    def _sign(self, data: dict[str, Any], dept: Department, *, signed: bool = True) -> None:
        """Sign-offs over the content as it stands now, and the secrecy review where none is there yet."""
        digests = [file["sha256"] for file in data.get("attachments", ())]
        content = content_sha256(data["title"], data["body"], digests)
        at = (self.start - timedelta(hours=2)).isoformat()
        data["sign_offs"] = [
            {"level": level, "role": role, "person": f"{dept.code}-{level}{n % 2}", "at": at, "content_sha256": content}
            for n, (role, level) in enumerate(_SIGNERS)
        ] if signed else []  # fmt: skip
        data.setdefault("secrecy_review", {"reviewer": f"{dept.code}-0", "dept": dept.code, "result": "公开", "at": at})

    # helpers

    def _day(self, day: int | str) -> date:
        """A working day before the start, or the day itself where it is written out."""
        if isinstance(day, str):
            return date.fromisoformat(day)
        calendar, found = calendar_of(self.pack), self.start.date()
        while day > 0:
            found -= timedelta(days=1)
            day -= calendar.is_workday(found)
        return found

    def _words(self, dept: Department, number: int, days: Mapping[str, date]) -> dict[str, object]:
        spelled = {name: f"{day.year}年{day.month}月{day.day}日" for name, day in days.items()}
        year = next(iter(days.values())).year
        return {
            "name": dept.name, "short": dept.short_name, "leader": dept.leader_post, "code": dept.code,
            "n": number, **spelled, "year": year, "this_year": self.start.year,
        }  # fmt: skip

    def _heir(self, dept: Department) -> Department:
        """The department that has the tasks of `dept` today."""
        while not dept.in_force(self.start.date()) and dept.successor:
            dept = self.pack.department[dept.successor]
        return dept

    def _named(self, name: str) -> Entry:
        return next(entry for entry in self.publications if entry["id"] == name)

    def _selected(self, entry: Entry) -> Iterable[Department]:
        wanted = set(entry["depts"])
        return [
            dept
            for dept in self.pack.departments
            if dept.code in wanted
            or (dept.in_force(self.start.date()) and wanted & {f"class:{dept.class_}", f"level:{dept.level}"})
        ]


def _templated(entry: Entry, words: Mapping[str, object]) -> dict[str, Any]:
    """The optional members, filled in."""
    texts = {
        name: entry[name].format_map(words)
        for name in ("short_title", "docno", "topic", "late_reason")
        if name in entry
    }
    links = [{"rel": link["rel"], "target": link["target"].format_map(words)} for link in entry.get("links", ())]
    return texts | ({"links": links} if links else {})


def _bytes(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _raw(trial: Entry) -> bytes | None:
    if "raw_hex" in trial:
        return bytes.fromhex(trial["raw_hex"])
    return trial["raw"].encode() if "raw" in trial else None


def _put(event: dict[str, Any], place: str, value: object) -> None:
    *path, last = place.split(".")
    for step in path:
        event = event[step]
    event[last] = deepcopy(value)


def _drop(event: dict[str, Any], place: str) -> None:
    *path, last = place.split(".")
    for step in path:
        event = event[step]
    del event[last]


def _begun(entry: Entry, at: datetime) -> Entry:
    return {**entry["data"], **({"at": at.isoformat()} if entry["family"] == "matter" else {})}


def _stepped(step: Entry, dept: str, at: datetime) -> Entry:
    return {
        "step": step["step"], "actor_dept": dept, "actor_role": "经办", "at": at.isoformat(),
        "fields": step.get("fields", {}),
    }  # fmt: skip


def _worded(value: Any, words: Mapping[str, str]) -> Any:
    """The same value with the words of its texts filled in."""
    if isinstance(value, str):
        return value.format_map(words)
    if isinstance(value, list):
        return [_worded(one, words) for one in value]
    return {name: _worded(one, words) for name, one in value.items()} if isinstance(value, dict) else value
