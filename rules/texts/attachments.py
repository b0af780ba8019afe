"""What stands in attached files is held against the same checks as a publication's own text (TX-14, TX-18 and all).

A place in a file is the attachment's pointer, a `#`, and where in the file: `/data/attachments/0#第3页`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePath

from rules.case import Case, Fault, Faults
from rules.texts.passage import About, Part
from rules.texts.scanner import MOST, scanner
from schemas.city import Pack
from schemas.city.textual import NO_CHECKS
from schemas.events.common import Attachment
from schemas.extracts import Extract, Properties
from schemas.reasons import TEXTS, Reason, mask
from schemas.records import Severity

BUNCH = 50_000
"""Characters that are looked at together, so that the work grows with a file's length and no faster."""
ENOUGH = 60
"""Faults after which no more of a file is looked at, where one of them is of the kind that nobody can answer for."""
_KEPT = 16
"""Files whose faults are remembered: the same file comes with many events."""

_FORMS = {".docx": "docx", ".xlsx": "xlsx", ".pdf": "pdf"}
_TROUBLES = {
    "encrypted": ("加了密码，打不开", "it is behind a password"),
    "damaged": ("文件损坏，打不开", "it is damaged and can't be opened"),
    "limits": ("展开后过大或者层次过深，打不开", "it grows too large or too deep to be opened"),
    "unsafe": ("含有外部实体或者重名的内容，不予打开", "it holds entities or members of one name and is not opened"),
}
_OTHER = ("内容与扩展名不符", "it is not what its name says")
_CUT = ("文字过多，只检查了前一部分", "only its first part was checked")


def attachments_right(case: Case) -> Faults:
    """What the files of a publication are held against: all that texts are, TX-14 and TX-18."""
    files = case.data.attachments
    if not files or case.texts is None or case.pack.text_checks is NO_CHECKS:
        return ()
    data = case.data
    about = About(case.day, kind=data.kind, attribute=data.disclosure_attr)
    found: list[Fault] = []
    for number, file in enumerate(files):
        extract = case.texts(file.sha256)
        if extract is not None:
            found += file_faults(case.pack, file, extract, about, f"/data/attachments/{number}")
    return tuple(found)


def file_faults(pack: Pack, file: Attachment, extract: Extract, about: About, place: str) -> Iterator[Fault]:
    """What is wrong with one file, which stands at `place`."""
    expected = _FORMS.get(PurePath(file.name).suffix.lower(), extract.form)
    told = _TROUBLES.get(extract.trouble) or (_OTHER if extract.form != expected else None)
    if told is not None:
        yield _unopened(place, file.name, told)
    if extract.cut:
        yield _unopened(place, file.name, _CUT)._replace(severity="warn")
    yield from _left(place, file.name, extract.properties)
    for fault in _within(pack, extract, about):
        yield fault._replace(place=f"{place}#{mask(fault.place)}")


def _unopened(place: str, name: str, why: tuple[str, str]) -> Fault:
    return Fault(Reason.TX_14, place, name, None, {"found": name, "why_zh": why[0], "why_en": why[1]})


def _left(place: str, name: str, properties: Properties) -> Iterator[Fault]:
    """What its properties tell of people; which, not who."""
    left = [words for words, kept in _properties(properties) if kept]
    if left:
        values = {"found": name, "why_zh": "、".join(zh for zh, _ in left), "why_en": ", ".join(en for _, en in left)}
        yield Fault(Reason.TX_18, place, name, None, values)


def _properties(said: Properties) -> tuple[tuple[tuple[str, str], object], ...]:
    return (
        (("作者", "its author"), said.author),
        (("最后保存者", "who saved it last"), said.editor),
        (("单位", "the company"), said.company),
        ((f"修订痕迹{said.tracked}处", f"{said.tracked} tracked changes"), said.tracked),
        ((f"批注{said.comments}条", f"{said.comments} comments"), said.comments),
        ((f"隐藏工作表{said.hidden}张", f"{said.hidden} hidden sheets"), said.hidden),
    )


@lru_cache(maxsize=_KEPT)
def _within(pack: Pack, extract: Extract, about: About) -> Faults:
    """The faults of a file's pieces, each at its piece's place; remembered for as long as the extract is."""
    look = scanner(pack)
    told: Counter[tuple[Reason, Severity | None]] = Counter()
    kept: list[Fault] = []
    for parts in _bunches(extract):
        for fault in look.faults(parts, about):
            told[fault.reason, fault.severity] += 1
            if told[fault.reason, fault.severity] <= MOST:
                kept.append(fault)
        if told.total() >= ENOUGH and any(_severity(*one) == "block" for one in told):
            break
    return tuple(kept)


def _severity(reason: Reason, severity: Severity | None) -> Severity:
    return severity or TEXTS[reason].severity


def _bunches(extract: Extract) -> Iterator[Sequence[Part]]:
    bunch: list[Part] = []
    length = 0
    for piece in extract.pieces:
        if bunch and length + len(piece.text) > BUNCH:
            yield bunch
            bunch, length = [], 0
        bunch.append(Part(piece.place, piece.label, piece.kind, piece.text))
        length += len(piece.text)
    if bunch:
        yield bunch
