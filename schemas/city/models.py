"""The parts of a city pack: what a city tells the engine about itself, every part dated.

A pack's files are written by people, so an unknown key is an error here, unlike in events.
"""

from __future__ import annotations

import re
from datetime import date, time
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.base import Code
from schemas.events.common import Audience, FiveOpen
from schemas.events.publications import DateName
from schemas.records import Severity

Level = Literal["市", "区", "街镇", "村居"]
Mode = Literal["主动", "依申请"]
Principle = Literal["以公开促落实", "以公开促规范", "以公开促服务", "以公开促廉洁"]
Unit = Literal["WD", "CD", "H", "M"]
"""Working days, calendar days, clock hours, months (RULES, units)."""
Platform = Literal["portal", "gazette", "wechat", "weibo"]

CHANNELS = (
    "政府网站", "政府公报", "两微一端", "发布会/听证会", "广播电视", "纸质媒体", "公开查阅点",
    "政务服务中心", "便民服务站", "入户/现场", "社区/企事业单位/村公示栏(电子屏)", "精准推送", "其他",
)  # fmt: skip
"""The 13 boxes of 公开渠道和载体 in the standard catalogues (RULES §1.9)."""

SignOffName = Literal["1审", "1校", "2审", "2校", "3审", "3校"]

SIGN_OFFS: tuple[SignOffName, ...] = ("1审", "1校", "2审", "2校", "3审", "3校")
"""The six sign-offs of 三审三校 (RULES §2.1)."""

LEVEL_WORDS: dict[str, Level] = {"市级": "市", "县级": "区", "乡级": "街镇", "村级": "村居"}
"""公开层级 as the catalogues write it, and the level of department it means."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no pattern: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
"""A regular expression, in Python's syntax."""
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
"""A cell of a catalogue that people wrote."""


class Part(BaseModel):
    """A part of a pack: frozen, and strict about what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Dated(Part):
    """Something in force between two days, both included."""

    from_: date = Field(date.min, alias="from")
    to: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether `day` lies within."""
        return self.from_ <= day and (self.to is None or day <= self.to)

    def overlaps(self, other: Dated) -> bool:
        """Whether there is a day on which both are in force."""
        return self.from_ <= (other.to or date.max) and other.from_ <= (self.to or date.max)


class City(Part):
    """`city.toml`: the city's names and the settings that belong to no other file."""

    release: Code
    name: Code
    division: Annotated[str, Field(pattern=r"^\d{6}$")]
    """行政区划代码; a real city's own, 999900 for the fictional one."""
    domain: Code
    site_id: Annotated[str, Field(pattern=r"^(\d{10}|bm\d{8})$")]
    """网站标识码 (RULES §1.8)."""
    site_name: Code
    notice: str = ""
    """What every page says at its foot, where the city has something to say: that its data is an example's, perhaps."""
    lead_office: Code
    """Department that leads the openness work; its key alone brings history in."""
    go_live: date
    """Day from which departments publish through the bus, unless a department has its own."""
    classes: dict[str, str]
    """Class of departments to its name, as the assessment ranks them."""
    quota_classes: tuple[Code, ...]
    """Most urgent first."""
    link_rels: tuple[Code, ...]
    """The words a link's `rel` may be."""
    first_channel: Code = "政府网站"
    """第一平台: a row that ticks it is published there, whatever else it names."""
    public_channels: tuple[Code, ...] = CHANNELS[:7]
    """Channels everybody reads; what is meant for 特定群体 never goes there."""
    clock_before: Annotated[int, Field(ge=0)] = 86_400
    """Seconds an event's time may lie before its arrival."""
    clock_after: Annotated[int, Field(ge=0)] = 300
    """Seconds an event's time may lie after its arrival."""
    one_person_a_level: bool = True
    """Whether one person may both review and proofread at one level."""


class Department(Dated):
    """A department, office, street or village that publishes."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]
    uscc: Annotated[str, Field(min_length=18, max_length=18)]
    name: Code
    short_name: Code
    level: Level
    parent: Code | None = None
    class_: Code = Field(alias="class")
    leader_post: Code
    """The post that answers for it (第一责任人), never a person's name."""
    successor: Code | None = None
    """Who took its tasks over after `to`."""
    go_live: date | None = None


