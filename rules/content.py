"""What a publication must say and where it may go: elements, channels, audience, mode, titles, number, links."""

from __future__ import annotations

import re

from rules import docno
from rules.case import Case, Fault, Faults, pointer, why
from rules.papers import org_right
from schemas.city.models import Outlet
from schemas.city.uscc import uscc_fault
from schemas.events.publications import Publication
from schemas.reasons import Reason

MAX_LINKS = 30
"""So many links fit a verdict beside everything else."""
MAX_CODES = 20
"""Wrong codes told of one publication."""
_USCC_ELEMENT, _ORG_ELEMENT = "统一社会信用代码", "组织机构代码"
_GAZETTE = "政府公报"
_NUMBERING = re.compile(
    r"\A\s*(?:#{1,6}\s*)?"
    r"(?:(?:第?[一二三四五六七八九十百0-9]{1,4}(?:部分|[、.．章节])|[(（][一二三四五六七八九十百0-9]{1,4}[)）])\s*)*"
)
"""What may stand before a heading on its line."""
_SENTENCE = re.compile(r"[。；;！!？?]|.{60}")
_TARGET = re.compile(r"[a-z0-9-]{2,40}/[!-~]{1,159}|https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:/[!-~]*)?")
DOCNO_FAULTS: dict[docno.Fault, tuple[str, str]] = {
    "form": ("形式不是“机关代字〔年份〕序号号”", "it has not the form 机关代字〔year〕number号"),
    "year-two-digits": ("年份须写四位", "the year needs four digits"),
    "year-range": ("年份早于1949年或晚于发送当年", "the year lies before 1949 or after the event's"),
    "leading-zero": ("序号不编虚位", "the number has a leading zero"),
}
"""What is wrong with a document number, in both languages."""


def elements_present(case: Case) -> Faults:
    """Every required 要素 of the row and of the kind is there and not empty (REJ-ELEMENTS)."""
    given = case.data.elements
    for name in (*case.row.elements, *case.kind.elements):
        if not given.get(name, "").strip():
            break
    else:
        return ()
    needed = dict.fromkeys((*case.row.elements, *case.kind.elements))
    missing = "、".join(name for name in needed if not given.get(name, "").strip())
    return (Fault(Reason.REJ_ELEMENTS, "/data/elements", missing, case.row.basis, {"missing": missing}),)


def sections_present(case: Case) -> Faults:
    """Every heading that the kind asks for stands in the text, on a line of its own (REJ-ELEMENTS)."""
    needed, body = case.kind.sections, case.data.body
    missing = "、".join(heading for heading in needed if heading not in body or not _heads_a_line(heading, body))
    if not missing:
        return ()
    return (Fault(Reason.REJ_ELEMENTS, "/data/body", missing, case.kind.basis, {"missing": missing}),)


def _heads_a_line(heading: str, body: str) -> bool:
    """Whether a short line that is no sentence begins with `heading`, its numbering left out."""
    lines = (_NUMBERING.sub("", line).rstrip() for line in body.splitlines() if heading in line)
    return any(line.startswith(heading) and not _SENTENCE.search(line) for line in lines)


def codes_right(case: Case) -> Faults:
    """Unified social credit codes and organisation codes among the elements pass their check digits."""
    faults: Faults = ()
    for name, text in case.data.elements.items():
        if name.endswith((_USCC_ELEMENT, _ORG_ELEMENT)) and (given := text.strip()):
            faults += _code(name, given)
        if len(faults) == MAX_CODES:
            break
    return faults


def _code(name: str, given: str) -> Faults:
    place = f"/data/elements/{pointer(name)}"
    if name.endswith(_ORG_ELEMENT):
        return () if org_right(given) else (Fault(Reason.REJ_ORGCODE, place, given, None, {"given": given}),)
    return () if uscc_fault(given) is None else (Fault(Reason.REJ_USCC, place, given, None, {"given": given}),)


def five_open_fits(case: Case) -> Faults:
    """The tag of 五公开 is its row's (FIVE-OPEN; POL-02)."""
    given, expected = case.data.five_open, case.row.five_open
    if given == expected:
        return ()
    values = {"given": given, "expected": expected, "item": case.row.code}
    return (Fault(Reason.FIVE_OPEN, "/data/five_open", given, None, values),)


def channels_ticked(case: Case) -> Faults:
    """Channels are among those ticked, with the first platform, and the gazette where the kind must be in it."""
    named, ticked, first = case.data.channels, case.row.channels, case.pack.city.first_channel
    strange = [channel for channel in named if channel not in ticked]
    if not strange and (first in named or first not in ticked) and not (case.kind.gazette and _GAZETTE not in named):
        return ()
    if strange:
        words = "、".join(strange)
        told = why(f"目录未勾选{words}", f"the row does not tick {words}")
    elif first not in named:
        told = why(f"未列{first}（第一平台）", f"{first}, the first platform, is not named")
    else:
        told = why(f"{case.kind.label}须刊登{_GAZETTE}", f"a {case.kind.name} must name {_GAZETTE}")
    told["ticked"] = "、".join(ticked)
    return (Fault(Reason.REJ_CHANNEL, "/data/channels", "、".join(named), case.row.basis, told),)


