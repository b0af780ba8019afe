"""Matters made ready to show: whatever the lifecycle, from progress and from what the pack says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from urllib.parse import urlsplit

from consumers.portal.matters.queries import Found, Shown, fields_of
from consumers.portal.shelf import SHANGHAI
from consumers.portal.site import Site, matter_path
from consumers.portal.tables import Row
from schemas.city.expressions import filled, read
from schemas.city.matters import Guard, Lifecycle, StepField
from schemas.records import DutyNotice, Gap, Progress

_HOURS = timedelta(days=3)
"""Up to here what is left is told in hours and minutes."""


@dataclass(frozen=True)
class Said:
    """A field as it is shown."""

    name: str
    text: str
    url: str = ""
    """Where its text is an address that a browser may follow."""


@dataclass(frozen=True)
class DueView:
    """Something due, and how long it still has by the page's clock."""

    duty: DutyNotice
    left: str
    over: bool
    """Whether it is over its time and not done."""


@dataclass(frozen=True)
class ChainLink:
    """A part of the chain that the lifecycle asks for."""

    step: str
    name: str
    taken: Sequence[Shown]
    gaps: Sequence[Gap]
    """Rules that miss it."""
    missed: bool


@dataclass(frozen=True)
class MatterLine:
    """A matter in a list."""

    row: Row
    site: Site

    @property
    def path(self) -> str:
        """Of its page."""
        return matter_path(self.row.subject)

    @property
    def dept_name(self) -> str:
        """Who is responsible first."""
        known = self.site.departments.get(self.row.dept)
        return known.short_name if known else str(self.row.dept)

    @cached_property
    def progress(self) -> Progress:
        """How it stands."""
        return Progress.model_validate_json(self.row.doc)

    @cached_property
    def fields(self) -> Sequence[Said]:
        """What was said last of each public field."""
        lifecycle = self.site.pack.lifecycle.get(self.row.lifecycle)
        known = {field.id: field for step in lifecycle.steps for field in step.fields} if lifecycle else {}
        return [said(self.site, known.get(name), name, text) for name, text in fields_of(self.row).items()]

    def dues(
        self, clocks: Sequence[str], now: datetime, told: Mapping[str, DutyNotice] = MappingProxyType({})
    ) -> list[DueView]:
        """What is due by some clocks, or by any where none is named; `told` knows of days that were set anew since."""
        wanted = [duty for duty in self.progress.dues if not clocks or duty.clock in clocks]
        return [due_view(newest(self.progress, duty, told.get(duty.duty)), now) for duty in wanted]


class MatterView(MatterLine):
    """A matter's own page."""

    def __init__(
        self, found: Found, site: Site, lifecycle: Lifecycle | None, now: datetime, told: Mapping[str, DutyNotice]
    ) -> None:
        super().__init__(found.row, site)
        self.found = found
        self.lifecycle = lifecycle
        self.now = now
        self.told = told

    @cached_property
    def chain(self) -> list[ChainLink]:
        """Every link that the lifecycle's guards ask for as a record, in the lifecycle's order."""
        if self.lifecycle is None:
            return []
        asked = mandatory(self.lifecycle)
        names = {step.id: step.name for step in reversed(self.lifecycle.steps)}
        return [self._link(step, names[step], guards) for step, guards in asked.items()]

    @cached_property
    def other_gaps(self) -> list[Gap]:
        """What is missing beside links of the chain."""
        told = {gap.rule for link in self.chain for gap in link.gaps}
        return [gap for gap in self.found.progress.gaps if gap.rule not in told]

    @property
    def departments(self) -> list[tuple[str, str]]:
        """Code and name of who is responsible."""
        return [(code, self.site.department_name(code)) for code in self.found.progress.depts]

    @property
    def dates(self) -> list[DueView]:
        """Everything that is or was due."""
        return self.dues((), self.now, self.told)

    def by(self, shown: Shown) -> str:
        """Who took a step, in words."""
        return self.site.department_name(shown.progress.dept) if shown.progress.dept else ""

    def said(self, shown: Shown) -> list[Said]:
        """What a step says."""
        forms = self.lifecycle.step.get(shown.progress.step, ()) if self.lifecycle else ()
        known = {field.id: field for form in forms for field in form.fields}
        labels = shown.progress.labels
        pairs = shown.progress.fields.items()
        return [said(self.site, known.get(name), labels.get(name, name), text) for name, text in pairs]

    def _link(self, step: str, name: str, guards: Sequence[Guard]) -> ChainLink:
        taken = [each for each in self.found.steps if each.progress.step == step]
        rules = {guard.id for guard in guards}
        gaps = [gap for gap in self.found.progress.gaps if gap.rule in rules]
        done = bool(self.found.progress.counts.get(step))
        return ChainLink(step, name, taken, () if done else gaps, not done and bool(gaps))


