"""The catalogue as a tree and as rows that fit what was asked: pure views of a pack."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.city import Catalogue, CatalogueRow, Field, Pack
from schemas.city.catalogues import stem_of
from schemas.city.inheritance import looser

SETS: dict[str, str] = {
    "base": "基本目录", "key-fields": "三大重点领域", "key-items": "重点领域事项", "area": "重点领域",
    "standard": "标准目录", "department": "部门目录", "other": "其他目录",
}  # fmt: skip
"""Set of a catalogue to the words that readers see, in the order of the page."""
FIELD_SETS: dict[str, str] = {"key": "三大重点领域", "area": "重点领域", "standard26": "标准目录试点领域"}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many: rows with a live item, departments that published."""

    have: int
    of: int

    @property
    def percent(self) -> str:
        """With one decimal; a dash where there is nothing to have. Never 100 while one is missing."""
        if not self.of:
            return "—"
        tenths = self.have * 1000 // self.of
        return f"{tenths / 10:.1f}%"


@dataclass(frozen=True, slots=True)
class Branch:
    """A catalogue with those that inherit from it."""

    catalogue: Catalogue
    rows: int
    covered: Share
    children: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field by its name, whatever sets it stands in."""

    name: str
    sets: tuple[str, ...]
    fields: tuple[Field, ...]
    rows: tuple[CatalogueRow, ...]
    covered: Share

    @property
    def responsible(self) -> tuple[str, ...]:
        """Codes of the departments that answer for it, each once."""
        return tuple(dict.fromkeys(code for field in self.fields for code in field.responsible))

    @property
    def basis(self) -> str:
        """What it stands on."""
        return "；".join(dict.fromkeys(field.basis for field in self.fields))


@dataclass(frozen=True, slots=True)
class Asked:
    """What rows are looked for; an empty word asks nothing."""

    set: str = ""
    field: str = ""
    level: str = ""
    dept: str = ""
    five_open: str = ""
    principle: str = ""
    q: str = ""

    def __bool__(self) -> bool:
        return any((self.set, self.field, self.level, self.dept, self.five_open, self.principle, self.q))


def catalogues(pack: Pack) -> Mapping[str, Catalogue]:
    """Stem to catalogue, with a plain entry for each file that catalogues.toml does not name."""
    stems = dict.fromkeys(stem_of(row.catalogue) for row in pack.rows)
    plain = {stem: Catalogue(stem=stem, name=stem, set="other", basis="—") for stem in stems}
    named = {stem: catalogue for stem, catalogue in pack.catalogue.items() if stem in stems}
    return {**named, **{stem: each for stem, each in plain.items() if stem not in named}}


def rows_of(pack: Pack, stem: str) -> list[CatalogueRow]:
    """Every edition of every row of a catalogue, in its file's order."""
    return [row for row in pack.rows if stem_of(row.catalogue) == stem]


def in_force(pack: Pack, today: date) -> list[CatalogueRow]:
    """The rows of today, each once."""
    return [row for row in pack.rows if row.in_force(today)]


def coverage(rows: Sequence[CatalogueRow], live: Collection[str]) -> Share:
    """Of the rows that are published without being asked for, how many have a live item."""
    asked = {row.code for row in rows if "主动" in row.modes}
    return Share(len(asked & set(live)), len(asked))


def tree(pack: Pack, today: date, live: Collection[str]) -> list[tuple[str, list[Branch]]]:
    """Set by set, the catalogues that inherit from none; each has its heirs beneath it."""
    known = catalogues(pack)
    rows: dict[str, list[CatalogueRow]] = {stem: [] for stem in known}
    for row in in_force(pack, today):
        rows[stem_of(row.catalogue)].append(row)

    def branch(catalogue: Catalogue) -> Branch:
        heirs = (each for each in known.values() if each.parent == catalogue.stem)
        own = rows[catalogue.stem]
        return Branch(catalogue, len(own), coverage(own, live), tuple(map(branch, heirs)))

    roots = [each for each in known.values() if each.parent not in known]
    found = ((name, [branch(each) for each in roots if each.set == word]) for word, name in SETS.items())
    return [(name, branches) for name, branches in found if branches]


def fields(pack: Pack, today: date, live: Collection[str]) -> list[tuple[str, list[FieldView]]]:
    """Set by set, the fields with their coverage."""
    found = []
    for word, name in FIELD_SETS.items():
        names = dict.fromkeys(field.name for field in pack.fields if field.set == word)
        found.append((name, [view for each in names if (view := field_view(pack, each, today, live))]))
    return [(name, views) for name, views in found if views]


def field_view(pack: Pack, name: str, today: date, live: Collection[str]) -> FieldView | None:
    """One field; None where the pack has none of that name."""
    own = tuple(field for field in pack.fields if field.name == name)
    if not own:
        return None
    lists = _lists_of(pack, own)
    rows = tuple(row for row in in_force(pack, today) if row.field == name or stem_of(row.catalogue) in lists)
    sets = tuple(dict.fromkeys(FIELD_SETS[field.set] for field in own))
    return FieldView(name, sets, own, rows, coverage(rows, live))


def _lists_of(pack: Pack, own: Sequence[Field]) -> set[str]:
    """Stems of the standard lists of a field: those that are named after it."""
    names = [field.name for field in own if field.set == "standard26"]
    lists = (each for each in pack.catalogues if each.set == "standard")
    return {each.stem for each in lists if any(each.name.startswith(f"{name}领域") for name in names)}


def find(pack: Pack, today: date, asked: Asked) -> list[CatalogueRow]:
    """The rows of today that fit."""
    sets = {stem: catalogue.set for stem, catalogue in catalogues(pack).items()}
    return [row for row in in_force(pack, today) if all(_fits(pack, row, asked, sets[stem_of(row.catalogue)]))]


def _fits(pack: Pack, row: CatalogueRow, asked: Asked, its_set: str) -> Iterator[bool]:
    yield asked.set in {"", its_set}
    yield asked.field in {"", row.field}
    yield not asked.level or asked.level in row.levels
    yield not asked.dept or asked.dept in pack.publishers_of(row)
    yield asked.five_open in {"", row.five_open}
    yield not asked.principle or asked.principle in row.principles
    yield not asked.q or asked.q in " ".join((row.code, row.level1, row.level2, row.basis, *row.elements))


def stricter(pack: Pack, row: CatalogueRow) -> list[tuple[str, str]]:
    """What a row asks beyond the row it inherits from, in a term and a text each."""
    parent = pack.row.get(row.parent or "")
    if parent is None:
        return []
    told = [("期限更短", row.time_limit.raw)] if looser(parent.time_limit, row.time_limit) else []
    more = (
        ("要素更多", [word for word in row.elements if word not in parent.elements]),
        ("渠道更多", [word for word in row.channels if word not in parent.channels]),
    )
    return [*told, *((term, "、".join(words)) for term, words in more if words)]
