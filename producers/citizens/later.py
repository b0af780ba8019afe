"""Steps that citizens take afterwards, with number and code: which ones the form's `later` says (满意度评价).

Writes:   the step through the intake, under an id that receipt, step and the matter's version give, so that a button
          pressed twice is one step.
Fails to: `Refused`: QUERY-WRONG, TOO-MANY, ERASED; FORM-FIELD where it is not its time, says what it can't, or said
          otherwise before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import uuid5

import sqlalchemy as sa

from bus.errors import Retriable
from bus.store import Store
from producers.answers import Answer, milliseconds
from producers.checks import Principal
from producers.citizens.limits import Counter
from producers.citizens.query import Query
from producers.intake import Intake
from producers.matters import MatterView, matter_view
from producers.refusals import Refused
from producers.tables import PAPERS
from schemas.city.matters import CITIZEN, Lifecycle
from schemas.envelope import TypeName
from schemas.ids import NAMESPACE
from schemas.reasons import Reason


class Wanted(NamedTuple):
    """A step that somebody wants to take."""

    number: str
    code: str
    step: str
    fields: Mapping[str, str]


class Later:
    """Takes such steps."""

    def __init__(self, store: Store, intake: Intake, query: Query, counter: Counter) -> None:
        self._store = store
        self._intake = intake
        self._query = query
        self._counter = counter

    def take(self, wanted: Wanted, address: str) -> None:
        """Take it, or see that it was taken before."""
        now, pack = self._intake.clock(), self._intake.pack
        row = self._query.proven(wanted.number, wanted.code, address, self._counter, milliseconds(now))
        subject, source = str(row.subject), str(row.source)
        with self._store.read() as conn:
            view = matter_view(conn, subject)
            before = _before(conn, source, _id(wanted, view)) if view else None
        if before is not None:
            return _same(wanted, before)
        form = pack.form.get(str(row.kind))
        if view is None or form is None or wanted.step not in form.later or row.scope != row.subject:
            raise _refused("/step", "环节 step", "现在不能办理", "can't be taken now")
        lifecycle = pack.lifecycle[view.lifecycle]
        _look(form.later[wanted.step], wanted, lifecycle, view)
        data = {"step": wanted.step, "actor_dept": pack.lead_office, "actor_role": CITIZEN, "at": now.isoformat(),
                "fields": dict(wanted.fields)}  # fmt: skip
        whole = {
            "specversion": "1.0", "id": _id(wanted, view), "source": source, "subject": subject,
            "type": str(TypeName(lifecycle.family, "stepped", 1)), "time": now.isoformat(),
            "datacontenttype": "application/json", "data": data,
        }  # fmt: skip
        self._intake.take(Principal(pack.lead_office, "portal", source=source), [_bytes(whole)], also=_all_sent)
        return None


def _look(names: Collection[str], wanted: Wanted, lifecycle: Lifecycle, view: MatterView) -> None:
    """Refuse what the lifecycle would refuse a moment later, while it can still be mended."""
    steps = [step for step in lifecycle.forms(wanted.step, view.state) if CITIZEN in step.by]
    if not steps:
        zh, en = f"现处于“{view.state_name}”，不能办理", f"can't be taken in state {view.state}"
        raise _refused("/step", "环节 step", zh, en)
    known = {name: field for step in steps for name, field in step.field.items() if name in names}
    if strange := sorted(set(wanted.fields) - set(known)):
        raise _refused(f"/fields/{strange[0]}", strange[0], "不是该环节的内容", "is no field of this step")
    for name, field in known.items():
        said = wanted.fields.get(name, "")
        if not said and field.required:
            raise _refused(f"/fields/{name}", field.name, "应当填写", "must be given")
        if (field.choices and said and said not in field.choices) or len(said) > field.max:
            shown = "、".join(field.choices) or f"{field.max}字以内"
            raise _refused(f"/fields/{name}", field.name, f"应为：{shown}", f"is one of: {shown}")


def _before(conn: sa.Connection, source: str, event_id: str) -> str | None:
    asked = sa.select(PAPERS.c.fields).where(PAPERS.c.event_id == event_id, PAPERS.c.source == source)
    found = conn.execute(asked).scalar()
    return None if found is None else str(found)


def _same(wanted: Wanted, before: str) -> None:
    if json.loads(before) != dict(wanted.fields):
        raise _refused(
            "/fields", "内容 fields", "与此前提交的不同，此前的正在办理", "differs from what was sent before"
        )


def _id(wanted: Wanted, view: MatterView) -> str:
    return str(uuid5(NAMESPACE, f"later\n{wanted.number}\n{wanted.step}\n{view.version}"))


def _all_sent(_: sa.Connection, answers: Sequence[Answer]) -> None:
    if any(answer.outcome == "refused" for answer in answers):
        raise Retriable("the lane of citizens is full")


def _bytes(whole: Mapping[str, object]) -> bytes:
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _refused(place: str, field: str, zh: str, en: str) -> Refused:
    return Refused(Reason.FORM_FIELD, place, field=field, why_zh=zh, why_en=en)
