"""Search in Chinese on both databases alike, by our own bigrams.

SQLite's trigrams find no word of two characters, and PostgreSQL knows no Chinese. So the terms are made here: a run
of letters that no blanks divide (Chinese, kana) gives its pairs and its last letter, a run of Latin letters and
digits gives itself. FTS5 and a `tsvector` only keep them; neither tokenizes anything, so both find the same.
A query's pairs may lie apart in a text, so whoever asks also looks for the words in the normal text (`Query.words`),
kept beside; the same text ranks: what stands further to the front comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

MOST_WORDS = 10
"""Words of a query that are looked for."""
LONGEST = 64
"""Characters of a Latin term; of a longer one the beginning is kept."""

_RUNS = re.compile(r"[0-9a-z]+|[^\x00-\x7f]+")
_APART = re.compile(r"[\W_]+")


def normal(text: str) -> str:
    """`text` as it is searched: one width, one case, a blank for whatever is neither letter nor digit."""
    return _APART.sub(" ", normalize("NFKC", text).casefold()).strip()


def terms_of(text: str) -> set[str]:
    """The terms of a normal text."""
    found: set[str] = set()
    for run in _RUNS.findall(text):
        if run[0] < "\x80":
            found.add(run[:LONGEST])
        else:
            found.update(run[at : at + 2] for at in range(len(run)))
    return found


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for."""

    words: tuple[str, ...]
    """Normal; every one must be in the text."""

    @classmethod
    def of(cls, text: str) -> Query:
        """The words of `text`, which blanks divide."""
        return cls(tuple(dict.fromkeys(word for part in text.split() if (word := normal(part))))[:MOST_WORDS])

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The words whose terms may all be there without the word: those of more than one term."""
        return tuple(word for word in self.words if len(_asked(word)) > 1)


@dataclass(frozen=True, slots=True)
class Bigrams:
    """A table `name` of ids and terms, made by a revision (`create`); `by_hand` of `part_metadata` must name it."""

    name: str

    def create(self, dialect: str) -> list[str]:
        """The statements that make it."""
        if dialect == "sqlite":
            options = "detail=none, columnsize=0, tokenize=\"ascii tokenchars '_'\""
            return [f"CREATE VIRTUAL TABLE {self.name} USING fts5(terms, {options})"]
        return [
            f"CREATE TABLE {self.name} (id BIGINT PRIMARY KEY, terms tsvector NOT NULL)",
            f"CREATE INDEX {self.name}_gin ON {self.name} USING gin (terms)",
        ]

    def put(self, conn: sa.Connection, rows: Iterable[tuple[int, str, str]]) -> None:
        """Keep id, mark and normal text, in the place of what was kept under the id.

        A mark divides the table: a query finds what has its mark alone.
        """
        made = [(id_, [_mark(mark), *sorted(terms_of(text))]) for id_, mark, text in rows]
        if not made:
            return
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql(
                f"INSERT OR REPLACE INTO {self.name} (rowid, terms) VALUES (?, ?)",  # noqa: S608 - a name of ours
                [(id_, " ".join(terms)) for id_, terms in made],
            )
            return
        conn.exec_driver_sql(
            f"INSERT INTO {self.name} (id, terms) VALUES (%s, array_to_tsvector(%s::text[]))"  # noqa: S608
            " ON CONFLICT (id) DO UPDATE SET terms = excluded.terms",
            [(id_, terms) for id_, terms in made],
        )

    def drop(self, conn: sa.Connection, ids: Sequence[int]) -> None:
        """Forget ids."""
        if not ids:
            return
        key, sign = ("rowid", "?") if conn.dialect.name == "sqlite" else ("id", "%s")
        conn.exec_driver_sql(f"DELETE FROM {self.name} WHERE {key} = {sign}", [(id_,) for id_ in ids])  # noqa: S608

    def clear(self, conn: sa.Connection) -> None:
        """Forget everything, before a rebuild."""
        conn.exec_driver_sql(f"DELETE FROM {self.name}")  # noqa: S608

    def matching(self, dialect: str, mark: str, query: Query) -> sa.Select[int]:
        """The ids, as `id`, of what has the mark and every term of the query; to be used in `IN`."""
        asked = [(_mark(mark), False), *(each for word in query.words for each in _asked(word))]
        if dialect == "sqlite":
            words = " AND ".join(f'"{term}"*' if opened else f'"{term}"' for term, opened in asked)
            ids, match = "rowid", sa.literal_column(self.name).op("MATCH")(words)
        else:
            words = " & ".join(f"'{term}':*" if opened else f"'{term}'" for term, opened in asked)
            ids, match = "id", sa.literal_column("terms").op("@@")(sa.cast(words, TSQUERY))
        return (
            sa.select(sa.literal_column(ids, sa.BigInteger).label("id")).select_from(sa.table(self.name)).where(match)
        )


def _asked(word: str) -> list[tuple[str, bool]]:
    """The terms of a word, and whether each may be the beginning of a longer one.

    They are letters and digits alone, so that no quoting is needed.
    """
    asked: list[tuple[str, bool]] = []
    for run in _RUNS.findall(word):
        if run[0] < "\x80" or len(run) == 1:
            asked.append((run[:LONGEST], True))
        else:
            asked += [(run[at : at + 2], False) for at in range(len(run) - 1)]
    return asked


def _mark(mark: str) -> str:
    """A term that no text has."""
    return "_" + _APART.sub("_", mark)
