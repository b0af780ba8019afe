"""What is published in a year: what the calendar asks for, what follows from matters, what keeps columns alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from schemas.city import Pack
from tests.support.events import to_bytes
from tests.town.papers import paper
from tests.year.course import Course, Links, Sent, Year, overdue
from tests.year.days import instant
from tests.year.requests import LEAD

COLUMNS = {
    "institutions": ("institution", "01-01"), "leaders": ("leader", "01-02"), "meetings": ("meeting", "01-03"),
    "personnel": ("personnel", "01-05"), "notices": ("notice", "01-06"), "statistics": ("statistics", "01-07"),
}  # fmt: skip
"""Columns that grow stale, each with a kind and a row of it; news and documents have courses of their own."""
REPORTING = frozenset({"市", "区", "街镇"})
EVERYWHERE = ["政府网站", "两微一端"]
STALE = 14
"""Days that news and accounts may stand still."""


def publish(
    year: Year, kind: str, key: str, at: datetime, title: str, *, item: str = "", links: Links = (), **data: Any
) -> None:
    """A publication at the door."""
    whole = paper(kind, key, at, title=title, item=item, links=links, **data)
    whole["data"]["dates"].pop("cron", None)
    year.sent.append(Sent(at + timedelta(seconds=5), key.partition("/")[0], to_bytes(whole), key))


def annual_reports(year: Year, pack: Pack, missing: int) -> None:
    """Each department's, by 31 January, but for those that leave it undone; the city's own by the end of March."""
    day, last = year.first, date(year.first.year, 1, 31)
    owing = [one.code for one in pack.departments_on(day) if one.level in REPORTING]
    silent = year.chance.sample([code for code in owing if code != LEAD], missing)
    for code in owing:
        if code in silent:
            key = f"{code}/duty.annual-report.{last}"
            year.silent(key, "due", overdue(last), "yearly report never published", ladder="standing")
        else:
            at = instant(year.any_day(date(year.first.year, 1, 5), last), 10 + year.chance.random())
            publish(year, "annual-report", f"{code}/annual", at, "政府信息公开工作年度报告", item="01-09")
    publish(year, "annual-report", f"{LEAD}/annual-city", instant(date(year.first.year, 3, 20), 10),
            "示例市政府信息公开工作年度报告", item="01-09")  # fmt: skip


def tasks(year: Year, pack: Pack) -> None:
    """What is to be done each period and said to be done: the lead office's reports, the departments' catalogues."""
    first = year.first.year
    _task(year, f"{LEAD}/duty.website-report.{first}-01-31", date(first, 1, 20))
    for month in range(1, 13):
        key = f"{LEAD}/duty.monthly-digest.{first}-{month:02}-01"
        if month == 7:
            year.silent(key, "due", overdue(date(first, 7, 1)), "digest never issued", ladder="standing")
        else:
            _task(year, key, max(year.first, date(first, month, 1) - timedelta(days=2)))
    owing = [
        one.code for one in pack.departments_on(date(first, 3, 1)) if one.class_ in {"B", "C"} and one.level == "市"
    ]
    for number, code in enumerate(owing):
        key = f"{code}/duty.catalogue-completion.{first}-02-27"
        if number == 3:
            year.silent(key, "due", overdue(date(first, 3, 31)), "catalogue never finished", ladder="standing")
        else:
            _task(year, key, date(first, 3, 2) + timedelta(days=year.chance.randint(0, 28)))


def _task(year: Year, key: str, day: date) -> None:
    one = Course(year, key, "matter", instant(day, 11))
    one.step("done", key.partition("/")[0], reason="已完成，见市政府门户网站。")


def columns(year: Year) -> None:
    """Each column now and then, but news, which once stands still for too long."""
    for name, (kind, item) in COLUMNS.items():
        for number in range(8):
            day = year.first + timedelta(days=8 + 44 * number)
            publish(year, kind, f"fgw/{name}-{number}", instant(day, 10), "示例市有关工作信息", item=item)
    for number in range(34):
        at = instant(year.first + timedelta(days=5 + 11 * number), 11)
        publish(year, "emergency-notice", f"yjj/warning-{number}", at, "示例市大风蓝色预警", item="01-06",
                channels=EVERYWHERE)  # fmt: skip
        publish(year, "notice", f"mzj/notice-{number}", at, "示例市民政服务窗口安排", item="01-06",
                channels=EVERYWHERE)  # fmt: skip
    _news(year, year.first + timedelta(days=3), date(year.first.year, 8, 3))


def _news(year: Year, day: date, stops: date) -> None:
    number, rested = 0, False
    while day <= year.last:
        at = instant(day, 9.5)
        publish(
            year, "work-news", f"fgw/news-{number}", at, "示例市发展改革工作动态", item="01-04", channels=EVERYWHERE
        )
        gap = year.chance.randint(5, 11)
        if not rested and day >= stops:
            rested, gap = True, STALE + 9
            told = overdue(year.days.since(day + timedelta(days=STALE)))
            ends = instant(day + timedelta(days=gap), 9.5)
            year.silent(f"{LEAD}/duty.column.news", "due", told, "column that stands still", ends=ends, ladder="upkeep")
        day, number = day + timedelta(days=gap), number + 1


def documents(year: Year) -> None:
    """Documents with their interpretations, on the same day; and a plan that is never interpreted."""
    for number in range(10):
        at = instant(year.first + timedelta(days=12 + 35 * number), 10)
        key, told = f"rsj/rules-{number}", f"rsj/rules-{number}-told"
        name, day = f"示例市临时救助办法之{number}", at.date()
        publish(year, "interpretation", told, at, f"{name}解读", links=[("interprets", key)])
        publish(year, "normative-document", key, at + timedelta(minutes=3), name,
                links=[("interpreted-by", told), ("consulted-by", "zfb/C000")],
                docno=f"示人社规〔{day.year}〕{number + 1}号")  # fmt: skip
    for number in range(6):
        _plan(year, number, told=number != 4)


def _plan(year: Year, number: int, *, told: bool) -> None:
    """A plan; its interpretation follows in three working days, or never does."""
    key, day = f"rsj/plan-{number}", year.first + timedelta(days=19 + 55 * number)
    publish(year, "plan", key, instant(day, 10), "示例市养老服务发展规划", item="02-04")
    last = year.days.after(day, 3)
    if told:
        publish(year, "interpretation", f"{key}-told", instant(last, 15), "示例市养老服务发展规划解读",
                links=[("interprets", key)])  # fmt: skip
    else:
        year.silent(f"{key}.interpretation", "interpretation", overdue(last), "plan never interpreted")


def orders(year: Year, number: int, silences: int) -> None:
    """Findings on live pages: mended in a working day or three, looked at again; or never mended."""
    for each in range(number + silences):
        at = instant(year.any_day(last=date(year.first.year, 12, 10)), 11)
        one = Course(year, f"{LEAD}/W{each:04}", "matter", at)
        one.rests(0)
        grave, dept = year.chance.random() < 0.3, year.chance.choice(("fgw", "czj", "rsj", "zjj"))
        one.open("work-order", "页面链接失效", LEAD, lead=dept, severity="严重" if grave else "一般", finding="WEB-V4",
                 place="示例栏目")  # fmt: skip
        limit = 1 if grave else 3
        if each >= number:
            year.silent(
                one.key, "fix", overdue(year.days.after(one.day, limit)), "finding never mended", ladder="rectification"
            )
            continue
        one.rests(year.chance.randint(1, limit))
        one.step("fixed", dept, change="链接已恢复")
        one.rests(1)
        one.step("closed", LEAD)


def brinks(year: Year, days: Sequence[date]) -> None:
    """Findings that are mended in the afternoon of their last day, which is one of these."""
    for number, day in enumerate(days):
        before = day - timedelta(days=1)
        while not year.days.works(before):
            before -= timedelta(days=1)
        one = Course(year, f"{LEAD}/B{number}", "matter", instant(before, 11))
        one.open("work-order", "页面链接失效", LEAD, lead="fgw", severity="严重", finding="WEB-V4", place="示例栏目")
        one.at = instant(year.days.after(before, 1), 15)
        one.step("fixed", "fgw", change="链接已恢复")


def consultations(year: Year, number: int, silences: int) -> None:
    """Drafts put to the public for a month, and told of afterwards; or not."""
    for each in range(number + silences):
        one = Course(
            year, f"jtj/C{each:03}", "consultation", instant(year.any_day(last=date(year.first.year, 9, 1)), 9)
        )
        one.rests(0, hour=10)
        ends = one.day + timedelta(days=45)
        one.send("opened", "jtj", {
            "title": "示例市停车管理办法（草案）", "explanation": "为规范停车起草。", "starts_on": str(one.day),
            "ends_on": str(ends), "ways": ["电话", "电子邮件", "网上"],
            "fields": {"type": "重大行政决策", "modes": "网络征集", "draft": "草案附后", "basis_text": "城乡规划法"},
        })  # fmt: skip
        one.at = instant(ends, 20)
        if each >= number:
            year.silent(one.key, "feedback", overdue(year.days.after(ends, 20)), "comments without feedback")
            continue
        one.rests(3)
        one.step("analysed", "jtj", received=0, adopted=0, partly=0, refused=0, unrelated=0)
        one.rests(year.chance.randint(0, 16))
        one.step("feedback-published", "jtj", index_no="见征集结果")
