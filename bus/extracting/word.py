"""Word documents: paragraphs, tables, headers and footers, notes, comments, and what tracked changes keep.

Parts are told by the element that they begin with, not by their names: a document may call them as it likes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from bus.extracting.archive import Archive, properties
from bus.extracting.gathering import Full, Gathering, Unopenable
from schemas.extracts import Extract

_PLACES = {
    "document": "正文", "hdr": "页眉", "ftr": "页脚", "footnotes": "脚注", "endnotes": "尾注", "comments": "批注",
}  # fmt: skip
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SKIPPED = frozenset({"Fallback", "instrText"})
"""A second copy of a text box for older programs, and the orders by which fields are filled."""


def read(whole: Archive, gathered: Gathering) -> Extract:
    """The extract of a document."""
    stories = [story for name in whole.members() if (story := _story(whole, name)).root in _PLACES]
    if not any(story.root == "document" for story in stories):
        raise Unopenable("damaged")
    order = list(_PLACES)
    with suppress(Full):
        for story in sorted(stories, key=lambda one: order.index(one.root)):
            _tell(story, gathered)
    kept = properties(
        whole, whole.parse, tracked=sum(story.tracked for story in stories),
        comments=sum(story.comments for story in stories),
    )  # fmt: skip
    return gathered.extract("docx", kept)


def _story(whole: Archive, name: str) -> Story:
    story = Story()
    with suppress(_Elsewhere):
        whole.parse(name, story)
    return story


def _tell(story: Story, gathered: Gathering) -> None:
    place = _PLACES[story.root]
    lines, prefix = "\n".join(story.lines).rstrip(), "" if story.root == "document" else place
    say: Callable[[str, str], None] = gathered.words if prefix else gathered.text
    say(place, lines)
    for number, rows in enumerate(story.tables, start=1):
        gathered.table(rows, f"{prefix}表{number}")
    if story.deleted:
        gathered.words(f"{place}中修订删除的文字", "\n".join(story.deleted))


class _Elsewhere(Exception):
    """A part that holds no text of the document."""


class Story:
    """Listens to one part: its running lines, its tables, and what was deleted from it."""

    def __init__(self) -> None:
        self.root = ""
        self.lines: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.deleted: list[str] = []
        self.tracked = 0
        self.comments = 0
        self._paragraphs: list[list[str]] = []
        self._open: list[int] = []
        """Numbers of the tables that are open, the innermost last."""
        self._cells: list[list[str]] = []
        self._take: list[str] | None = None
        self._skipping = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - Handler
        """An element begins."""
        if not self.root:
            self.root = name
            if name not in _PLACES:
                raise _Elsewhere
        if self._skipping or name in _SKIPPED:
            self._skipping += 1
            return
        if name == "p":
            self._paragraphs.append([])
        elif name == "t":
            self._take = self._paragraphs[-1] if self._paragraphs else None
        elif name == "delText":
            self.deleted.append("")
            self._take = []
        elif name in _BREAKS and self._paragraphs:
            self._paragraphs[-1].append(_BREAKS[name])
        else:
            self._opened(name)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._skipping:
            self._skipping -= 1
        elif name == "t":
            self._take = None
        elif name == "delText" and self._take is not None:
            self.deleted[-1] = "".join(self._take)
            self._take = None
        elif name == "p" and self._paragraphs:
            (self._cells[-1] if self._cells else self.lines).append("".join(self._paragraphs.pop()))
        elif name == "tc" and self._cells:
            text = "\n".join(self._cells.pop())
            if self._open and self.tables[self._open[-1]]:
                self.tables[self._open[-1]][-1].append(text)
        elif name == "tbl" and self._open:
            self._open.pop()

    def data(self, text: str) -> None:
        """Characters."""
        if self._take is not None and not self._skipping:
            self._take.append(text)

    def _opened(self, name: str) -> None:
        if name == "tbl":
            self._open.append(len(self.tables))
            self.tables.append([])
        elif name == "tr" and self._open:
            self.tables[self._open[-1]].append([])
        elif name == "tc":
            self._cells.append([])
        elif name in {"ins", "del"}:
            self.tracked += 1
        elif name == "comment":
            self.comments += 1
