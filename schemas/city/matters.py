"""Lifecycles of matters: states, steps, guards, clocks; each is a file in `matters/`, a new one no code (RULES §2).

A step is what an event says somebody did; a guard is an expression over it (`schemas.city.expressions`); a clock is
something due from one step to another; a trigger is a step that a publication takes for a matter of another stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Code
from schemas.city.expressions import holes, read
from schemas.city.lines import place_of
from schemas.city.models import Part, Pattern
from schemas.records import Severity

if TYPE_CHECKING:
    from schemas.city.tables import Reader

FOLDER = "matters"
Family = Literal["complaint", "consultation", "foi-request", "matter", "review"]
"""Whose topic the matter lives on; all its steps travel there, under its key."""
FieldType = Literal["text", "date", "instant", "number", "yes", "dept", "depts", "choice", "choices", "sha256"]
"""`yes` is 是 or 否; `depts` and `choices` are several with blanks between; `sha256` is an attached file's digest."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=300)]
Expression = Annotated[str, Field(min_length=1, max_length=500)]

CITIZEN, SENDER, LEAD_OFFICE, ISSUER, ENGINE, ANYBODY = "citizen", "sender", "lead-office", "issuer", "engine", "*"
"""Who may take a step, beside a lifecycle's own roles: through portal, account or platform; the department that
opened it; the city's lead office; the one in the matter's key; a clock or another stream; any department."""
WHO = frozenset({CITIZEN, SENDER, LEAD_OFFICE, ISSUER, ENGINE, ANYBODY})
NEW, ANY_STATE = "new", "*"
"""In `from`: beside states, where there is no matter yet; any state that is no end."""
MAIN = "main"
"""The role that owes what a clock does not give to another; every lifecycle has it."""


class State(Part):
    """A state of a matter."""

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")]
    name: Code
    end: bool = False
    """Nothing more is expected; steps that name it may still follow."""


class StepField(Part):
    """Something a step records."""

    id: FieldName
    name: Code
    type: FieldType = "text"
    required: bool = True
    choices: tuple[Code, ...] = ()
    labels: tuple[Code, ...] = ()
    """What pages say for each choice; none: the choices themselves."""
    pattern: Annotated[Pattern, Field(max_length=200)] | None = None
    """Form of the whole text, a regular expression; `example` shows it to who got it wrong."""
    example: str = ""
    max: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    """Characters."""
    public: bool = False
    """Shown on public pages; a public text is held against the text checks."""
    counted: bool = False
    """What was chosen is told to pages without who chose it, for them to count; only of choices."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.type in {"choice", "choices"}) != bool(self.choices):
            raise ValueError("a choice, and no other type, lists its choices")
        if self.counted and not self.choices:
            raise ValueError("what is counted is a choice")
        if self.labels and len(self.labels) != len(self.choices):
            raise ValueError("labels are as many as the choices, in their order")
        if self.pattern is not None and (self.type != "text" or not self.example or not self.is_like(self.example)):
            raise ValueError("a pattern is a text's, and its example is of that form")
        return self

    def is_like(self, text: str) -> bool:
        """Whether a text has the form that the field asks for."""
        return self.pattern is None or re.fullmatch(self.pattern, text) is not None


class Guard(Part):
    """What must hold for a step: it is refused otherwise, or taken with a gap that is shown and counted."""

    id: Code
    """The rule's id, as findings and tests name it: `DEC-02`, `CHAIN-GAP-FEEDBACK`."""
    holds: Expression
    mode: Literal["refuse", "gap"] = "refuse"
    waits: bool = False
    """What makes it true may lie in another stream and not be here yet: the step waits for it, for a day."""
    basis: Sentence
    zh: Sentence
    """What is wrong, for the department; `{due('period')}` is filled in with what the expression answers."""
    en: Sentence
    remedy_zh: Sentence
    remedy_en: Sentence

    @cached_property
    def of_the_step(self) -> bool:
        """Whether it asks what the step says, so that no later one can mend it."""
        return any(group in {"fields", "facts"} for group, _ in read(self.holds).used)

    @property
    def expressions(self) -> tuple[str, ...]:
        """What is asked, and what the sentences are filled in with."""
        return (self.holds, *(each for text in (self.zh, self.en) for each in holes(text)))


