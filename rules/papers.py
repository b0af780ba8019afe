"""公文: what its title says it is, its form, 附注, index number, theme and validity (RULES §1.10)."""

from __future__ import annotations

import re
from datetime import date

from rules.case import Case, Fault, Faults, why
from schemas.city.documents import ASIDES, Documents
from schemas.city.uscc import org_check, uscc_fault
from schemas.reasons import Reason

_TAIL = re.compile(r"(?:[(（〔\[【][^()（）〔〕\[\]【】]{0,40}[)）〕\]】]|\s)+\Z")
_ANNOTATED = re.compile(
    r"^(?:[^\S\n]|[(（〔\[【])*(此件[^\s()（）〔〕\[\]【】]{1,12})(?:[^\S\n]|[)）〕\]】])*$", re.MULTILINE
)
"""On a line of its own; no blank reaches over the line's end, else a page of empty lines takes minutes."""
_THEME_MARKS = re.compile(r"[\\＼/／]")


def kind_of_title(documents: Documents, title: str) -> str | None:
    """Which of the pack's kinds of 公文 a title ends with: the longest word; what stands in brackets behind is none."""
    if not title.endswith(documents.endings):
        return None
    plain = without_asides(title) if title.endswith(ASIDES) else title
    found = [(len(word), name) for name, word in documents.words if plain.endswith(word)]
    return max(found)[1] if found else None


def without_asides(title: str) -> str:
    """A title without what stands in brackets behind its last word."""
    return _TAIL.sub("", title)


def title_fits(case: Case) -> Faults:
    """The title has the form that its kind asks for (TITLE-FORM)."""
    template = case.kind.template
    if not template or case.pack.title_form[template].fullmatch(case.data.title):
        return ()
    values = {"form": template.replace("{", "").replace("}", ""), "kind": case.kind.label}
    return (Fault(Reason.TITLE_FORM, "/data/title", case.data.title, case.kind.basis, values),)


def inward_kept(case: Case) -> Faults:
    """What is written upward or within, such as 请示, is normally not published whole (DOC-INWARD)."""
    documents = case.pack.documents
    if not documents.kinds or case.data.disclosure_attr != "主动公开":
        return ()
    name = kind_of_title(documents, case.data.title)
    if name is None or name in case.kind.documents or not (kind := documents.kinds[name]).inward:
        return ()
    return (Fault(Reason.DOC_INWARD, "/data/title", case.data.title, kind.basis, {"kind": name}),)


def annotation_agrees(case: Case) -> Faults:
    """附注, of its own or at the foot of the text, says what the disclosure attribute says (TX-03)."""
    data, said = case.data, case.pack.documents.annotations
    if not said:
        return ()
    if data.annotation and (faults := _annotation(case, data.annotation, "/data/annotation")):
        return faults
    return _annotation(case, data.body, "/data/body") if "此件" in data.body else ()


def _annotation(case: Case, text: str, place: str) -> Faults:
    attribute = case.data.disclosure_attr
    for found in _ANNOTATED.finditer(text):
        meant = case.pack.documents.annotations.get(found[1])
        if meant is not None and meant != attribute:
            values = {"given": found[1], "attribute": attribute}
            return (Fault(Reason.TX_03, place, found[1], None, values),)
    return ()


def index_right(case: Case) -> Faults:
    """An index number that is given has one of the pack's forms, its code's check digits right (INDEX-FORM)."""
    given, documents = case.data.index_no, case.pack.documents
    if not given or not documents.index_forms or any(_has_form(form, given) for form in documents.index_patterns):
        return ()
    values = {"given": given, "form": documents.index_forms[0]}
    return (Fault(Reason.INDEX_FORM, "/data/index_no", given, None, values),)


def _has_form(form: re.Pattern[str], given: str) -> bool:
    found = form.fullmatch(given)
    if found is None:
        return False
    codes = found.groupdict()
    uscc, org = codes.get("uscc"), codes.get("org")
    return (uscc is None or uscc_fault(uscc) is None) and (org is None or org_right(org))


def org_right(code: str) -> bool:
    """Whether an organisation code's check character is right; a hyphen before it is left out (GB 11714)."""
    plain = code[:8] + code[9:] if code[8:9] == "-" else code
    return bool(re.fullmatch(r"[0-9A-Z]{8}[0-9X]", plain)) and org_check(plain[:8]) == plain[8]


def theme_known(case: Case) -> Faults:
    """主题分类 is one of the pack's: a first level, alone or with one of its second (TOPIC-UNKNOWN)."""
    given, themes = case.data.topic, case.pack.documents.themes
    if not given or not themes:
        return ()
    first, *rest = (part.strip() for part in _THEME_MARKS.split(given))
    if first in themes and (not rest or (len(rest) == 1 and (not themes[first] or rest[0] in themes[first]))):
        return ()
    known = themes.get(first) or tuple(themes)
    return (Fault(Reason.TOPIC_UNKNOWN, "/data/topic", given, None, {"given": given, "known": "、".join(known)}),)


def validity_bounded(case: Case) -> Faults:
    """A normative document says until when it is in force, and that is not too long (VALIDITY)."""
    validity = case.pack.documents.validity
    if not case.kind.valid or validity is None:
        return ()
    dates = case.data.dates
    start, end = dates.get("effective") or dates.get("formed"), dates.get("expires")
    trial = any(word in case.data.title for word in validity.trial)
    years = validity.trial_years if trial else validity.years
    if end is None:
        told = why("没有写明有效期", "it does not say until when it is in force")
    elif start is not None and end > _years_on(start, years):
        zh = f"{start}施行、{end}失效，超过{years}年"
        told = why(zh, f"from {start} to {end} is more than {years} years")
    else:
        return ()
    told |= {"years": years, "kind": case.kind.label}
    return (Fault(Reason.VALIDITY, "/data/dates/expires", str(end or ""), validity.basis, told),)


def _years_on(day: date, years: int) -> date:
    last = min(day.year + years, date.max.year)
    return date(last, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=last)
