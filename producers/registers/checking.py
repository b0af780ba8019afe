"""Which rows of a register's file may go: judged by the judge's own rules, duplicates named by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from pydantic import ValidationError

from producers.registers.reading import Row
from rules.case import Fault
from rules.registers import record_faults
from schemas.city import Pack, Register
from schemas.events.registers import LoadedRecord
from schemas.reasons import finding
from schemas.records import Finding

REFUSED = 1_000
"""Rows of which the reasons are told; all are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that may go."""

    number: int
    entry: LoadedRecord
    digest: bytes
    """Of what it says, without its version."""
    versioned: bool
    """Whether the file itself says the version."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of a row: in Chinese with English beside."""

    number: int
    code: str
    zh: str
    en: str
    refused: bool


@dataclass(slots=True)
class Examination:
    """Goes through rows once, and counts."""

    pack: Pack
    register: Register
    keeper: str
    read: int = 0
    refused: int = 0
    duplicates: int = 0
    remarked: int = 0
    remarks: list[Remark] = field(default_factory=list)
    _first: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    _values: dict[tuple[str, bytes], int] = field(default_factory=dict)

    def lines(self, rows: Iterable[Row]) -> Iterator[Line]:
        """The rows that may go, as they come."""
        for row in rows:
            self.read += 1
            line = self._line(row)
            if line is not None and self._is_first(line):
                yield line

    def _line(self, row: Row) -> Line | None:
        try:
            entry = LoadedRecord.model_validate({
                "record": row.record, "version": row.version or 1, "fields": row.fields,
                "effective_on": row.effective_on or None,
            })  # fmt: skip
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False, include_input=False)[0]
            words = f"{'/'.join(map(str, wrong['loc']))}: {wrong['msg']}"
            self._refuse(row.number, "INVALID", f"编码、版本或生效日期有误（{words}）。", f"is not right: {words}.")
            return None
        found = [_told(fault) for fault in record_faults(self.pack, self.register, self.keeper, entry, "")]
        for one in found:
            self._remark(row.number, one)
        if any(one.severity == "block" for one in found):
            self.refused += 1
            return None
        return Line(row.number, entry, digest_of(row.fields, row.effective_on), bool(row.version))

    def _is_first(self, line: Line) -> bool:
        """Whether no row before has the same code: one that says another thing is refused, the same is not."""
        first = self._first.setdefault(line.entry.record, (line.number, line.digest))
        if first[0] != line.number:
            same = first[1] == line.digest
            self.duplicates += 1
            zh, en = (
                ("内容相同，只登记一次", "says the same, and counts once")
                if same
                else ("内容不同，未登记", "differs, and was left out")
            )
            self._say(
                line.number, "REG-DOUBLE", f"编码{line.entry.record}与第{first[0]}行重复，{zh}。",
                f"the code {line.entry.record} stands in row {first[0]} already; it {en}.", refused=not same,
            )  # fmt: skip
            self.refused += not same
            return False
        self._compare(line)
        return True

    def _compare(self, line: Line) -> None:
        """Values that no two records may share."""
        for one in (one for one in self.register.fields if one.unique):
            if value := line.entry.fields.get(one.name, ""):
                first = self._values.setdefault((one.name, _short(value)), line.number)
                if first != line.number:
                    self.duplicates += 1
                    zh = f"“{one.name}”与第{first}行相同：{value[:80]}，将在核查页列出。"
                    en = f"{one.name} is the same as in row {first}; the report will list both."
                    self._say(line.number, "REG-DOUBLE", zh, en, refused=False)

    def _refuse(self, number: int, code: str, zh: str, en: str) -> None:
        self.refused += 1
        self._say(number, code, zh, en, refused=True)

    def _remark(self, number: int, one: Finding) -> None:
        self._say(number, one.rule, one.message.zh + one.remedy.zh, f"{one.message.en} {one.remedy.en}",
                  refused=one.severity == "block")  # fmt: skip

    def _say(self, number: int, code: str, zh: str, en: str, *, refused: bool) -> None:
        self.remarked += 1
        if len(self.remarks) < REFUSED:
            self.remarks.append(Remark(number, code, zh, en, refused))


def digest_of(fields: dict[str, str], effective_on: str) -> bytes:
    """Of what a record says, to compare it with what is held."""
    hashed = blake2b(effective_on.encode(), digest_size=16)
    for name, value in sorted(fields.items()):
        hashed.update(f"\x00{name}\x01{value}".encode())
    return hashed.digest()


def _told(fault: Fault) -> Finding:
    return finding(fault.reason, fault.place, basis=fault.basis, excerpt=fault.excerpt or None, **fault.values)


def _short(value: str) -> bytes:
    return blake2b(value.encode(), digest_size=12).digest()