def audience_fits(case: Case) -> Faults:
    """The row has this audience, and what is for some goes to no public channel (REJ-AUDIENCE)."""
    audience = case.data.audience
    if audience not in case.row.audience:
        zh, en = f"目录事项面向{'、'.join(case.row.audience)}", "the row is meant for another audience"
        return (Fault(Reason.REJ_AUDIENCE, "/data/audience", audience, case.row.basis, why(zh, en)),)
    public = [channel for channel in case.data.channels if channel in case.pack.city.public_channels]
    if audience == "全社会" or not public:
        return ()
    words = "、".join(public)
    told = why(f"{words}是面向全社会的渠道", f"{words} is read by everybody")
    return (Fault(Reason.REJ_AUDIENCE, "/data/channels", words, case.row.basis, told),)


def mode_fits(case: Case) -> Faults:
    """Only what is 主动公开, by row and by its own attribute, is published (REJ-MODE, REJ-SECRET)."""
    attribute = case.data.disclosure_attr
    place = "/data/disclosure_attr"
    if attribute == "不予公开":
        told = why("公开属性为不予公开", "its disclosure attribute forbids it")
        return (Fault(Reason.REJ_SECRET, place, attribute, None, told),)
    if attribute == "依申请公开":
        told = why("公开属性为依申请公开", "its attribute is disclosure on request")
        return (Fault(Reason.REJ_MODE, place, attribute, None, told),)
    if "主动" not in case.row.modes:
        told = why(f"目录事项{case.row.code}属于依申请公开", f"row {case.row.code} is disclosed on request alone")
        return (Fault(Reason.REJ_MODE, "/data/item", case.row.code, case.row.basis, told),)
    return ()


def titles_fit(case: Case) -> Faults:
    """For every outlet with a limit, the title or the short title fits: none is ever cut (RULES §5.1)."""
    length = len(case.data.title)
    tight = [
        outlet for outlet in case.outlets
        if outlet.limits.title is not None and length > outlet.limits.title and title_for(outlet, case.data) is None
    ]  # fmt: skip
    return tuple(_over_long(outlet, case.data.title) for outlet in tight)


def title_for(outlet: Outlet, data: Publication) -> str | None:
    """The title that `outlet` shows, or None where neither fits."""
    limit = outlet.limits.title
    if limit is None or len(data.title) <= limit:
        return data.title
    short = data.short_title
    return short if short and len(short) <= limit else None


def _over_long(outlet: Outlet, title: str) -> Fault:
    values = {"length": len(title), "outlet": outlet.name, "limit": outlet.limits.title}
    return Fault(Reason.REJ_TITLE, "/data/title", title, outlet.basis, values)


def docno_right(case: Case) -> Faults:
    """The document number is there where it must be and has the grammar (RULES §1.10)."""
    given = case.data.docno
    if not given:
        missing = why(f"{case.kind.label}必须有发文字号", f"a {case.kind.name} must have one")
        return (Fault(Reason.REJ_DOCNO, "/data/docno", "", None, missing),) if case.kind.docno == "required" else ()
    if case.kind.docno == "none":
        told = why(f"{case.kind.label}没有发文字号", f"a {case.kind.name} has none")
        return (Fault(Reason.REJ_DOCNO, "/data/docno", given, None, told),)
    found = docno.parse(given, case.day.year)
    if isinstance(found, str):
        return (Fault(Reason.REJ_DOCNO, "/data/docno", given, None, why(*DOCNO_FAULTS[found])),)
    return (*_rewritten(given, found), *_year_differs(case, given, found))


def _rewritten(given: str, found: docno.DocNo) -> Faults:
    if found.text == given:
        return ()
    return (Fault(Reason.DOCNO_FIX, "/data/docno", given, None, {"given": given, "fixed": found.text}),)


def _year_differs(case: Case, given: str, found: docno.DocNo) -> Faults:
    formed = case.data.dates.get("formed") or case.data.dates.get("signed")
    if found.year is None or formed is None or formed.year == found.year:
        return ()
    return (Fault(Reason.DOCNO_YEAR, "/data/docno", given, None, {"year": found.year, "formed": formed}),)


def links_named(case: Case) -> Faults:
    """Every link is a word of the pack, and those the kind requires are there (POL-05, POL-07)."""
    links, needed = case.data.links, case.kind.links
    if not links and not needed:
        return ()
    rels = [link.rel for link in links]
    if unknown := [rel for rel in rels if rel not in case.pack.city.link_rels]:
        words = "、".join(unknown)
        told = why(f"关联类型{words}未登记", f"the relation {words} is not known")
    elif missing := [rel for rel in needed if rel not in rels]:
        words = "、".join(missing)
        told = why(f"{case.kind.label}缺少{words}关联", f"a {case.kind.name} must name its {words}")
    elif len(links) > MAX_LINKS:
        words = str(len(links))
        told = why(f"关联{words}条，最多{MAX_LINKS}条", f"{words} links, {MAX_LINKS} are the most")
    elif strange := [link.target for link in links if not _TARGET.fullmatch(link.target)]:
        words = strange[0]
        told = why(
            f"关联目标{words}既不是信息编号（单位代码/编号），也不是网址", f"{words} is no subject and no address"
        )
    else:
        return ()
    return (Fault(Reason.REJ_LINK, "/data/links", words, None, told),)
