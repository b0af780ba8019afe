"""Who may publish what: sender, issuer, row, kind, version, and the word of those who issue with them."""

from __future__ import annotations

from datetime import date

from rules.case import Case, Fault, Faults, why
from schemas.city import Pack
from schemas.city.models import CatalogueRow, Kind
from schemas.envelope import issuer_of
from schemas.events.publications import Confirmation
from schemas.reasons import Reason


def sender_may_speak(pack: Pack, sender: str | None, subject: str, day: date) -> Faults:
    """The sender is a department in force, and the subject's issuer is it or one it succeeds (DESIGN §3)."""
    department = pack.department.get(sender or "")
    if sender is None or department is None:
        return (_no_right(sender or "", "/source", "发送单位不在部门名录中", "it is no department of this city"),)
    if not department.in_force(day):
        return (_no_right(sender, "/source", *_not_there(pack, sender, day)),)
    issuer = issuer_of(subject)
    if not pack.speaks_for(sender, issuer, day):
        zh = f"信息由{issuer}制发，{sender}不是该机关，也未承接其职能"
        return (_no_right(sender, "/subject", zh, f"{issuer} issued it, which {sender} neither is nor succeeds"),)
    return ()


def row_in_force(row: CatalogueRow | None, item: str, day: date) -> Faults:
    """The catalogue has the row, and it is in force on the day of the event (REJ-NOITEM)."""
    if row is not None and row.in_force(day):
        return ()
    return (Fault(Reason.REJ_NOITEM, "/data/item", item, None, {"item": item, "day": day}),)


def kind_fits(row: CatalogueRow, kind: Kind | None, name: str, day: date) -> Faults:
    """The kind is one that the row takes, and in force that day (REJ-KIND)."""
    if kind is not None and name in row.kinds and kind.in_force(day):
        return ()
    values = {"item": row.code, "kind": name, "allowed": "、".join(row.kinds)}
    return (Fault(Reason.REJ_KIND, "/data/kind", name, row.basis, values),)


def publisher_fits(case: Case) -> Faults:
    """The responsible department is the sender or one it succeeds, and the row names it (FOI-A10)."""
    pack, made_by = case.pack, case.data.responsible_dept
    if not pack.speaks_for(case.sender, made_by, case.day) and not (
        case.data.backfill and case.sender == pack.lead_office
    ):
        zh = f"责任部门{made_by}不是发送单位，发送单位也未承接其职能"
        en = f"{made_by} made it, which {case.sender} neither is nor succeeds"
        return (_no_right(case.sender, "/data/responsible_dept", zh, en),)
    if not pack.may_publish(case.row, made_by, case.day) and not pack.may_publish(case.row, case.sender, case.day):
        zh = f"目录事项{case.row.code}的公开主体是{case.row.publisher}，不含{made_by}"
        en = f"row {case.row.code} names other publishers ({case.row.publisher}), not {made_by}"
        return (_no_right(made_by, "/data/responsible_dept", zh, en),)
    return ()


def version_fits(case: Case) -> Faults:
    """The first is submitted as version 1, later ones are updated from 2 on."""
    version = case.data.version
    if (version > 1) == case.later:
        return ()
    return (Fault(Reason.REJ_VERSION, "/data/version", str(version), None, {"version": version}),)


def others_confirmed(case: Case) -> Faults:
    """Joint issuers and whoever is concerned have confirmed (FOI-A10, A11)."""
    if not case.data.co_issuers and not case.data.coordination:
        return ()
    return (
        *_unconfirmed(case, case.data.co_issuers, "/data/co_issuers"),
        *_unconfirmed(case, case.data.coordination, "/data/coordination"),
    )


def _unconfirmed(case: Case, asked: tuple[Confirmation, ...], place: str) -> Faults:
    """Who has not confirmed: in time, as a department of this city, and as another than the one who asks."""
    known, lead = case.pack.department, case.data.responsible_dept
    silent = [
        word.dept for word in asked
        if word.confirmed_at is None or word.confirmed_at > case.arrival or word.dept not in known or word.dept == lead
    ]  # fmt: skip
    if not silent:
        return ()
    names = "、".join(known[code].name if code in known else code for code in silent)
    return (Fault(Reason.REJ_CONFIRM, place, names, None, {"depts": names}),)


def _not_there(pack: Pack, dept: str, day: date) -> tuple[str, str]:
    """Why a department does not speak on a day, and who does in its stead."""
    heir = pack.heir_of(dept, day)
    if heir is None:
        return f"该机构在{day}不存续", f"it does not exist on {day}"
    return (
        f"该机构在{day}不存续，其职能由{heir.name}（{heir.code}）承接",
        f"it does not exist on {day}; {heir.code} has its tasks",
    )


def _no_right(dept: str, place: str, zh: str, en: str) -> Fault:
    return Fault(Reason.REJ_AUTHORITY, place, dept, None, why(zh, en, dept=dept))
