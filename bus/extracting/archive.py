"""The members of an office document, read with a limit on all of them together, and XML without entities."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol
from xml.parsers import expat

from bus.extracting.gathering import Unopenable
from schemas.extracts import Properties

MOST_BYTES = 300_000_000
"""Of all members together, as they come out."""
MOST_MEMBERS = 10_000
MOST_DEPTH = 500
_CHUNK = 256 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class Handler(Protocol):
    """What listens to the XML of one member; names are local, without their namespace."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Characters."""


class Archive:
    """An opened archive."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened = opened
        self._infos = opened.infolist()
        self._room = MOST_BYTES
        if len(self._infos) > MOST_MEMBERS:
            raise Unopenable("limits")
        if any(info.flag_bits & 1 for info in self._infos):
            raise Unopenable("encrypted")
        if len({_plain(info.filename) for info in self._infos}) < len(self._infos):
            raise Unopenable("unsafe")  # of two members with one name, each program opens another

    def holds(self, folder: str) -> bool:
        """Whether it has a member in that folder."""
        return any(_plain(info.filename).startswith(folder) for info in self._infos)

    def declared(self) -> int:
        """Bytes that its members say to have."""
        return sum(info.file_size for info in self._infos)

    def size(self, name: str) -> int:
        """Bytes that a member says to have."""
        return self._opened.getinfo(name).file_size

    def members(self, folder: str = "") -> Iterator[str]:
        """Names of members that hold XML, in a fixed order; what they are called proves nothing."""
        wanted = (info.filename for info in self._infos if _plain(info.filename).startswith(folder.lower()))
        yield from sorted(name for name in wanted if self._is_xml(name))

    def parse(self, name: str, handler: Handler) -> None:
        """Let `handler` listen to one member.

        Raises:
            Unopenable: it is broken, too large or too deep, or it declares a document type.
        """
        parser = _parser(handler)
        try:
            for chunk in self._chunks(name):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, *_BROKEN) as error:
            raise Unopenable("damaged") from error

    def _is_xml(self, name: str) -> bool:
        if name.lower().endswith((".xml", ".rels", "/")):
            return name.lower().endswith(".xml")
        try:
            with self._opened.open(name) as member:
                return b"<" in member.read(8)
        except _BROKEN:
            return False

    def _chunks(self, name: str) -> Iterator[bytes]:
        with self._opened.open(name) as member:
            while chunk := member.read(_CHUNK):
                self._room -= len(chunk)
                if self._room < 0:
                    raise Unopenable("limits")
                yield chunk


def _plain(name: str) -> str:
    return name.lower().lstrip("/")


def _parser(handler: Handler) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise Unopenable("limits")
        handler.start(name.rpartition(" ")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(name.rpartition(" ")[2])

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    """No office program declares a document type; entities are how files read others and grow without end."""
    raise Unopenable("unsafe")


class Told:
    """Listens for the words of a few elements: properties, comments, text boxes."""

    def __init__(self, wanted: frozenset[str], most: int = 1_000) -> None:
        self.found: dict[str, list[str]] = {}
        self._wanted = wanted
        self._most = most
        self._open: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - Handler
        """Begin to listen."""
        if name in self._wanted and len(self.found.setdefault(name, [])) < self._most:
            self._open = []

    def end(self, name: str) -> None:
        """Note what was said."""
        if name in self._wanted and self._open is not None:
            self.found[name].append("".join(self._open))
            self._open = None

    def data(self, text: str) -> None:
        """Words."""
        if self._open is not None:
            self._open.append(text)


_PROPERTIES: tuple[tuple[str, frozenset[str]], ...] = (
    ("docProps/core.xml", frozenset({"creator", "lastModifiedBy"})), ("docProps/app.xml", frozenset({"Company"})),
)  # fmt: skip


def properties(
    whole: Archive, parse: Callable[[str, Handler], None], *, tracked: int = 0, comments: int = 0, hidden: int = 0
) -> Properties:
    """The properties of an office document."""
    said: dict[str, str] = {}
    names = set(whole.members())
    for member, wanted in _PROPERTIES:
        if member in names:
            told = Told(wanted, most=1)
            parse(member, told)
            said |= {name: "".join(texts).strip()[:200] for name, texts in told.found.items()}
    return Properties(
        said.get("creator", ""), said.get("lastModifiedBy", ""), said.get("Company", ""),
        tracked=tracked, comments=comments, hidden=hidden,
    )  # fmt: skip
