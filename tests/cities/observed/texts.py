"""Text checks: what each word, name, mark, phrase and threshold of checks/ makes of a short text."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from rules.texts.numbers import luhn
from rules.texts.passage import About, Part
from rules.texts.scanner import scanner
from tests.cities.observed.asking import Question, World
from tests.cities.observed.events import found
from tests.cities.observed.portal import page
from tests.cities.observed.strange import STRANGE

SAMPLES = Path(__file__).parent / "samples.txt"
"""Texts written by hand, most of them for the expressions, which no word alone matches."""
_DAY = date(2026, 3, 10)
_PLAIN = [bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xB5) for cell in range(0xA1, 0xFF)]
"""Characters of everyday Simplified Chinese that make no words in this order."""
_BETWEEN = ["、", "，", "和", "与", "及", "以及"]
Asked = tuple[str, Callable[[World], str]]


def text_questions(world: World) -> Iterator[Question]:
    """Every table of every file of checks/, each by questions of its own kind."""
    samples = _samples()
    for file in sorted(name for name in world.files if name.startswith("checks/")):
        tables = tomllib.loads(world.files[file].decode())
        if strange := tables.keys() - _TABLES.keys():
            raise LookupError(f"no observer for {sorted(strange)} of {file}")
        asked: dict[str, Callable[[World], str]] = {}
        for name, table in tables.items():
            asked |= dict(_TABLES[name](table))
        asked |= {f"sample {text}": partial(_of, text=text) for text in samples.pop(file, ())}
        if any("attribute" in one for one in tables.get("patterns", ())):
            given = {
                f"on request, {key}": partial(ask, attribute="依申请公开")
                for key, ask in asked.items()
                if key.startswith("sample ")
            }  # type: ignore[call-arg]
            asked |= given
        codes = sorted({one["rule"] for one in tables.get("patterns", ())} | _CODES.get(file, set()))
        asked |= {f"page of {code}": partial(_page, code=code) for code in codes}
        for key, ask in asked.items():
            yield Question(file, key.replace("\n", "⏎"), ask)
    if samples:
        raise LookupError(f"samples for files that are not there: {sorted(samples)}")


_CODES = {
    "checks/dates.toml": {"TX-12"}, "checks/links.toml": {"TX-14"}, "checks/names.toml": {"TX-09"},
    "checks/people.toml": {"TX-11"}, "checks/personal.toml": {"TX-05"}, "checks/phrases.toml": {"TX-10"},
    "checks/remnants.toml": {"TX-13"}, "checks/scripts.toml": {"TX-17"}, "checks/titles.toml": {"TX-16"},
    "checks/typos.toml": {"TX-08"},
}  # fmt: skip


def _page(world: World, code: str) -> str:
    return page(world, f"/rules/{code}").partition(" 内容 ")[2]


def _samples() -> dict[str, list[str]]:
    """File of checks/ to its samples; `⏎` is a line break."""
    held: dict[str, list[str]] = {}
    for line in SAMPLES.read_text("utf-8").splitlines():
        if line.startswith("## "):
            held[line[3:]] = []
        elif line:
            held[list(held)[-1]].append(line.replace("⏎", "\n"))
    return held


def _of(
    world: World, text: str = "", title: str = "", *, day: date = _DAY, kind: str = "notice",
    attribute: str = "主动公开", cell: str = "",
) -> str:  # fmt: skip
    parts = [Part("title", "", "title", title), Part("body", "", "body", text), Part("cell", "", "cell", cell)]
    return found(scanner(world.pack).faults(parts, About(day, True, kind, attribute, 1)))


def _sentence(text: str) -> str:
    return f"现将{text}有关情况说明如下。"


def _in_sentences(words: Sequence[str]) -> Iterator[Asked]:
    for word in words:
        yield _sentence(word), partial(_of, text=_sentence(word))


def _typos(table: Mapping[str, Sequence[str]]) -> Iterator[Asked]:
    for right, wrongs in table.items():
        yield from _in_sentences((*wrongs, right, STRANGE))


def _allow(table: Mapping[str, Sequence[str]]) -> Iterator[Asked]:
    for word, longer in table.items():
        yield from _in_sentences((*longer, f"{STRANGE}{word}"))


def _patterns(table: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    for each in table:
        words = each["words"]
        for word in (*words, STRANGE):
            yield f"alone {word}", partial(_of, text=f"\n{word}\n依照规定公开。")
            yield from _in_sentences((word, f"{STRANGE}{word}"))
            yield f"title 关于{word}的办法", partial(_of, title=f"关于{word}的办法")
            yield f"title {STRANGE}{word}", partial(_of, title=f"{STRANGE}{word}")
            yield f"on request, alone {word}", partial(_of, text=f"\n{word}\n依照规定公开。", attribute="依申请公开")
        yield from _in_sentences(each.get("allow", ()))
        for more, word in product((*each.get("unless", ()), STRANGE), words[:1]):
            yield f"title {more}（{word}）", partial(_of, title=f"{more}（{word}）")
        for kind, word in product((*each.get("drafts", ()), STRANGE), words[:1]):
            yield f"title of {kind} 关于{word}的办法", partial(_of, title=f"关于{word}的办法", kind=kind)


def _phrases(table: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    for each in table:
        members, between = each["members"], each.get("separators", _BETWEEN)
        before, after = (*each.get("before", [""]), STRANGE), (*each.get("after", [""]), STRANGE)
        first = between[0] or "、"
        lists = [
            first.join(some)
            for some in (
                members, members[::-1], members[1:], members[:-1], members[:2], members[:3],
                [*members[:-1], STRANGE], [*members, STRANGE],
            )
        ]  # fmt: skip
        lists += [
            one.join((members[1], members[0], *members[2:])) for one in dict.fromkeys((*between, *_BETWEEN, STRANGE))
        ]
        texts = [f"{before[0]}{text}{after[0]}" for text in lists]
        texts += [f"推进{word}{first.join(reversed(members))}各项" for word in before]
        texts += [f"推进{first.join(reversed(members))}{word}各项" for word in after]
        for text in texts:
            yield text, partial(_of, text=f"坚持{text}。")


def _roster(table: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    titles = sorted({one["title"] for one in table})
    for one in table:
        name, ends = one["name"], one.get("to")
        turns = [day + timedelta(days=n) for day in (one["from"], ends) if day for n in (-1, 0, 1)]
        for day, title in product((*turns, _DAY), titles):
            text = f"{title}{name}主持会议。"
            yield f"{day} {text}", partial(_of, text=text, day=day)
        wrong = f"{one['title']}{name[0]}{STRANGE[0]}{name[2:]}出席会议。"
        yield wrong, partial(_of, text=wrong)
        for other in table:
            if other is not one:
                yield f"{name}、{other['name']}出席", partial(_of, text=f"{name}、{other['name']}出席会议。")


def _former(table: Sequence[str]) -> Iterator[Asked]:
    for word, who in product((*table, STRANGE), ("副市长甄示例", "市长贺旧例")):
        yield f"{word}{who}", partial(_of, text=f"{word}{who}参加调研。")


def _relative(table: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    for each in table:
        for word in (*each["words"], STRANGE):
            yield from _in_sentences((word, f"{STRANGE}{word}"))
            yield f"{word}，3月9日", partial(_of, text=f"{word}，即3月9日召开会议。")
            yield f"2025年，{word}", partial(_of, text=f"2025年，{word}召开会议。")
        yield from _in_sentences(each.get("allow", ()))


def _names(table: Mapping[str, Sequence[str]]) -> Iterator[Asked]:
    for name in (*table["known"], f"{STRANGE}{STRANGE}"):
        for at in (1, len(name) - 2):
            yield from _in_sentences((name[:at] + "甬" + name[at + 1 :],))
        yield from _in_sentences((name[0] + name[2:], name))
    for word in table["words"]:
        for text in (word, f"{word}与{STRANGE}", f"示例{word}", f"市{word}", f"各{word}", f"在{word}办公"):
            yield from _in_sentences((text,))


def _marks(table: Mapping[str, Any]) -> Iterator[Asked]:
    longest, head, foot = table["longest"], table["head"], table["foot"]
    for length in (longest - 1, longest, longest + 1, longest + 2):
        yield f"mark on a line of {length}", partial(_of, text=f"绝密{'—' * (length - 2)}\n依照规定公开。")
    lines = [f"第{n}行依照规定公开{_PLAIN[n]}。" for n in range(60)]
    for at in (head - 2, head - 1, head, head + 1, 60 - foot - 1, 60 - foot, 60 - foot + 1):
        yield f"mark as line {at} of 61", partial(_of, text="\n".join([*lines[:at], "绝密", *lines[at:]]))
    for word, link in product((*table["after"], STRANGE), (*table["links"], STRANGE)):
        text = f"各单位注意，{word}{link}绝密，请妥善保管和使用并按照规定及时清退。"
        yield text, partial(_of, text=text)
    for word in (*table["after"], STRANGE):
        yield f"{word}不得公开", partial(_of, text=f"按照要求，{word}不得公开，请妥善保管。")


def _numbers(table: Mapping[str, Any]) -> Iterator[Asked]:
    for word in (*table["contact"], STRANGE):
        for number in ("13800138000", "0999-6000000"):
            yield f"{word} {number}", partial(_of, text=f"{word}：张同志，{number}。")
        yield f"cell 13800138000 by {word}", partial(_of, cell=f"{word}13800138000")
        yield f"{word} 住址", partial(_of, text=f"{word}：示例路12号楼3单元402室。")
    for first in ("2", "3", "4", "5", "6", "62", "9", *table["cards"]):
        yield f"card {first}", partial(_of, text=f"请汇入{_card(first)}。")
    for number in ("11010519491231002X", "110105491231002", "13800138000", "0999-6000000"):
        yield f"number {number}", partial(_of, text=f"本人{number}申请。")


def _card(first: str) -> str:
    stem = (first + "0012345678901234")[:15]
    return next(f"{stem}{n}" for n in range(10) if luhn(f"{stem}{n}"))


def _titles(table: Mapping[str, Any]) -> Iterator[Asked]:
    for length in range(table["longest"] - 1, table["longest"] + 3):
        title = "关于" + "".join(_PLAIN[: length - 4]) + "通知"
        yield f"title of {length}", partial(_of, title=title)
    for end in (*table["cut"], *table["unfinished"], STRANGE):
        yield f"title ends {end}", partial(_of, title=f"关于公开工作的通知{end}")
    for pair in (*table["pairs"], STRANGE[:2]):
        for title in (
            f"关于{pair[0]}公开工作的通知",
            f"关于公开{pair[1]}工作的通知",
            f"关于{pair[0]}公开{pair[1]}工作的通知",
        ):
            yield f"title {title}", partial(_of, title=title)
    for genre in (*table["genres"], STRANGE):
        for kind in ("normative-document", "government-rule", "notice"):
            yield f"title of {kind} …{genre}", partial(_of, title=f"示例市人民政府关于公开工作的{genre}", kind=kind)
    for kind in (*table["kinds"], STRANGE):
        yield f"title of {kind}", partial(_of, title="关于公开工作的情形", kind=kind)


def _gaps(table: Mapping[str, Any]) -> Iterator[Asked]:
    base = "".join(_PLAIN[:100])
    for more in (3, 5, 8, 10, 11, 12, 15, 20, 25, 30):
        text = f"{base}\n{base}{''.join(_PLAIN[200 : 200 + more])}"
        yield f"paragraph of 100, again with {more} more", partial(_of, text=text)
    for length in range(table["shortest"] - 2, table["shortest"] + 3):
        line = "".join(_PLAIN[:length])
        yield f"paragraph of {length} twice", partial(_of, text=f"{line}\n{''.join(_PLAIN[300:340])}\n{line}")
    for one in dict.fromkeys((*table["single"], STRANGE[0], "囗")):
        yield f"听民声、{one}、解民惑", partial(_of, text=f"听民声、{one}、解民惑。")


def _links(table: Mapping[str, Sequence[str]]) -> Iterator[Asked]:
    own = ("www.shilishi.example", "shilishi.example", "www.example.com", "strange.test")
    for host in (*table["suffixes"], *table["hosts"], *own):
        for link in (f"http://{host}/a", f"https://sub.{host}/"):
            yield link, partial(_of, text=f"详见{link} 。")


def _scripts(_table: Mapping[str, Any]) -> Iterator[Asked]:
    for length in (40, 80, 88, 90, 92, 95, 98, 99, 100, 101, 105, 110, 112, 120, 190, 200, 210, 400):
        yield f"1 of {length} Traditional", partial(_of, text="國" + "".join(_PLAIN[: length - 1]))


_TABLES: dict[str, Callable[[Any], Iterator[Asked]]] = {
    "typos": _typos, "allow": _allow, "patterns": _patterns, "phrases": _phrases, "roster": _roster,
    "former": _former, "relative": _relative, "names": _names, "marks": _marks, "numbers": _numbers,
    "titles": _titles, "gaps": _gaps, "links": _links, "scripts": _scripts,
}  # fmt: skip
