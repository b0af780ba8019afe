"""A whole city pack in memory, with the look-ups of the hot path made once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from schemas.city.catalogues import Catalogue, Field
from schemas.city.charges import Charge
from schemas.city.counters import Counter
from schemas.city.deadlines.phrases import GENERAL, Phrases
from schemas.city.documents import NOTHING_SAID, Documents
from schemas.city.forms import CitizenForm
from schemas.city.headers import Header
from schemas.city.ladders import Ladder
from schemas.city.limits import GENERAL as LIMITS
from schemas.city.limits import CounterLimit, LimitName
from schemas.city.mailboxes import Mailbox
from schemas.city.matters import Lifecycle
from schemas.city.models import (
    CalendarYear,
    CatalogueRow,
    City,
    Clock,
    Column,
    Department,
    Kind,
    Level,
    Outlet,
)
from schemas.city.participation import Scope
from schemas.city.platforms import AppealPlatform
from schemas.city.registers import Register
from schemas.city.standing import Standing
from schemas.city.textual import NO_CHECKS, TextChecks


@dataclass(frozen=True, eq=False)
class Pack:
    """Everything that differs from city to city. Immutable and picklable; look-ups cost one dict access."""

    city: City
    departments: tuple[Department, ...]
    rows: tuple[CatalogueRow, ...]
    kinds: tuple[Kind, ...]
    outlets: tuple[Outlet, ...]
    columns: tuple[Column, ...]
    clocks: tuple[Clock, ...]
    years: tuple[CalendarYear, ...]
    """One a year: the newest version, overrides applied."""
    catalogues: tuple[Catalogue, ...] = ()
    """What each catalogue file is, in the order of catalogues.toml."""
    fields: tuple[Field, ...] = ()
    """The fields that rows belong to."""
    headers: tuple[Header, ...] = ()
    """How spreadsheets write the standard columns."""
    registers: tuple[Register, ...] = ()
    """Lists that departments keep, in the order of their files."""
    lifecycles: tuple[Lifecycle, ...] = ()
    """Kinds of matters, in the order of their files."""
    ladders: tuple[Ladder, ...] = ()
    """What is said of duties, and when."""
    standing: tuple[Standing, ...] = ()
    """What is owed each period."""
    scope: tuple[Scope, ...] = ()
    """What must be put to the public before it is decided."""
    charges: tuple[Charge, ...] = ()
    """What requests are charged, a table a mode."""
    mailboxes: tuple[Mailbox, ...] = ()
    forms: tuple[CitizenForm, ...] = ()
    """What citizens write to."""
    limits: tuple[CounterLimit, ...] = tuple(LIMITS.values())
    """How often something may be tried at the counter."""
    platforms: tuple[AppealPlatform, ...] = ()
    """Where they appeal outside, and what is said to and fro."""
    counters: tuple[Counter, ...] = ()
    """What reports count of matters and duties."""
    boilerplate: tuple[str, ...] = ()
    """Phrases that answer nobody."""
    documents: Documents = NOTHING_SAID
    """What it says of official documents."""
    text_checks: TextChecks = NO_CHECKS
    """What texts are held against."""
    phrases: Phrases = GENERAL
    """What its words for time limits mean."""

    @property
    def release(self) -> str:
        """Number of this release, as verdicts name it."""
        return self.city.release

    @property
    def division(self) -> str:
        """行政区划代码."""
        return self.city.division

    @property
    def name(self) -> str:
        """The city's name."""
        return self.city.name

    @property
    def domain(self) -> str:
        """The portal's domain, without scheme."""
        return self.city.domain

    @property
    def site_id(self) -> str:
        """网站标识码."""
        return self.city.site_id

    @property
    def lead_office(self) -> str:
        """Code of the department that leads the openness work."""
        return self.city.lead_office

    @property
    def go_live(self) -> date:
        """First day of the bus, for departments without a day of their own."""
        return self.city.go_live

    @cached_property
    def department(self) -> dict[str, Department]:
        """Code to department, past ones too."""
        return {department.code: department for department in self.departments}

    @cached_property
    def row(self) -> dict[str, CatalogueRow]:
        """序号 to the newest edition of its catalogue row, past ones too."""
        return {code: editions[-1] for code, editions in self.editions.items()}

    @cached_property
    def editions(self) -> dict[str, tuple[CatalogueRow, ...]]:
        """序号 to all editions of its row, which follow one another in time."""
        found: dict[str, list[CatalogueRow]] = {}
        for row in self.rows:
            found.setdefault(row.code, []).append(row)
        return {code: tuple(sorted(rows, key=lambda row: row.from_)) for code, rows in found.items()}

    @cached_property
    def edition(self) -> dict[str, CatalogueRow]:
        """`CatalogueRow.key` to edition."""
        return {row.key: row for row in self.rows}

    def row_on(self, code: str, day: date) -> CatalogueRow | None:
        """The edition of row `code` that is in force on `day`."""
        return next((row for row in self.editions.get(code, ()) if row.in_force(day)), None)

    @cached_property
    def catalogue(self) -> dict[str, Catalogue]:
        """Stem to catalogue; a file that catalogues.toml does not name has none."""
        return {catalogue.stem: catalogue for catalogue in self.catalogues}

    @cached_property
    def field(self) -> dict[str, Field]:
        """Name to field, as rows name it."""
        return {field.name: field for field in self.fields}

    @cached_property
    def kind(self) -> dict[str, Kind]:
        """Name to the newest edition of its kind."""
        return {name: editions[-1] for name, editions in self._kinds.items()}

    @cached_property
    def _kinds(self) -> dict[str, tuple[Kind, ...]]:
        found: dict[str, list[Kind]] = {}
        for kind in self.kinds:
            found.setdefault(kind.name, []).append(kind)
        return {name: tuple(sorted(kinds, key=lambda kind: kind.from_)) for name, kinds in found.items()}

    def kind_on(self, name: str, day: date) -> Kind | None:
        """The edition of kind `name` that is in force on `day`."""
        return next((kind for kind in self._kinds.get(name, ()) if kind.in_force(day)), None)

    @cached_property
    def title_form(self) -> dict[str, re.Pattern[str]]:
        """Template of a kind's titles to its pattern."""
        return {kind.template: self.documents.title_pattern(kind.template) for kind in self.kinds if kind.template}

    @cached_property
    def outlet(self) -> dict[str, Outlet]:
        """Id to outlet."""
        return {outlet.id: outlet for outlet in self.outlets}

    @cached_property
    def column(self) -> dict[str, Column]:
        """Id to column."""
        return {column.id: column for column in self.columns}

    @cached_property
    def register(self) -> dict[str, Register]:
        """Id to register."""
        return {register.id: register for register in self.registers}

    @cached_property
    def mailbox(self) -> dict[str, Mailbox]:
        """Id to mailbox."""
        return {mailbox.id: mailbox for mailbox in self.mailboxes}

    @cached_property
    def form(self) -> dict[str, CitizenForm]:
        """Sort to form."""
        return {form.id: form for form in self.forms}

    @cached_property
    def limit(self) -> dict[LimitName, CounterLimit]:
        """Id to limit; every one is there."""
        return {limit.id: limit for limit in self.limits}

    @cached_property
    def platform(self) -> dict[str, AppealPlatform]:
        """Id to platform."""
        return {platform.id: platform for platform in self.platforms}

    @cached_property
    def lifecycle(self) -> dict[str, Lifecycle]:
        """Id to lifecycle."""
        return {lifecycle.id: lifecycle for lifecycle in self.lifecycles}

    @cached_property
    def charge(self) -> dict[str, Charge]:
        """Mode to its table of charges."""
        return {charge.id: charge for charge in self.charges}

    @cached_property
    def ladder(self) -> dict[str, Ladder]:
        """Id to ladder."""
        return {ladder.id: ladder for ladder in self.ladders}

    @cached_property
    def clock(self) -> dict[str, Clock]:
        """Id to the newest edition of its statutory clock."""
        return {name: editions[-1] for name, editions in self.clock_editions.items()}

    @cached_property
    def clock_editions(self) -> dict[str, tuple[Clock, ...]]:
        """Id to all editions of its clock, in the order of time."""
        found: dict[str, list[Clock]] = {}
        for clock in self.clocks:
            found.setdefault(clock.id, []).append(clock)
        return {name: tuple(sorted(clocks, key=lambda clock: clock.from_)) for name, clocks in found.items()}

    def clock_on(self, name: str, day: date) -> Clock | None:
        """The edition of clock `name` that is in force on `day`."""
        return next((clock for clock in self.clock_editions.get(name, ()) if clock.in_force(day)), None)

    @cached_property
    def publishers(self) -> dict[str, frozenset[str]]:
        """序号 to the codes of all departments that may publish its newest edition."""
        return {code: self.publishers_of(row) for code, row in self.row.items()}

    def publishers_of(self, row: CatalogueRow) -> frozenset[str]:
        """The codes of all departments that may publish this edition of a row."""
        return self._publishers[row.key]

    @cached_property
    def _publishers(self) -> dict[str, frozenset[str]]:
        """Rows of the same publishers share one set: a city has some thousand units and rows."""
        sets = {(row.depts, row.levels): row for row in self.rows}
        found = {words: frozenset(self._selected(row)) for words, row in sets.items()}
        return {row.key: found[row.depts, row.levels] for row in self.rows}

    @cached_property
    def predecessors(self) -> dict[str, frozenset[str]]:
        """Code to itself and all whose tasks it took over, however long the chain."""
        found = {department.code: {department.code} for department in self.departments}
        for department in self.departments:
            heir = department.successor
            while heir is not None and department.code not in found.get(heir, {department.code}):
                found[heir].add(department.code)
                heir = self.department[heir].successor
        return {code: frozenset(codes) for code, codes in found.items()}

    @cached_property
    def above(self) -> dict[str, frozenset[str]]:
        """Code to itself, all departments above it, and the successors of them all."""
        heirs: dict[str, set[str]] = {code: set() for code in self.department}
        for heir, held in self.predecessors.items():
            for code in held:
                heirs[code].add(heir)
        found: dict[str, frozenset[str]] = {}
        for department in self.departments:
            above: set[str] = set()
            step: Department | None = department
            while step is not None and step.code not in above:
                above |= heirs[step.code] | {step.code}
                step = self.department.get(step.parent or "")
            found[department.code] = frozenset(above)
        return found

    def is_or_succeeds(self, dept: str, issuer: str) -> bool:
        """Whether `dept` is `issuer` or took its tasks over."""
        return dept == issuer or issuer in self.predecessors.get(dept, ())

    def speaks_for(self, dept: str, issuer: str, day: date) -> bool:
        """Whether `dept` is `issuer`, or has taken its tasks over by `day`: from the day after each one's last."""
        return dept == issuer or any(
            heir == dept and ended is not None and ended < day for heir, ended in self._heirs.get(issuer, ())
        )

    def may_publish(self, row: CatalogueRow, dept: str, day: date) -> bool:
        """Whether this edition of a row is `dept`'s on `day`: by its own words, or as a department's it succeeds."""
        publishers = self.publishers_of(row)
        return dept in publishers or any(
            each in publishers and self.speaks_for(dept, each, day) for each in self.predecessors.get(dept, ())
        )

    def heir_of(self, dept: str, day: date) -> Department | None:
        """Who has the tasks of a department that had ended by `day`; None where nobody has, or it has them itself."""
        taken = [heir for heir, ended in self._heirs.get(dept, ()) if ended is not None and ended < day]
        return self.department[taken[-1]] if taken else None

    @cached_property
    def successions(self) -> tuple[tuple[str, str, date], ...]:
        """Who has taken over from whom, down each chain, and the last day before."""
        return tuple(
            (heir, issuer, ended)
            for issuer, chain in self._heirs.items() for heir, ended in chain if ended is not None
        )  # fmt: skip

    @cached_property
    def _heirs(self) -> dict[str, tuple[tuple[str, date | None], ...]]:
        """Code to its successors down the chain, each with the last day of the latest that ended before it."""
        found: dict[str, tuple[tuple[str, date | None], ...]] = {}
        for department in self.departments:
            chain: list[tuple[str, date | None]] = []
            step, ended = department, department.to
            while step.successor is not None and step.successor not in {department.code, *(code for code, _ in chain)}:
                ended = max(ended, step.to) if ended and step.to else None
                chain.append((step.successor, ended))
                step = self.department[step.successor]
            if chain:
                found[department.code] = tuple(chain)
        return found

    def departments_on(self, day: date, level: Level | None = None) -> tuple[Department, ...]:
        """Departments in force on `day`, in the file's order."""
        return tuple(d for d in self.departments if d.in_force(day) and level in {None, d.level})

    def go_live_of(self, dept: str) -> date:
        """The day from which `dept` publishes through the bus."""
        return self.department[dept].go_live or self.go_live

    def column_of(self, row: CatalogueRow, kind: Kind) -> str:
        """Portal column of a publication: its kind's own, else its row's; a field's row keeps what is its own."""
        return row.column if row.field else kind.column or row.column

    def outlets_for(self, channels: Iterable[str], dept: str, quota_class: str) -> tuple[Outlet, ...]:
        """Outlets that carry what `dept` sends to `channels` (the catalogue's words), in the file's order."""
        candidates = self._outlets_of.get((dept, quota_class))
        if candidates is None:
            return ()
        named = frozenset(channels)
        return tuple(outlet for words, outlet in candidates if not named.isdisjoint(words))

    @cached_property
    def _outlets_of(self) -> dict[tuple[str, str], tuple[tuple[tuple[str, ...], Outlet], ...]]:
        """Department and quota class to the outlets open to them, each with its channels."""
        return {
            (department.code, quota_class): tuple(
                (outlet.channels, outlet)
                for outlet in self.outlets
                if (outlet.department is None or self.is_or_succeeds(outlet.department, department.code))
                and (not outlet.classes or quota_class in outlet.classes)
                and (not outlet.levels or department.level in outlet.levels)
            )
            for department in self.departments
            for quota_class in self.city.quota_classes
        }

    def levels_addressed(self, row: CatalogueRow) -> frozenset[Level]:
        """The levels of the departments that the row's `depts` name, whatever its 公开层级."""
        named = (self.departments_named.get(word, ()) for word in row.depts)
        return frozenset(self.department[code].level for codes in named for code in codes)

    @cached_property
    def departments_named(self) -> dict[str, frozenset[str]]:
        """A word of a row's `depts` to the departments that it names."""
        found: dict[str, set[str]] = {f"class:{name}": set() for name in self.city.classes}
        for department in self.departments:
            for word in ("*", department.code, f"class:{department.class_}", f"level:{department.level}"):
                found.setdefault(word, set()).add(department.code)
        return {word: frozenset(codes) for word, codes in found.items()}

    def _selected(self, row: CatalogueRow) -> Iterable[str]:
        for word in row.depts:
            for code in self.departments_named.get(word, ()):
                if self.department[code].level in row.levels:
                    yield code
