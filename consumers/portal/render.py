"""A publication's text as HTML that can do nothing: escaped paragraphs, headings, lists and tables; never raw HTML.

Departments send plain text with line breaks. Headings are seen by the numbering of 公文 (一、 and （一）) or by
Markdown's `#`, tables by `|` at both ends of a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from markupsafe import Markup

_HEADING = re.compile(r"(?P<marks>#{1,4})\s+(?P<text>\S.*)")
_FIRST = re.compile(r"[一二三四五六七八九十百]{1,4}、\S.{0,40}")
_SECOND = re.compile(r"[（(][一二三四五六七八九十百]{1,4}[）)]\S.{0,40}")
_BULLET = re.compile(r"[-*•]\s+(?P<text>\S.*)")
_RULE = re.compile(r"\|[\s:|-]+\|")
_CLOSED = tuple("。；;！？，,：:")


def body(text: str) -> Markup:
    """`text` as HTML."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    runs = groupby((line for line in lines if line), key=_shape)
    return Markup("\n").join(block for shape, run in runs for block in _BLOCKS[shape](run))


def _shape(line: str) -> str:
    if line.startswith("|") and line.endswith("|") and len(line) > 2:
        return "table"
    if _BULLET.fullmatch(line):
        return "list"
    if _HEADING.fullmatch(line):
        return "marked"
    is_sentence = line.endswith(_CLOSED)
    return "numbered" if not is_sentence and (_FIRST.fullmatch(line) or _SECOND.fullmatch(line)) else "text"


def _paragraphs(run: Iterator[str]) -> Iterator[Markup]:
    return (Markup("<p>{}</p>").format(line) for line in run)


def _marked(run: Iterator[str]) -> Iterator[Markup]:
    for line in run:
        if found := _HEADING.fullmatch(line):
            yield _heading(min(len(found["marks"]) + 1, 4), found["text"])


def _numbered(run: Iterator[str]) -> Iterator[Markup]:
    return (_heading(2 if _FIRST.fullmatch(line) else 3, line) for line in run)


def _heading(level: int, text: str) -> Markup:
    return Markup("<h{0}>{1}</h{0}>").format(level, text)


def _bullets(run: Iterator[str]) -> Iterator[Markup]:
    texts = [found["text"] for line in run if (found := _BULLET.fullmatch(line))]
    yield Markup("<ul>") + Markup("").join(Markup("<li>{}</li>").format(text) for text in texts) + Markup("</ul>")


def _table(run: Iterator[str]) -> Iterator[Markup]:
    rows = [line[1:-1].split("|") for line in run if not _RULE.fullmatch(line)]
    cells = [Markup("").join(Markup("<td>{}</td>").format(cell.strip()) for cell in row) for row in rows]
    inner = Markup("").join(Markup("<tr>{}</tr>").format(row) for row in cells)
    yield Markup('<div class="scroll"><table>{}</table></div>').format(inner)


_BLOCKS: dict[str, Callable[[Iterator[str]], Iterator[Markup]]] = {
    "text": _paragraphs, "marked": _marked, "numbered": _numbered, "list": _bullets, "table": _table,
}  # fmt: skip