class Effect(Part):
    """A step that this one takes for another matter, or for this one itself, over topic `links`."""

    rel: Code | None = None
    """The links that name the other matters; empty: the matter itself."""
    of: Literal["step", "matter"] = "step"
    """Whether the links are this step's own, or all that the matter has by then."""
    step: Name
    opens: Name | None = None
    """Lifecycle of the matter to open where there is none yet."""
    suffix: Annotated[str, Field(pattern=r"^(\.[a-z0-9-]{1,30})?$")] = ""
    """Added to the target's key, where the effect opens a matter beside it."""
    back: Code | None = None
    """Link by which the other matter then names this one."""
    when: Expression | None = None
    fields: dict[FieldName, Expression] = {}


class Step(Part):
    """A step: from which states to which, by whom, and what it must say."""

    id: Name
    name: Code
    from_: tuple[Code, ...] = Field((), alias="from")
    """None: it opens the matter; so it does with `new`, beside the states in which it comes later. `*`: any state
    that is no end."""
    to: Code | None = None
    """None: the state stays."""
    stays: tuple[Code, ...] = ()
    """Further states in which it may be taken, and which it does not change: what came late is recorded."""
    when: Expression | None = None
    """Of several forms that fit one state, the first that holds is taken; the last of them asks nothing."""
    by: Annotated[tuple[Code, ...], Field(min_length=1)]
    rule: Code
    """The rule or article it stands on."""
    fields: tuple[StepField, ...] = ()
    guards: tuple[Guard, ...] = ()
    assigns: dict[Name, FieldName] = {}
    """Role to the field of this step that names its departments; the sender's own where the field is `sender`."""
    joins: dict[Name, FieldName] = {}
    """As `assigns`, for departments that join those which hold the role already."""
    keeps: dict[FieldName, FieldName] = {}
    """Field of the matter to the field of this step that fills it, where later steps record the same anew."""
    begins: Name | None = None
    """Branch that it opens; a matter can't end while one is open."""
    ends: Name | None = None
    reasoned: bool = False
    """Whether `reason` must be given."""
    once: bool = False
    effects: tuple[Effect, ...] = ()
    public: bool = False
    """Whether it shows on public pages; the first such step makes the matter public."""

    @model_validator(mode="after")
    def _plain(self) -> Self:
        if ANYBODY in self.by and len(self.by) > 1:
            raise ValueError(f"`{ANYBODY}` is anybody: nobody stands beside it")
        if self.from_ == (NEW,):
            raise ValueError("what only begins a matter has no `from`")
        if both := {*self.from_} & {*self.stays}:
            raise ValueError(f"state {min(both)} stands in `from` and in `stays`; it either leads on or does not")
        return self

    @cached_property
    def field(self) -> dict[str, StepField]:
        """Id to field."""
        return {field.id: field for field in self.fields}

    def leads(self, state: str) -> str:
        """The state after it, where it is taken in `state`."""
        return state if self.to is None or state in self.stays else self.to

    @property
    def opens(self) -> bool:
        """Whether a matter begins with it."""
        return not self.from_ or NEW in self.from_


class Running(Part):
    """Which statutory clock runs, where it depends: the first whose `when` holds."""

    clock: Code
    when: Expression | None = None


