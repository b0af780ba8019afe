"""One rule as the book tells it, and the groups the book is divided into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.records import Sentence, Severity

Group = Literal[
    "decode",
    "door",
    "file",
    "judge",
    "text",
    "store",
    "engine",
    "catalogue",
    "pack",
    "clock",
    "matter",
    "kind",
    "calendar",
]

GROUPS: dict[Group, Sentence] = {
    "decode": Sentence(zh="读取事件", en="Reading an event"),
    "door": Sentence(zh="接收入口", en="At the door"),
    "file": Sentence(zh="文件投放", en="In the file drop"),
    "judge": Sentence(zh="发布审核", en="By the rules"),
    "text": Sentence(zh="文本检查", en="Of the text"),
    "store": Sentence(zh="跨记录核对", en="Where records meet"),
    "engine": Sentence(zh="平台自身", en="Of the engine itself"),
    "catalogue": Sentence(zh="目录校验", en="Of a catalogue"),
    "pack": Sentence(zh="城市包校验", en="Of a city pack"),
    "clock": Sentence(zh="法定期限", en="Statutory clocks"),
    "matter": Sentence(zh="事项流程", en="Of matters and their steps"),
    "kind": Sentence(zh="发布体裁", en="Kinds of publication"),
    "calendar": Sentence(zh="放假安排", en="Calendars"),
}
"""Group to its heading, in the book's order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in words. Sentences may hold `{…}`, which a finding fills in with the values at fault."""

    id: str
    """As findings, reports and addresses name it."""
    group: Group
    title: str
    """Chinese, short."""
    basis: str
    source: str
    """File or folder it stands in; those of the pack without the pack's own folder."""
    severity: Severity | None = None
    """None where it refuses nothing by itself, such as a calendar."""
    message: Sentence | None = None
    remedy: Sentence | None = None
    facts: tuple[tuple[str, str], ...] = ()
    """What else belongs to it, a Chinese term and its text each."""
    example: str = ""
    """What a clerk may read, filled in with values that are made up."""
