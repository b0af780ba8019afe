"""A lifecycle that leads nowhere is refused with file, line and what to do; what is in force stays untouched."""

# ruff: noqa: E501 - a broken file a line reads best side by side
from __future__ import annotations

import pytest

from schemas.city import PackError, Problem, load_pack
from tests.support.small_city import small_city

FILE = "matters/thing.toml"
LIFECYCLES = ("matters/", "duties", "forms", "counters", "platforms")
"""Files of lifecycles, and those that name some."""
THING = """\
name = "事项"
family = "matter"
basis = "本市规则"
title = "what"
states = [
    { id = "OPEN", name = "在办" },
    { id = "ASKED", name = "征求意见" },
    { id = "DONE", name = "办结", end = true },
]

[[steps]]
id = "opened"
name = "立项"
to = "OPEN"
by = ["issuer"]
rule = "T-01"
fields = [
    { id = "what", name = "事项" },
    { id = "level", name = "级别", type = "choice", choices = ["重大", "一般"] },
    { id = "held_on", name = "日期", type = "date" },
]

[[steps]]
id = "asked"
name = "征求意见"
from = ["OPEN"]
to = "ASKED"
by = ["main"]
rule = "T-02"
begins = "asking"

[[steps]]
id = "answered"
name = "答复意见"
from = ["ASKED"]
to = "OPEN"
by = ["main", "helper"]
rule = "T-03"
ends = "asking"

[[steps]]
id = "closed"
name = "办结"
from = ["OPEN"]
to = "DONE"
by = ["main", "engine"]
rule = "T-04"
[[steps.guards]]
id = "T-05"
holds = "matter.level == '重大' and done('asked') and today >= matter.held_on"
basis = "本市规则"
zh = "自{last('asked')}起"
en = "since"
remedy_zh = "补"
remedy_en = "mend"

[[clocks]]
id = "work"
name = "办理"
rule = "CLK-01"
limits = [{ clock = "CLK-01" }]
opened_by = ["opened"]
closed_by = ["closed"]
paused_by = ["asked"]
resumed_by = ["answered"]

[[triggers]]
on = "published"
step = "closed"
rel = "follows"
kinds = ["notice"]
when = "publication.item == '01-01'"

[roles]
helper = "协办"
"""


def problems(text: str) -> tuple[Problem, ...]:
    held = {name: value for name, value in small_city().items() if not name.startswith(LIFECYCLES)}
    try:
        load_pack(held | {FILE: text.encode()})
    except PackError as error:
        return error.problems
    return ()