class Clock(Part):
    """Something due: opened by a step, ended by another; in between paused, restarted, extended."""

    id: Name
    name: Code
    rule: Code
    limits: tuple[Running, ...] = ()
    since: FieldName | None = None
    """Field that says the day or instant it counts from, of the opening step or one before; else the step's time."""
    until: FieldName | None = None
    """Field that says the due day or instant itself, as a notice does; it stands in the place of `limits`."""
    opened_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    closed_by: tuple[Name, ...]
    paused_by: tuple[Name, ...] = ()
    resumed_by: tuple[Name, ...] = ()
    resumes: Expression | None = None
    """What must hold after such a step: a clock that two branches paused waits for both."""
    restarted_by: tuple[Name, ...] = ()
    """Steps from which it runs anew, from the day that their field `since` says, or their own time; with `until`, to
    the day that they say."""
    exempted_by: tuple[Name, ...] = ()
    """Steps by which somebody answers for its not being done; `reason` says why."""
    extended_by: dict[Name, Code] = {}
    """Step to the statutory clock that runs on from the due day; to the step's field that says it, with `until`."""
    owed_by: Name = MAIN
    """Role whose departments owe it."""
    ladder: Name | Literal[""] = "standard"
    """Empty: nobody is reminded."""
    lapse: Name | None = None
    """Step that the engine takes when the due time is over and it still runs: a period that ends by itself. It closes
    the clock, whoever takes it."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.until is None) != bool(self.limits):
            raise ValueError("a clock has limits, or a field `until`, and not both")
        if self.until is not None and (self.since, self.paused_by) != (None, ()):
            raise ValueError("a day that a field says is neither counted nor paused: extended_by names its new field")
        if self.lapse is not None and self.lapse in self.closed_by:
            raise ValueError("the step that it lapses by closes it: closed_by names others only")
        return self


class Trigger(Part):
    """A step that follows from a publication: once it was accepted, public, or withdrawn."""

    on: Literal["accepted", "published", "withdrawn"]
    step: Name
    rel: Code | None = None
    """Links of the publication that name the matters; empty: a matter of the publication's own key and `suffix`."""
    suffix: Annotated[str, Field(pattern=r"^(\.[a-z0-9-]{1,30})?$")] = ""
    kinds: tuple[Code, ...] = ()
    """Kinds of publication; empty: all."""
    when: Expression | None = None
    """Over `publication.<kind item dept title docno index_no five_open>`, `day` and `links('rel')`."""
    fields: dict[FieldName, Expression] = {}


class Pages(Part):
    """How public pages show matters of one kind, where a list by time and a page each do not say enough."""

    board: tuple[Name, ...] = ()
    """Clocks that a board counts down."""
    calendar: FieldName | None = None
    """Field that says the day or instant a matter stands under in the calendar."""
    narrows: tuple[FieldName, ...] = ()
    """Fields by which a list may be narrowed."""
    library: FieldName | None = None
    """Field that says what a case was about: who has a like question is shown the cases nearest to it."""
    solved: FieldName | None = None
    """Field that says on which day what stood in the way was out of it; the last ten are a list of their own."""

    @property
    def fields(self) -> tuple[FieldName, ...]:
        """Every field that is named."""
        one = (self.calendar, self.library, self.solved)
        return (*self.narrows, *(name for name in one if name is not None))


class FromFindings(Part):
    """How a matter is opened for what a scan finds in what is public: which field of its first step says what."""

    dept: FieldName
    """Whose it is."""
    rule: FieldName
    place: FieldName
    weight: FieldName
    weights: dict[Severity, Code]
    """What that field says of findings of each severity; those of others open nothing."""

    @property
    def fields(self) -> tuple[FieldName, ...]:
        """Every field that is named."""
        return (self.dept, self.rule, self.place, self.weight)


