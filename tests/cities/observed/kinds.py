"""Kinds of publication, official documents, outlets: what is required, what is refused, and where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from consumers.newmedia.slots import Candidate, next_period, period_of, pick
from consumers.newmedia.texts import Content, TooLong, wechat_article, weibo_text
from rules.papers import kind_of_title
from schemas.city import CatalogueRow, Kind, Outlet, Pack
from schemas.city.models import CHANNELS
from schemas.city.uscc import org_check
from tests.cities.observed.asking import Question, World
from tests.cities.observed.events import SENT, fitting, judged, routed
from tests.cities.observed.portal import page
from tests.cities.observed.strange import STRANGE
from tests.rules.making import Event, changed, normative, signed

_INWARD = ("请示", "报告", "议案", "纪要")


def kind_questions(world: World) -> Iterator[Question]:
    """Of each kind: a publication that has everything, others that lack one thing, and its page."""
    for file in sorted(name for name in world.files if name.startswith("kinds/")):
        for name in _names_in(world, file):
            kind = world.pack.kind[name]
            good = fitting(world.pack, _row_of(world.pack, kind), kind)
            for key, event in _events(kind, good):
                yield Question(f"{file} {name}", key, lambda world, event=event: judged(world, event))  # type: ignore[misc]
            yield Question(f"{file} {name}", "goes to", lambda world, event=good: routed(world, _to_all(event)))  # type: ignore[misc]
            yield Question(f"{file} {name}", "page", lambda world, name=name: page(world, f"/rules/KIND-{name}"))  # type: ignore[misc]


def _names_in(world: World, file: str) -> list[str]:
    from schemas.city.tables import Reader

    return list(Reader(world.files).toml(file))


def _row_of(pack: Pack, kind: Kind) -> CatalogueRow:
    return next((row for row in pack.rows if kind.name in row.kinds and row.in_force(SENT.date())), pack.row["01-06"])


def _to_all(event: Event) -> Event:
    return changed(deepcopy(event), channels=list(CHANNELS))


def _events(kind: Kind, good: Event) -> Iterator[tuple[str, Event]]:
    def but(**data: Any) -> Event:
        return signed(changed(deepcopy(good), **data))

    yield "with everything", good
    yield "unsigned, unnumbered, undated, unlinked", but(
        sign_offs=[], secrecy_review=None, docno=None, links=[], dates={}, elements={}, body="依照规定公开。",
        channels=["政府网站"], title="另一个标题",
    )  # fmt: skip
    yield "numbered", but(docno="示政发〔2026〕5号")
    for word in _INWARD:
        yield f"a {word}", but(title=f"示例市人民政府关于公开工作的{word}")
    yield "in force six years", but(dates={**good["data"]["dates"], "effective": "2026-02-10", "expires": "2032-02-10"})


def document_questions(world: World) -> Iterator[Question]:
    """What documents.toml makes of titles, annotations, themes, index numbers, gates and validity."""
    subject, documents = "documents.toml", world.pack.documents
    words = [word for kind in documents.kinds.values() for word in kind.words]
    for word in (*words, STRANGE):
        yield Question(subject, f"关于公开工作的{word}", partial(_title, word=word))
    for text in (*documents.annotations, f"此件{STRANGE}"):
        for attribute in ("主动公开", "依申请公开", "不予公开"):
            yield Question(
                subject, f"{text}, {attribute}", partial(_normative, annotation=text, disclosure_attr=attribute)
            )
    topics = [*documents.themes, *(f"{first}/{each}" for first, second in documents.themes.items() for each in second)]
    topics += [STRANGE, *(f"{first}/{word}" for first in documents.themes for word in (STRANGE, "未列"))]
    for topic in topics:
        yield Question(subject, f"theme {topic}", partial(_normative, topic=topic))
    org = f"11999900{org_check('11999900')}"
    uscc = world.pack.department["zfb"].uscc
    numbers = (
        f"{uscc}/2026-00005", f"{org}/2026-00005", f"{org}-2026-00005", "甲-乙-丙-丁-20260302-00005", f"{uscc}/2026-5",
        f"{org}_2026-00005", f"{org}/2026/00005", f"{uscc}-2026-00005", STRANGE,
    )  # fmt: skip
    for number in numbers:
        yield Question(subject, f"index number {number}", partial(_normative, index_no=number))
    yield Question(subject, "gates of unsigned levels", partial(_normative, sign_offs=[]))
    for title in (
        "示例市临时救助办法",
        "示例市临时救助暂行办法",
        "示例市临时救助试行办法",
        f"示例市临时救助{STRANGE}办法",
    ):
        for year in (2027, 2028, 2029, 2030, 2031, 2032):
            dates = {"formed": "2026-03-02", "effective": "2026-04-01", "expires": f"{year}-04-01"}
            yield Question(subject, f"{title} until {year}", partial(_normative, title=title, dates=dates))


def _title(world: World, word: str) -> str:
    title = f"示例市人民政府关于公开工作的{word}"
    return f"{kind_of_title(world.pack.documents, title)}; {_normative(world, title=title)}"


def _normative(world: World, **data: Any) -> str:
    return judged(world, signed(changed(normative(), **data)))


def outlet_questions(world: World) -> Iterator[Question]:
    """What each outlet takes, what it refuses as too long, and when it sends."""
    for outlet in world.pack.outlets:
        subject, own = f"outlets.toml {outlet.id}", outlet.id
        yield Question(subject, "takes", partial(_takes, own=own))
        yield Question(subject, "feed", partial(_feed, own=own))
        for length in sorted({(outlet.limits.title or 100) + n for n in (0, 1)} | {100}):
            yield Question(subject, f"title of {length}", partial(_title_of, own=own, length=length))
        yield Question(subject, "texts", partial(_texts, own=own, limits=_numbers(outlet)))
        yield Question(subject, "sends", partial(_sends, own=own))
        yield Question(subject, "account", partial(_account, own=own))


def _takes(world: World, own: str) -> str:
    pack, told = world.pack, []
    for dept in ("zfb", "mzj", "dhq", "dhq-gy"):
        for name in ("应急", "热点", "政策", "解读", "动态"):
            words = [word for word in CHANNELS if any(one.id == own for one in pack.outlets_for([word], dept, name))]
            told += [f"{dept} {name} {' '.join(words)}"] if words else []
    return "; ".join(told)


def _feed(world: World, own: str) -> str:
    outlet = world.pack.outlet[own]
    found = routed(world, _sent_to(world.pack, outlet))
    carried = ", ".join(one for one in found.split(", ") if f" {own} " in one)
    return f"{carried}; {outlet.platform}, {'portal first' if outlet.policy_first_on_portal else 'alone'}"


def _sent_to(pack: Pack, outlet: Outlet) -> Event:
    """A publication that this outlet carries."""
    dept = outlet.department or "zfb"
    row, kind = next(
        (row, kind)
        for row in pack.rows if dept in pack.publishers_of(row)
        for kind in (pack.kind[name] for name in row.kinds)
        if outlet in pack.outlets_for(row.channels, dept, kind.quota_class)
    )  # fmt: skip
    return fitting(pack, row, kind, dept)


def _title_of(world: World, own: str, length: int) -> str:
    outlet = world.pack.outlet[own]
    event = _sent_to(world.pack, outlet)
    title = ("关于" + "示例" * 200)[: length - 2] + "说明"
    found = judged(world, signed(changed(event, title=title))).split("; ")
    return "; ".join(one for one in found if one.startswith("REJ-TITLE") and outlet.name in one) or "fits"


def _numbers(outlet: Outlet) -> dict[str, int]:
    return {name: value for name, value in outlet.limits.model_dump().items() if value is not None}


def _texts(world: World, own: str, limits: dict[str, int]) -> str:
    """Sizes of what would be sent, at each limit and one to either side of it."""
    outlet = world.pack.outlet[own]
    make = weibo_text if outlet.platform == "weibo" else partial(wechat_article, version=1)
    told = []
    for beyond in (-1, 0, 1):

        def long(name: str, beyond: int = beyond) -> int:
            return limits.get(name, 200) + beyond

        url = "https://www.shilishi.example/" + "x" * (long("url_bytes") - 32)
        contents = {
            "title": Content("题" * long("title"), "正文"),
            "author": Content("题", "正文", author="者" * long("author")),
            "digest": Content("题", "正文", summary="摘" * long("digest")),
            "body": Content("题", "文" * (long("body") - len("<p></p>"))),
            "body_bytes": Content("题", "\n".join(["\U0001f6a9" * 900] * 25)),
        }  # fmt: skip
        for name, content in contents.items():
            told.append(f"{name}{beyond:+} {_sent(make, content, 'https://www.shilishi.example/1', outlet)}")
        told.append(f"url_bytes{beyond:+} {_sent(make, Content('题', '正文'), url, outlet)}")
    return "; ".join(told)


def _sent(make: Any, content: Content, url: str, outlet: Outlet) -> str:
    try:
        made = make(content, url=url, index_no="", limits=outlet.limits)
    except TooLong as error:
        return str(error)
    return f"author {len(made.author)} digest {len(made.digest)} text {len(made.text)}"


def _sends(world: World, own: str) -> str:
    outlet = world.pack.outlet[own]
    at = datetime.fromisoformat("2026-03-10T09:30:00+08:00")
    waiting = [Candidate(f"s{n:02}", 2, at, at, solo=False) for n in range(12)]
    batches = [
        f"{after} s {len(pick(outlet, waiting[:3], at + timedelta(seconds=after)))}" for after in (0, 1, 2, 3, 4, 5, 6)
    ]
    full = len(pick(outlet, waiting, at))
    quota = f"{outlet.quota.n} a {outlet.quota.per}" if outlet.quota else "as many as come"
    period = f"period {period_of(outlet, at)}, next {next_period(outlet, at)}"
    return f"{quota}; {period}; full {full}; settled {', '.join(batches)}"


def _account(world: World, own: str) -> str:
    outlet = world.pack.outlet[own]
    return f"{outlet.name} {outlet.account_type}"