CRON = r"^[+=]?(0[1-9]|1[0-2]|\*|Q[1-3]|H[1-6])-(0[1-9]|[12]\d|3[01])$"
"""A day fixed by name: `01-31` each year, `*-01` each month, `Q1-15` in the first month of each quarter, `H6-31` in the
last of each half-year; a day that a month lacks is its last. With `+` it is that of the next year, month …, with `=`
that of the same."""


class TimeLimit(Part):
    """公开时限 as a machine reads it (RULES §1.9)."""

    trigger: DateName | Literal["cron"]
    n: Annotated[int, Field(ge=0, le=1_000)] = 0
    unit: Unit = "WD"
    cron: Annotated[str, Field(pattern=CRON)] | None = None
    """With trigger `cron`: the day, by which, or from which `n` counts."""
    min_display: tuple[Annotated[int, Field(ge=1, le=1_000)], Unit] | None = None
    """How long a notice must stay up at least."""
    vague: bool = False
    """及时公开 and kin, where the number is the project's own."""
    way: Literal["after", "before"] = "after"
    """`before`: so much ahead of the trigger, as papers of a hearing are sent out."""
    lasting: bool = False
    """长期公开: it stays public without end."""
    raw: str


class Clock(Dated):
    """A statutory clock, which a catalogue row may undercut but never exceed (CAT-E07)."""

    id: Code
    name: Code
    trigger: DateName | Literal["cron"]
    since: str = ""
    """What it counts from, in the law's words, where `trigger` says it too broadly: 收到补正材料."""
    n: Annotated[int, Field(ge=0, le=1_000)] = 0
    unit: Unit = "WD"
    cron: Annotated[str, Field(pattern=CRON)] | None = None
    min_display: tuple[Annotated[int, Field(ge=1, le=1_000)], Unit] | None = None
    way: Literal["after", "before"] = "after"
    sense: Literal["within", "least"] = "within"
    """`least`: a period that must run in full, as a comment period; the longer is the stricter."""
    parent: Code | None = None
    """The clock above this one in law; this one may be stricter, never looser."""
    profile: str = ""
    """Whose rule it is where cities choose among several: `generic`, `shandong` …"""
    status: Literal["", "M", "D"] = ""
    """`M`: to be read again at its source; `D`: the project's own choice (RULES, source tags)."""
    basis: Code
    applies_by: Literal["event", "arrival"] = "event"
    """Which day picks its edition: the day it counts from, or the day it arrived."""

    @property
    def limit(self) -> TimeLimit:
        """The clock as a time limit."""
        return TimeLimit(
            trigger=self.trigger, n=self.n, unit=self.unit, cron=self.cron, way=self.way,
            min_display=self.min_display, raw=self.since,
        )  # fmt: skip