class Lifecycle(Part):
    """One kind of matter, from its first step to its end."""

    id: Name
    name: Code
    family: Family
    basis: Code
    title: FieldName | None = None
    """Field that is shown as its title, where its events have none of their own."""
    roles: dict[Name, Code] = {}
    """The lifecycle's own roles, in words; `main` is always there."""
    main: Code = ISSUER
    """Who `main` is until a step assigns it: `issuer`, `sender` or `lead-office`."""
    opens: tuple[Name, ...] = ()
    """Roles beside `main` whose departments see it, and open what is sealed in it."""
    confidential: bool = False
    """Whether nothing of it shows on public pages, whatever its steps say."""
    states: Annotated[tuple[State, ...], Field(min_length=2)]
    steps: Annotated[tuple[Step, ...], Field(min_length=2)]
    clocks: tuple[Clock, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    pages: Pages = Pages()
    findings: FromFindings | None = None
    """Where a scan of what is public opens such matters."""

    @model_validator(mode="after")
    def _shown(self) -> Self:
        public = {field.id for step in self.steps for field in step.fields if field.public}
        if wrong := [name for name in self.pages.fields if name not in public]:
            raise ValueError(f"pages: {wrong[0]} is no public field of a step")
        if wrong := [name for name in self.pages.board if name not in {clock.id for clock in self.clocks}]:
            raise ValueError(f"pages: there is no clock {wrong[0]}")
        return self

    @model_validator(mode="after")
    def _opened(self) -> Self:
        if wrong := [role for role in self.opens if role not in self.roles]:
            raise ValueError(f"opens: {wrong[0]} is no role of the lifecycle")
        return self

    @model_validator(mode="after")
    def _found(self) -> Self:
        opening = {field.id: field for step in self.steps if step.opens for field in step.fields}
        if self.findings is None:
            return self
        if wrong := [name for name in self.findings.fields if name not in opening]:
            raise ValueError(f"findings: {wrong[0]} is no field of a first step")
        if strange := set(self.findings.weights.values()) - set(opening[self.findings.weight].choices):
            raise ValueError(f"findings: {self.findings.weight} can't be {min(strange)}")
        return self

    @cached_property
    def state(self) -> dict[str, State]:
        """Id to state."""
        return {state.id: state for state in self.states}

    @cached_property
    def clock(self) -> dict[str, Clock]:
        """Id to clock."""
        return {clock.id: clock for clock in self.clocks}

    @cached_property
    def step(self) -> dict[str, tuple[Step, ...]]:
        """Id to the step's forms; several where it leads elsewhere from other states."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.id, []).append(step)
        return {name: tuple(steps) for name, steps in found.items()}

    def forms(self, name: str, state: str | None) -> tuple[Step, ...]:
        """The forms of step `name` that may be taken in `state`; None of a state is before the beginning."""
        return tuple(step for step in self.step.get(name, ()) if self.fits(step, state))

    def fits(self, step: Step, state: str | None) -> bool:
        """Whether `step` may be taken in `state`."""
        if state is None:
            return step.opens
        return state in {*step.from_, *step.stays} or (ANY_STATE in step.from_ and not self.state[state].end)

    def allowed(self, state: str | None) -> Iterator[Step]:
        """The steps that may be taken in `state`, in the file's order."""
        return (step for step in self.steps if self.fits(step, state))

    @cached_property
    def kept(self) -> frozenset[str]:
        """Fields that later steps ask for: those of `matter.` in expressions, what clocks count from, and the title."""
        asked = {name for text in self.expressions for group, name in read(text).used if group == "matter"}
        asked |= {name for clock in self.clocks for name in (clock.since, self.title) if name}
        return frozenset(asked) & frozenset(field.id for s in self.steps for field in s.fields)

    @cached_property
    def expressions(self) -> tuple[str, ...]:
        """Every expression of the lifecycle but those over publications."""
        found = [text for step in self.steps for guard in step.guards for text in guard.expressions]
        found += [step.when for step in self.steps if step.when]
        found += [one.when for clock in self.clocks for one in clock.limits if one.when]
        found += [clock.resumes for clock in self.clocks if clock.resumes]
        for effect in (effect for step in self.steps for effect in step.effects):
            found += [*([effect.when] if effect.when else []), *effect.fields.values()]
        return tuple(found)

    @cached_property
    def fields(self) -> dict[str, StepField]:
        """Every field that any step records or keeps; a name means the same in all of them."""
        kept = {
            name: step.field[own].model_copy(update={"id": name})
            for step in self.steps for name, own in step.keeps.items() if own in step.field
        }  # fmt: skip
        return kept | {field.id: field for step in self.steps for field in step.fields}


def read_lifecycles(reader: Reader) -> tuple[Lifecycle, ...]:
    """The lifecycles of a pack."""
    found = (read_lifecycle(reader, file) for file in reader.files(FOLDER, ".toml"))
    return tuple(one for one in found if one is not None)


def read_lifecycle(reader: Reader, file: str) -> Lifecycle | None:
    """The lifecycle of one file, whose name is its id; None, and its problems noted, where it is wrong."""
    name = file.removeprefix(f"{FOLDER}/").removesuffix(".toml")
    line = partial(place_of, reader.text(file))
    return reader.part(file, line, Lifecycle, {"id": name, **reader.toml(file)})
