"""The desk: takes a form, gives a receipt's number and a query code, and hands the event to the intake.

Reads:    forms, the pack, what the gateway knows of the matter.
Writes:   the event through the intake; in the same transaction the receipt, the token's end, and the rows of files.
Keeps:    of a code its keyed hash alone.
Fails to: `Refused` with one sentence, and nothing taken; `Retriable` where the outbox is full.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from bus.errors import Retriable
from bus.store import Store
from producers.answers import Answer, instant, milliseconds
from producers.cases import Case
from producers.checks import Principal
from producers.citizens import codes, tokens
from producers.citizens.forms import Answer as AnswerForm
from producers.citizens.forms import Comment, FoiRequest, Form, Kind, Letter, Made, made
from producers.citizens.later import Later, Wanted
from producers.citizens.limits import Counter
from producers.citizens.query import Query, Status
from producers.citizens.tokens import Token
from producers.intake import Intake
from producers.matters import matter_view
from producers.personal.facts import FACTS_OF, measure
from producers.personal.files import SealedFile, SealedFiles
from producers.personal.opening import Opener
from producers.personal.vault import Vault
from producers.refusals import Refused
from producers.tables import PAPERS, RECEIPTS, TOKENS
from rules.calendar import day_of
from rules.lifecycle import advance, move_of
from schemas.city import Pack
from schemas.city.expressions import read
from schemas.city.limits import LimitName
from schemas.city.matters import Lifecycle
from schemas.ids import NAMESPACE
from schemas.reasons import Reason
from schemas.records import Finding

PORTAL = "/portal"
_PREFIX: Mapping[str, str] = {"comments": "C", "letters": "B", "foi-requests": "F", "answers": "Q"}
"""Letters of a number where no mailbox gives its own."""


class Receipt(NamedTuple):
    """What a citizen takes home."""

    number: str
    code: str


class _HandedIn(NamedTuple):
    """What is written beside the event."""

    kind: Kind
    number: str
    code: str
    event_id: str
    subject: str
    scope: str
    token: Token
    files: Sequence[SealedFile]


class Desk:
    """The counter of one door."""

    def __init__(self, store: Store, intake: Intake, vault: Vault, files: SealedFiles, opener: Opener) -> None:
        self._store = store
        self._intake = intake
        self._vault = vault
        self._forms, self._codes = vault.secret("forms"), vault.secret("codes")
        self._counter = Counter(vault.secret("limits"))
        self._files = files
        self._opener = opener

    def form(self, kind: Kind, address: str) -> str:
        """A token for one form."""
        now = self._intake.clock()
        with self._store.begin() as conn:
            self._counter.spend(conn, self._intake.pack.limit["forms"], address, milliseconds(now))
        return tokens.issue(self._forms, kind, now)

    def take(self, kind: Kind, form: Form, address: str) -> Receipt:
        """Take a form that a citizen filled in.

        Raises:
            Refused: FORM-TOKEN, TOO-MANY, FORM-FIELD, FOI-IDENTITY, COMMENT-CLOSED, MATTER-UNKNOWN, ERASED …
        """
        now, pack = self._intake.clock(), self._intake.pack
        if form.website:
            raise Refused(
                Reason.FORM_TOKEN, "/website", why_zh="应留空的栏目有内容", why_en="a field to be left empty is not"
            )
        token = tokens.check(self._forms, kind, form.token, now)
        self._count(
            "submissions", address
        )  # before anything is looked up, so that nobody asks without end what there is
        prefix = _prefix(pack, kind, form)
        if (before := self._before(prefix, form, token)) is not None:
            return before
        self._look(pack, form)
        number = codes.number(self._codes, prefix, day_of(now), token.nonce)
        whole = made(form, pack.lead_office, number, now)
        self._count("matter", whole.subject)
        try:
            return self._hand_in(kind, form, number, whole, token)
        except Refused:
            if (before := self._before(prefix, form, token)) is None:
                raise
            return before  # both came at once

    def _before(self, prefix: str, form: Form, token: Token) -> Receipt | None:
        """The receipt that was given for this very form: a button pressed twice, an answer that got lost."""
        code = codes.code(self._codes, token.nonce, _digest(form))
        days = dict.fromkeys((day_of(self._intake.clock()), day_of(instant(token.issued))))
        numbers = [codes.number(self._codes, prefix, day, token.nonce) for day in days]
        with self._store.read() as conn:
            kept = conn.execute(sa.select(RECEIPTS).where(RECEIPTS.c.number.in_(numbers))).all()
        same = (row.number for row in kept if codes.agrees(self._codes, row.number, code, row.code))
        return next((Receipt(number, code) for number in same), None)

    def comment(self, form: Comment, who: Principal) -> Answer:
        """Take a comment that an account's adapter brings, once for each id that the platform gives it.

        Raises:
            Refused: it names no id or time of its own, or the consultation takes none.
        """
        if not form.foreign_id or form.at is None or form.at.tzinfo is None:
            raise Refused(
                Reason.FORM_FIELD, "/foreign_id", field="foreign_id, at", why_zh="应当填写", why_en="must be given"
            )
        event_id = str(uuid.uuid5(NAMESPACE, f"comment\n{who.source}\n{form.foreign_id}"))
        whole = made(form, self._intake.pack.lead_office, event_id, form.at)
        value = whole.event(event_id, who.source, form.at, form.texts())
        return self._intake.take(who, [value])[0]

    def query(self, number: str, code: str, address: str) -> Status:
        """What became of what was handed in."""
        return self._query().ask(number, code, address, self._counter, milliseconds(self._intake.clock()))

    def step(self, wanted: Wanted, address: str) -> None:
        """A step that who handed it in takes afterwards, such as a rating."""
        self._count("submissions", address)
        Later(self._store, self._intake, self._query(), self._counter).take(wanted, address)

    def _query(self) -> Query:
        return Query(self._store, self._codes, self._opener, self._intake.pack)

    def _look(self, pack: Pack, form: Form) -> None:
        """Refuse what the desk itself can see is in vain."""
        facts = measure(pack, form.texts(), day_of(self._intake.clock())).facts
        match form:
            case FoiRequest() if "否" in {facts["identity"], facts["contact"]} or not form.name.strip():
                raise Refused(Reason.FOI_IDENTITY, "/identity")
            case Letter() if form.mailbox not in pack.mailbox and form.mailbox not in pack.department:
                raise Refused(
                    Reason.FORM_FIELD, "/mailbox", field="信箱 mailbox", why_zh="不存在", why_en="is not there"
                )
            case Letter() | Comment() if not form.body.strip():
                raise Refused(Reason.FORM_FIELD, "/body", field="正文 body", why_zh="没有填写", why_en="is empty")
            case _:
                pass
        if isinstance(form, Comment | AnswerForm):
            self._look_at(form.consultation if isinstance(form, Comment) else form.questionnaire)

    def _look_at(self, subject: str) -> None:
        """By the door's own view; the stream has the last word."""
        with self._store.read() as conn:
            view = matter_view(conn, subject)
            asked = sa.select(PAPERS.c.fields).where(PAPERS.c.subject == subject, PAPERS.c.fields.contains('"ends_on"'))
            ends = [json.loads(fields)["ends_on"] for fields in conn.execute(asked).scalars()]
        if view is None:
            raise Refused(Reason.MATTER_UNKNOWN, id=subject)
        last = max(ends, default="")
        if view.ended or (last and last < day_of(self._intake.clock()).isoformat()):
            raise Refused(Reason.COMMENT_CLOSED, day=last or day_of(view.since).isoformat())

    def _count(self, limit: LimitName, what: str) -> None:
        with self._store.begin() as conn:
            self._counter.spend(conn, self._intake.pack.limit[limit], what, milliseconds(self._intake.clock()))

    def _hand_in(self, kind: Kind, form: Form, number: str, whole: Made, token: Token) -> Receipt:
        event_id, now = str(uuid.uuid4()), self._intake.clock()
        scope = f"{whole.subject}#{number}" if kind == "comments" else whole.subject
        files, named = self._seal(form, scope, whole.subject)
        value = whole.event(event_id, PORTAL, now, form.texts() | named)
        who = Principal(self._intake.pack.lead_office, "portal", source=PORTAL)
        cases = self._intake.read(who, [value])
        if cases[0].code or cases[0].status >= 400:
            raise _refused_by(cases[0].findings[0])
        self._try(cases[0])
        code = codes.code(self._codes, token.nonce, _digest(form))
        taken = _HandedIn(kind, number, code, event_id, whole.subject, scope, token, files)
        self._intake.take_all([(who, cases)], also=lambda conn, answers: self._write(conn, taken, answers))
        return Receipt(number, taken.code)

    def _try(self, case: Case) -> None:
        """Refuse at once what its lifecycle would refuse a moment later, while what was written can still be mended."""
        if case.event is None:
            return
        pack, move = self._intake.packs.at(case.arrival).pack, move_of(case.event, instant(case.arrival))
        if move.lifecycle is None:
            return  # a step of a matter that stands elsewhere: the stream alone can say
        said = advance(pack, None, move)
        if said.outcome == "rejected":
            found = next(one for one in said.findings if one.severity != "warn")
            field = _about(pack.lifecycle.get(move.lifecycle), found.rule)
            raise _refused_by(found, field, _named(pack, move.lifecycle, field))

    def _seal(self, form: Form, scope: str, subject: str) -> tuple[list[SealedFile], dict[str, str]]:
        """The form's files in their place, and what the sealed texts say of them."""
        if not form.files:
            return [], {}
        key = self._vault.key(scope, subject)
        kept = [self._files.keep(key, subject, file.name, file.content) for file in form.files]
        named = [{**one._asdict(), "name": file.name} for one, file in zip(kept, form.files, strict=True)]
        return kept, {"files": json.dumps(named, ensure_ascii=False)}

    def _write(self, conn: sa.Connection, taken: _HandedIn, answers: Sequence[Answer]) -> None:
        """The receipt and all that belongs to it; whatever is raised here undoes the event too."""
        if answers[0].outcome != "forwarded":
            raise Retriable("the lane of citizens is full")
        now = answers[0].arrival
        conn.execute(TOKENS.delete().where(TOKENS.c.until <= now))
        if conn.execute(sa.select(TOKENS.c.nonce).where(TOKENS.c.nonce == taken.token.nonce)).first() is not None:
            raise tokens.used()
        conn.execute(TOKENS.insert(), [{"nonce": taken.token.nonce, "until": taken.token.until}])
        conn.execute(RECEIPTS.insert(), [{
            "number": taken.number, "kind": taken.kind, "subject": taken.subject, "scope": taken.scope,
            "source": PORTAL, "event_id": taken.event_id, "made": now,
            "code": codes.kept(self._codes, taken.number, taken.code),
        }])  # fmt: skip
        self._files.remember(conn, taken.subject, taken.scope, taken.files, now)