BROKEN = {
    "a state that nothing leads to": (
        '    { id = "DONE"', '    { id = "LOST", name = "失落" },\n    { id = "DONE"', "PACK-FLOW", '"LOST"', "no step leads to state LOST",
    ),
    "a state without a way out": ('from = ["ASKED"]', 'from = ["OPEN"]', "PACK-FLOW", '"ASKED"', "ASKED is no end"),
    "two clocks of one name": (
        "[[triggers]]", ('[[clocks]]\nid = "work"\nname = "二"\nrule = "R"\nlimits = [{ clock = "CLK-01" }]\n'
        'opened_by = ["opened"]\nclosed_by = ["closed"]\n\n[[triggers]]'), "PACK-DOUBLE", 'id = "work"', "2 clocks are called 'work'",
    ),
    "a state that is not there": ('to = "DONE"', 'to = "GONE"', "PACK-REF", '"GONE"', "'GONE' is not a state"),
    "a role that is not there": ('by = ["main", "helper"]', 'by = ["main", "nobody"]', "PACK-REF", '"nobody"', "'nobody' is not a role"),
    "a step that is not there": ('closed_by = ["closed"]', 'closed_by = ["ended"]', "PACK-REF", '"ended"', "'ended' is not a step"),
    "a statutory clock that is not there": (
        '[{ clock = "CLK-01" }]', '[{ clock = "CLK-99" }]', "PACK-REF", 'CLK-99', "'CLK-99' is not a clock of clocks.toml",
    ),
    "a ladder that is not there": ('id = "work"', 'id = "work"\nladder = "steep"', "PACK-REF", '"steep"', "'steep' is not a ladder"),
    "a role that owes and is not there": ('id = "work"', 'id = "work"\nowed_by = "who"', "PACK-REF", '"who"', "'who' is not a role"),
    "no expression at all": ("done('asked') and", "done('asked') and and", "PACK-EXPR", 'holds =', "(character 4"),
    "a name that is none": ("today >= matter.held_on", "tomorrow >= 1", "PACK-EXPR", 'holds =', "'tomorrow' is no name here (character"),
    "a missing field": ("matter.level ==", "matter.size ==", "PACK-EXPR", 'holds =', "no step of thing records a field 'size'"),
    "another step's field": ("matter.level ==", "fields.level ==", "PACK-EXPR", 'holds =', "the step records no field 'level'"),
    "a missing step in an expression": ("done('asked')", "done('slept')", "PACK-EXPR", 'holds =', "'slept' is not a step of thing"),
    "a missing clock in an expression": ("done('asked')", "running('x')", "PACK-EXPR", 'holds =', "'x' is not a clock of thing"),
    "a missing branch": ("done('asked')", "open('x')", "PACK-EXPR", 'holds =', "'x' is not a branch"),
    "a missing link word": ("done('asked')", "links('x') > 0", "PACK-EXPR", 'holds =', "'x' is not a link word"),
    "text beside a day": ("today >= matter.held_on", "today >= '2026'", "PACK-EXPR", 'holds =', "a day is compared with a text"),
    "a number beside a text": ("matter.level == '重大'", "matter.what == 3", "PACK-EXPR", 'holds =', "a text is compared with a number"),
    "a word that is no choice": ("== '重大'", "== '特大'", "PACK-EXPR", 'holds =', "'特大' is no choice of level: 重大、一般"),
    "a hole in a sentence": ("{last('asked')}", "{last('dreamt')}", "PACK-EXPR", 'dreamt', "'dreamt' is not a step"),
    "a gap that asks what its step alone said": (
        'id = "T-05"', 'id = "T-06"\nholds = "reason"\nmode = "gap"\nbasis = "规"\nzh = "缺{fields.note}"\nen = "e"\nremedy_zh = "补"\nremedy_en = "m"\n\n[[steps.guards]]\nid = "T-05"',
        "PACK-EXPR", 'id = "T-06"', "its sentence can't ask what the step alone said",
    ),
    "a pause nobody ends": ('resumed_by = ["answered"]', "", "PACK-FLOW", 'paused_by', "may be paused where no step that resumes"),
    "a clock nobody closes": ('closed_by = ["closed"]', "closed_by = []", "PACK-FLOW", 'closed_by', "no step that closes or exempts it"),
    "two forms for one state": (
        "[[clocks]]", '[[steps]]\nid = "closed"\nname = "另结"\nfrom = ["OPEN"]\nto = "DONE"\nby = ["main"]\nrule = "T"\n\n[[clocks]]',
        "PACK-DOUBLE", 'from = ["OPEN"]', "two forms of 'closed' fit state OPEN",
    ),
    "a form alone that may not fit": ('rule = "T-04"', 'rule = "T-04"\nwhen = "attachments > 0"', "PACK-FLOW", 'when =', "none may fit"),
    "a field of two types": (
        'begins = "asking"', 'begins = "asking"\nfields = [{ id = "held_on", name = "日期" }]', "PACK-DOUBLE", '{ id = "held_on", name = "日期" }]', "is text here and date in opened",
    ),
    "a title that no step says": ('title = "what"', 'title = "name"', "PACK-REF", 'title =', "no step records a field 'name'"),
    "a branch that nobody ends": ('ends = "asking"\n', "", "PACK-FLOW", 'begins =', "begins branch 'asking', which no step ends"),
    "a trigger of an unknown kind": ('kinds = ["notice"]', 'kinds = ["rumour"]', "PACK-REF", 'rumour', "'rumour' is not a kind"),
    "a trigger of an unknown step": ('step = "closed"', 'step = "shut"', "PACK-REF", '"shut"', "'shut' is not a step"),
    "a trigger's step that is not the engine's": ('"main", "engine"', '"main"', "PACK-FLOW", 'step = "closed"', "is not for `engine`"),
    "what no publication has": ("publication.item", "publication.colour", "PACK-EXPR", 'colour', "a publication has no 'colour'"),
    "a type that is none": ('type = "date"', 'type = "day"', "PACK-VALUE", '"day"', "Input should be"),
    "a state beside any state": ('from = ["ASKED"]', 'from = ["*", "ASKED"]', "PACK-DOUBLE", '"ASKED"', "'ASKED' among them"),
    "a role beside anybody": ('by = ["main", "helper"]', 'by = ["*", "helper"]', "PACK-VALUE", "", "nobody stands beside it"),
    "a pattern that can't be read": (
        '{ id = "what", name = "事项" }', '{ id = "what", name = "事项", pattern = "[z-a]", example = "a" }', "PACK-VALUE", "", "is no pattern",
    ),
    "a lapse that closes twice": ('id = "work"', 'id = "work"\nlapse = "closed"', "PACK-VALUE", "", "closed_by names others only"),
    "a word that is no key": ('name = "办结"\nfrom', 'nome = "办结"\nfrom', "PACK-VALUE", 'nome', "Extra inputs"),
}  # fmt: skip


