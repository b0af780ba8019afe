"""One matter of the example city taken from step to step, and what was met on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

from rules.calendar import day_of
from rules.lifecycle import Advance, Duty, Matter, Move, advance
from schemas.city.matters import Step
from schemas.events.common import Attachment
from schemas.records import Finding
from tests.rules.making import pack

CITIZEN, ENGINE = "/portal", "/engine/matters"
GOOD = {"identity": "是", "contact": "是", "concrete": "是", "title_length": "12", "body_length": "300"}
FILE = Attachment(sha256="a" * 64, name="说明.pdf", type="application/pdf", size=1)
LATER = timedelta(seconds=1)


def instant(text: str) -> datetime:
    """`2026-02-10` (at nine) or `2026-02-10 15:30`, in Shanghai."""
    day, _, hour = text.partition(" ")
    return datetime.fromisoformat(f"{day}T{hour or '09:00'}:00+08:00")


class Walk:
    """A matter so far; a step that is refused leaves it as it was."""

    def __init__(self, lifecycle: str, subject: str = "zfb/2026-1") -> None:
        self.lifecycle = pack().lifecycle[lifecycle]
        self.subject = subject
        self.matter: Matter | None = None
        self.forms: list[Step] = []
        self.clocks: set[str] = set()
        self._ids = count(1)

    def send(self, step: str, when: str, who: str = "zfb", /, **said: str) -> Advance:
        """Send a step: `who` is a department, or a source beginning with a slash."""
        at = instant(when)
        arrival = instant(said.pop("arrival")) if "arrival" in said else at + LATER
        source = who if who.startswith("/") else f"/departments/{who}"
        dept = None if who.startswith("/") else who
        facts = {name[6:]: text for name, text in said.items() if name.startswith("facts_")}
        files = (FILE,) if said.pop("files", "") else ()
        reason = said.pop("reason", "")
        fields = {name: text for name, text in said.items() if not name.startswith("facts_")}
        move = Move(
            self.subject, self.lifecycle.family, step, source, f"e{next(self._ids)}", at, arrival,
            lifecycle=self.lifecycle.id if self.matter is None else None, sender=dept, actor=dept, fields=fields,
            reason=reason, attachments=files, personal=True, facts=GOOD | facts,
        )  # fmt: skip
        return self._came(advance(pack(), self.matter, move))

    def go(self, step: str, when: str, who: str = "zfb", /, **said: str) -> Advance:
        """A step that must be accepted; what follows from it of this same matter is taken at once."""
        given = self.send(step, when, who, **said)
        assert given.outcome == "accepted", [(one.rule, one.message.zh) for one in given.findings]
        for told in given.told:
            assert told.target == self.subject
            self.go(told.step, f"{told.at:%Y-%m-%d %H:%M}", ENGINE, **told.fields)
        return given

    def refused(self, step: str, when: str, who: str = "zfb", /, **said: str) -> list[Finding]:
        """What refuses a step."""
        given = self.send(step, when, who, **said)
        assert given.outcome == "rejected", step
        return [one for one in given.findings if one.severity != "warn"]

    def rules(self, step: str, when: str, who: str = "zfb", /, **said: str) -> list[str]:
        """The rules that refuse it, each with whole sentences."""
        found = self.refused(step, when, who, **said)
        for one in found:
            assert one.message.zh.endswith("。") and one.remedy.zh.endswith("。"), one
            assert "{" not in one.message.zh and "None" not in one.message.zh, one
        return [one.rule for one in found]

    def _came(self, given: Advance) -> Advance:
        if given.matter is not None:
            self.matter = given.matter
            assert given.step is not None
            self.forms.append(given.step)
            self.clocks |= {change.duty.clock for change in given.duties if change.what == "opened"}
        return given

    @property
    def state(self) -> str:
        """Where it stands."""
        assert self.matter is not None
        return self.matter.state

    def duty(self, clock: str) -> Duty:
        """The newest duty of a clock."""
        assert self.matter is not None
        return self.matter.duties[clock]

    def due(self, clock: str) -> date:
        """The day on which it falls due."""
        return day_of(self.duty(clock).due)