class CatalogueRow(Dated):
    """One row of a 政务公开标准目录: the ten standard columns and what the machine adds."""

    code: Code
    """序号."""
    level1: Code
    level2: Code
    elements: tuple[Words, ...]
    """公开内容(要素) that a publication must have."""
    optional_elements: tuple[Words, ...] = ()
    basis: Words
    time_limit: TimeLimit
    publisher: Words
    """公开主体 as the catalogue says it; `depts` is what the machine reads."""
    channels: tuple[Code, ...]
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    modes: Annotated[tuple[Mode, ...], Field(min_length=1)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    catalogue: Code
    """Name of the file it came from."""
    group: Code
    """`basic`, `key-fields`, `other-key` …"""
    field: str = ""
    """Key field it belongs to."""
    depts: tuple[Code, ...]
    """Who may publish: `*`, a department's code, `class:B`, `level:区`; any of them, within `levels`."""
    kinds: tuple[Code, ...]
    clock: Code
    """The statutory clock above this row."""
    five_open: FiveOpen
    column: Code
    parent: Code | None = None
    """序号 of the row it inherits from: it may be stricter, never looser (CAT-E07)."""
    standard: str = ""
    """标准: what its quality is measured by."""
    procedure: str = ""
    """程序: how it is made, reviewed and released."""
    principles: tuple[Principle, ...] = ()
    """What its being public is for."""

    @cached_property
    def key(self) -> str:
        """Its code and first day: a row's editions follow one another under one code."""
        return f"{self.code} {self.from_}"


class Kind(Dated):
    """A kind of publication: what it needs beyond its row; its editions follow one another under one name."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]
    label: Code
    """The kind's name for citizens."""
    dates: tuple[DateName, ...] = ()
    """Days it must carry, beside the one its row's clock starts from."""
    elements: tuple[Code, ...] = ()
    """公开内容(要素) it must have beside its row's."""
    sections: tuple[Code, ...] = ()
    """Headings that its text must have, each on a line of its own."""
    template: str = ""
    """What its title looks like: `{机关}关于{事由}的{文种}`; a word in braces stands for any text, 文种 for the pack's
    kinds of 公文."""
    documents: tuple[Code, ...] = ()
    """Kinds of 公文 which this kind publishes though they are normally not: an annual report is a 报告."""
    valid: bool = False
    """Whether it is in force for the pack's years at most, and says until when."""
    docno: Literal["required", "allowed", "none"] = "allowed"
    gazette: bool = False
    """Whether it must be in the gazette, and so must name 政府公报 (RULES GZ-08)."""
    sign_offs: tuple[SignOffName, ...] = SIGN_OFFS
    secrecy: bool = True
    """Whether a secrecy review must be with it."""
    links: tuple[Code, ...] = ()
    """`rel`s of which it must name one each: an interpretation `interprets` its document."""
    quota_class: Code
    index: bool = True
    """Whether the portal gives it an index number."""
    column: Code | None = None
    """Portal column, where not its row's."""
    severity: dict[str, Severity] = {}
    """Reason code to severity, where this kind differs."""
    basis: Code


class Limits(Part):
    """The most that a platform takes, itself included; None is no limit. Counts are code points unless said."""

    title: Annotated[int, Field(ge=1)] | None = None
    author: Annotated[int, Field(ge=1)] | None = None
    digest: Annotated[int, Field(ge=1)] | None = None
    body: Annotated[int, Field(ge=1)] | None = None
    body_bytes: Annotated[int, Field(ge=1)] | None = None
    articles: Annotated[int, Field(ge=1)] | None = None
    """In one send."""
    url_bytes: Annotated[int, Field(ge=1)] | None = None


class Quota(Part):
    """So many sends in a period."""

    n: Annotated[int, Field(ge=1)]
    per: Literal["day", "month"]


class Outlet(Part):
    """Something that carries publications: the portal, a gazette, an account."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
    name: Code
    platform: Platform
    feed: Code
    """Topic, without prefix."""
    channels: tuple[Code, ...]
    """The catalogue's words for it."""
    department: Code | None = None
    """Whose account; None is the city's, which takes everybody's."""
    classes: tuple[Code, ...] = ()
    """Quota classes it takes; empty takes all."""
    levels: tuple[Level, ...] = ()
    """Levels of departments it takes, as a city's gazette takes the city's; empty takes all."""
    account: str = ""
    """The account's name on the platform."""
    account_type: Literal["", "subscription", "service"] = ""
    limits: Limits = Limits()
    quota: Quota | None = None
    slots: tuple[time, ...] = ()
    """Times of day (Asia/Shanghai) at which a send may go out; empty is any time."""
    settle_seconds: Annotated[float, Field(ge=0)] = 0
    """How long nothing new must have come before a send that is not full goes out."""
    policy_first_on_portal: bool = True
    """NM-06: not earlier than the portal."""
    basis: Code


class Column(Part):
    """A column of the portal, as its meta tags name it (RULES §1.8)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,60}$")]
    name: Code
    type: Code
    """ColumnType."""
    keywords: Code
    description: Code
    parent: Code | None = None
    max_age: Code | None = None
    """Clock within which something new must come (RULES §1.8); None: it changes when what it tells of does."""
    owner: Code | None = None
    """Department that keeps it up; None: the lead office."""


class CalendarYear(Part):
    """One year's official holiday schedule; a later version of a year replaces the earlier."""

    year: Annotated[int, Field(ge=1949, le=2200)]
    version: Annotated[int, Field(ge=1)]
    announced: date
    basis: Code
    off: tuple[date, ...]
    """Days off that the schedule names, weekends among them or not."""
    work: tuple[date, ...]
    """Make-up working days on a Saturday or Sunday."""
    overridden: tuple[date, ...] = ()
    """Days that the override file changed."""
    override_basis: str = ""
    """By what the override file says it does so; its name, where it says nothing."""