def test_the_sound_one_is_taken() -> None:
    assert problems(THING) == ()


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_a_lifecycle_names_its_line(name: str) -> None:
    old, new, code, stands, said = BROKEN[name]
    assert THING.count(old) >= 1
    broken = THING.replace(old, new, 1)
    found = problems(broken)
    told = [one for one in found if one.code == code and said in one.message]
    assert told, found
    lines = broken.splitlines()
    assert told[0].file == FILE
    assert stands in lines[told[0].row - 1]
    assert told[0].row > 1


def test_of_two_alike_the_second_is_named() -> None:
    """The same word stands on many lines; the one meant is in the second clock's table."""
    second = '[[clocks]]\nid = "more"\nname = "二"\nrule = "R"\nlimits = [{ clock = "CLK-01" }]\n'
    second += 'opened_by = ["opened"]\nclosed_by = ["ended"]\n\n[[triggers]]'
    broken = THING.replace("[[triggers]]", second)
    (found,) = problems(broken)
    assert (found.column, found.row) == ("more.closed_by", broken[: broken.index('["ended"]')].count("\n") + 1)


def test_a_beginning_that_leads_nowhere_is_told_also_where_a_step_closes_from_any_state() -> None:
    broken = THING.replace('to = "OPEN"\nby = ["issuer"]', 'by = ["issuer"]')
    broken = broken.replace('from = ["OPEN"]\nto = "DONE"', 'from = ["*"]\nto = "DONE"')
    found = '[[steps]]\nid = "found"\nname = "发现"\nto = "OPEN"\nby = ["issuer"]\nrule = "T-06"\n\n[[clocks]]'
    broken = broken.replace("[[clocks]]", found, 1)
    assert any("leads to no state" in one.message for one in problems(broken))


def test_every_fault_is_told_at_once() -> None:
    broken = THING.replace('kinds = ["notice"]', 'kinds = ["rumour"]').replace("done('asked')", "done('slept')")
    assert {one.code for one in problems(broken)} == {"PACK-REF", "PACK-EXPR"}


def test_a_broken_file_leaves_what_was_read_before_as_it_is() -> None:
    held = {name: value for name, value in small_city().items() if not name.startswith(LIFECYCLES)}
    sound = load_pack(held | {FILE: THING.encode()})
    assert problems(THING.replace('to = "DONE"', 'to = "GONE"'))
    assert [one.id for one in sound.lifecycles] == ["thing"]
    assert sound.lifecycle["thing"].state.keys() == {"OPEN", "ASKED", "DONE"}
