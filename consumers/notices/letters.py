"""What a mail says: a rung, or that it was taken back, in Chinese with English under it. Pure.

It names the responsible post from the department's record, never a person; what it quotes was masked where it was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from consumers.notices.shelf import Parcel
from schemas.city import Pack
from schemas.records import DutyNotice

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST = 200
"""Characters of anything that is quoted in one line."""
_END_OF_DAY = ("00:00", "23:59")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of a city share."""

    sender: str
    board: str
    """The assessment's address, for the page of what is overdue."""
    portal: str


def letter(parcel: Parcel, pack: Pack, head: Letterhead, address: str, at: datetime) -> EmailMessage:
    """The mail, whole: the same delivery always has the same Message-ID."""
    notice = parcel.event.data
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(_line(f"{pack.name}政务公开督办"), addr_spec=head.sender)
    made["To"] = Address(_line(_addressee(parcel, notice, pack)), addr_spec=address)
    made["Subject"] = _subject(parcel, notice, pack)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = message_id(parcel.id, pack)
    if parcel.answers is not None:
        made["In-Reply-To"] = made["References"] = message_id(parcel.answers, pack)
    made["Auto-Submitted"] = "auto-generated"
    lines = (*_zh(parcel, notice, pack, head), "", *_en(parcel, notice, pack))
    made.set_content("\n".join(map(_flat, lines)), cte="base64")
    return made


def message_id(delivery: str, pack: Pack) -> str:
    """Of the one mail that a delivery is."""
    return f"<{delivery}@{pack.city.domain}>"


def _subject(parcel: Parcel, notice: DutyNotice, pack: Pack) -> str:
    said = "更正" if parcel.corrects else notice.rung_name or notice.rung or ""
    late = "已逾期" if notice.overdue and not parcel.corrects else f"{notice.due.isoformat()}到期"
    return _line(f"【{said}】{_name(pack, notice.dept)}：{notice.title or notice.subject}（{notice.name}，{late}）")


def _zh(parcel: Parcel, notice: DutyNotice, pack: Pack, head: Letterhead) -> list[str]:
    post = _line(notice.leader_post or "")
    what = f"“{_line(notice.title or notice.subject)}”（{_line(notice.name)}）"
    return [
        f"{_addressee(parcel, notice, pack)}：",
        "",
        *_message_zh(parcel, notice, f"{_names(pack, notice.depts or (notice.dept,))}承办的{what}"),
        "",
        *([f"责任岗位：{post}（第一责任人）"] if post else []),
        f"应办单位：{_names(pack, notice.depts or (notice.dept,))}",
        f"办理期限：{_due(notice)}" + ("" if notice.calendar_complete else "（节假日安排尚未公布，为暂定）"),
        f"依据：{_line(f'{notice.law} {notice.basis}') or '—'}（规则 {notice.rule or '—'}）",
        f"编号：{notice.subject}",
        f"规则说明：{head.portal}/rules/{notice.rule}" if notice.rule else "",
        f"逾期总览：{head.board}/overdue",
        "",
        f"本邮件由{pack.name}政务公开平台按督办规则自动发出，请勿回复。",
    ]


def _message_zh(parcel: Parcel, notice: DutyNotice, what: str) -> list[str]:
    if parcel.corrects:
        reason = f"（{_line(notice.reason)}）" if notice.reason else ""
        return [f"此前就{what}发出的通知作废：该事项在通知时限前已经办理{reason}，信息到达较晚。特此更正。"]
    said = _line(notice.rung_name or notice.rung or "")
    if notice.overdue:
        return [f"{what}的期限为{_due(notice)}，现已逾期。现予{said}，请尽快办结。"]
    return [f"{what}将于{_due(notice)}到期。现予{said}，请按时办结。"]


def _en(parcel: Parcel, notice: DutyNotice, pack: Pack) -> list[str]:
    said = f"{notice.rung} ({_line(notice.rung_name)})" if notice.rung_name else notice.rung or ""
    if parcel.corrects:
        first = f"Correction: the earlier notice {said} is void; the step had been taken in time and arrived late."
    elif notice.overdue:
        first = f"Notice {said}: this duty was due by {_due(notice)} and is overdue."
    else:
        first = f"Notice {said}: this duty falls due on {_due(notice)}."
    return [
        "--",
        first,
        f"Duty: {notice.duty}; departments: {', '.join(notice.depts or (notice.dept,))}; rule: {notice.rule or '-'}.",
        f"Responsible post of {notice.dept}: {_line(notice.leader_post or '-')}.",
        f"Sent by the disclosure bus of {pack.name}; please do not reply.",
    ]


def _addressee(parcel: Parcel, notice: DutyNotice, pack: Pack) -> str:
    """The post where a leader is told, else the department."""
    if "leader" in parcel.roles and notice.leader_post:
        return _line(notice.leader_post)
    return _name(pack, parcel.dept)


def _due(notice: DutyNotice) -> str:
    """The day; of a clock that counts hours, the minute."""
    local = notice.due_at.astimezone(SHANGHAI) if notice.due_at else None
    if local is None or local.strftime("%H:%M") in _END_OF_DAY:
        return notice.due.isoformat()
    return local.strftime("%Y-%m-%d %H:%M")


def _names(pack: Pack, depts: Sequence[str]) -> str:
    return "、".join(_name(pack, dept) for dept in depts)


def _name(pack: Pack, dept: str) -> str:
    found = pack.department.get(dept)
    return _line(found.name if found else dept)


def _line(text: str) -> str:
    """One line of bounded length, whatever was written into it: no header begins within another."""
    shown = _flat(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _flat(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode()
    return " ".join("".join(each if each.isprintable() else " " for each in plain).split())