def mandatory(lifecycle: Lifecycle) -> Mapping[str, Sequence[Guard]]:
    """Steps without which a later one leaves a gap, in the lifecycle's order, with the guards that ask for them."""
    asked: dict[str, list[Guard]] = {}
    for guard in (guard for step in lifecycle.steps for guard in step.guards if guard.mode == "gap"):
        for group, name in read(guard.holds).used:
            if group == "done":
                asked.setdefault(name, []).append(guard)
    return {name: asked[name] for name in lifecycle.step if name in asked}


def sentence(gap: Gap) -> str:
    """What is missing, for readers; what only the step itself knew stays open."""
    return filled(gap.message.zh, lambda _: "……")


def said(site: Site, field: StepField | None, name: str, text: str) -> Said:
    """A field in words: choices by their labels, departments by their names, instants in local time."""
    shown = field.name if field else name
    if field is None:
        return Said(shown, text, _address(text))
    return Said(shown, "、".join(_worded(site, field, text)), _address(text) if field.type == "text" else "")


def newest(progress: Progress, duty: DutyNotice, told: DutyNotice | None) -> DutyNotice:
    """A duty by the matter's last step, or by what was told of it since: another day, an exemption.

    The two come on topics of their own. What was told stands unless a step came after it that changed how it stands.
    """
    if told is None or (told.state != duty.state and (told.at is None or told.at < progress.at)):
        return duty
    return told


def due_view(duty: DutyNotice, now: datetime) -> DueView:
    """How long a duty has."""
    if duty.state not in {"open", "paused"}:
        late = "，逾期" if duty.late else "，按期"
        return DueView(duty, "已免除" if duty.state == "exempt" else f"已完成{late}", over=False)
    if duty.state == "paused":
        return DueView(duty, "暂停计时", over=False)
    end = duty.due_at or datetime(duty.due.year, duty.due.month, duty.due.day, tzinfo=SHANGHAI) + timedelta(days=1)
    gap = end - now
    return DueView(duty, f"{'超过' if gap < timedelta() else '还剩'}{_length(abs(gap))}", over=gap < timedelta())


def _length(gap: timedelta) -> str:
    minutes = int(gap.total_seconds()) // 60
    if gap > _HOURS:
        return f" {gap.days} 天"
    return f" {minutes // 60} 小时 {minutes % 60} 分"


def _worded(site: Site, field: StepField, text: str) -> Iterator[str]:
    if field.type in {"dept", "depts"}:
        yield from (site.department_name(code) for code in text.split())
    elif field.type in {"choice", "choices"}:
        labels = dict(zip(field.choices, field.labels, strict=False))
        yield from (labels.get(each, each) for each in ([text] if field.type == "choice" else text.split()))
    elif field.type == "instant":
        yield _local(text)
    else:
        yield text


def _local(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    except ValueError:
        return text


def _address(text: str) -> str:
    """`text`, where it is an address of the web and nothing else."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc and " " not in text else ""