def _prefix(pack: Pack, kind: Kind, form: Form) -> str:
    mailbox = pack.mailbox.get(form.mailbox) if isinstance(form, Letter) else None
    return mailbox.prefix if mailbox else _PREFIX[kind]


def _digest(form: Form) -> str:
    """What makes a form the same as another."""
    return hashlib.sha256(form.model_dump_json(exclude={"token"}).encode()).hexdigest()


def _about(lifecycle: Lifecycle | None, rule: str) -> str:
    """The field of the form that a guard asks about: of several the one that it names last."""
    steps = lifecycle.steps if lifecycle else ()
    asked = next((guard.holds for step in steps for guard in step.guards if guard.id == rule), None)
    used = sorted(read(asked).used, key=lambda use: -asked.rfind(".".join(use))) if asked else ()
    measured = (FACTS_OF[name] for group, name in used if group == "facts")
    return next(measured, next((name for group, name in used if group == "fields"), ""))


def _named(pack: Pack, lifecycle: str, field: str) -> str:
    """What the form for such a matter calls it."""
    form = next((form for form in pack.forms if form.lifecycle == lifecycle), None)
    texts = [f"{text.name} {text.en}" for text in form.texts if text.id == field] if form else []
    known = pack.lifecycle[lifecycle].fields.get(field)
    return next(iter(texts), known.name if known else "内容 content")


def _refused_by(found: Finding, field: str = "", name: str = "内容 content") -> Refused:
    zh, en = found.message.zh.rstrip("。"), found.message.en.rstrip(".")
    place = f"/{field}" if field else ""
    return Refused(Reason.FORM_FIELD, place, field=name, why_zh=f"未被接收：{zh}", why_en=f"was refused: {en}")
