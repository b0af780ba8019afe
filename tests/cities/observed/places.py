"""The city, its departments, columns, fields and catalogues, headers of spreadsheets: who is who, and what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from urllib.parse import quote

from rules.authority import sender_may_speak
from rules.catalogue.showing import as_tree
from rules.standing import renewed
from rules.texts import check_text
from schemas.city import Department, PackError
from schemas.city.catalogue import MACHINE, STANDARD
from schemas.city.headers import BOXES, names_of, squeezed, words_of
from schemas.city.models import CHANNELS
from schemas.city.naming import unknown_department
from schemas.city.released import Release, manifest
from schemas.records import PackRelease
from tests.cities.observed.asking import Question, World
from tests.cities.observed.events import SENT, fitting, judged, routed, told
from tests.cities.observed.portal import foot, head, page
from tests.cities.observed.strange import STRANGE
from tests.rules.making import changed, example, signed

_FED = date(2026, 2, 10)
"""Before Spring Festival, so that a period of working days crosses it."""
_NOW = date(2026, 3, 10)
_LOOSE = "甬"


def department_questions(world: World) -> Iterator[Question]:
    """Of each department: since when and until when it speaks, for whom and under whom, how its name is spelt."""
    for one in world.pack.departments:
        subject = f"departments.csv {one.code}"
        days = sorted(
            {
                _NOW,
                *(day + timedelta(days=n) for day in (one.from_, one.to) if day and day > date.min for n in (-1, 0, 1)),
            }
        )
        yield Question(subject, "speaks", partial(_speaks, code=one.code, days=days))
        yield Question(subject, "stands", partial(_stands, code=one.code, days=days))
        yield Question(subject, "history", partial(_history, code=one.code))
        yield Question(subject, "page", lambda world, code=one.code: page(world, f"/departments/{code}")[:400])  # type: ignore[misc]
        wrong = one.name[0] + _LOOSE + one.name[2:]
        yield Question(
            subject,
            f"{wrong}发布通知",
            lambda world, wrong=wrong: "; ".join(told(check_text(world.pack, f"由{wrong}发布通知"))),
        )  # type: ignore[misc]
        yield Question(subject, f"called {one.name} or {one.short_name}", partial(_called, one=one))


def _speaks(world: World, code: str, days: list[date]) -> str:
    def on(day: date) -> str:
        faults = sender_may_speak(world.pack, code, f"{code}/1", day)
        return str(faults[0].values["why_zh"]) if faults else "yes"

    return "; ".join(f"{day} {on(day)}" for day in days)


def _stands(world: World, code: str, days: list[date]) -> str:
    pack = world.pack
    words = sorted(word for word, codes in pack.departments_named.items() if code in codes and word not in {"*", code})
    heir = pack.heir_of(code, days[-1])
    heirs = (
        [f"{heir.code} speaks for it from {next((day for day in days if pack.speaks_for(heir.code, code, day)), '?')}"]
        if heir
        else []
    )
    return "; ".join([*words, f"under {' '.join(sorted(pack.above[code] - {code}))}", f"live {pack.go_live_of(code)}",
                      f"has the tasks of {' '.join(sorted(pack.predecessors[code] - {code}))}", *heirs,
                      f"class {pack.city.classes.get(pack.department[code].class_, '')}"])  # fmt: skip


def _history(world: World, code: str) -> str:
    """Whether a publication of the day before it went live, or of that day, is history."""
    row = next(row for row in world.pack.rows if "*" in row.depts)
    event = fitting(world.pack, row, world.pack.kind[row.kinds[0]], code)
    event["source"] = f"/departments/{world.pack.lead_office}"
    days = (date(2023, 12, 31), date(2024, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
    return "; ".join(
        f"{day} {judged(world, signed(changed(event, backfill=True, published_on=str(day)))).partition(';')[0]}"
        for day in days
    )


def _called(world: World, one: Department) -> str:
    text = f"{one.name}、{one.short_name}和{one.short_name[:-1]}{_LOOSE}"
    like = (unknown_department(world.pack, f"{one.name}x") or "").partition("\n")[0]
    return "; ".join([like, *told(check_text(world.pack, text))])


def city_questions(world: World) -> Iterator[Question]:
    """The city's own settings, by what they refuse, order and show."""
    subject = "city.toml"
    row = world.pack.row["07-01"]
    good = fitting(world.pack, row, world.pack.kind[row.kinds[0]])
    yield Question(subject, "foot of pages", foot)
    yield Question(subject, "head of pages", lambda world: head(world, "/columns"))
    yield Question(subject, "released as 1", _released)
    yield Question(subject, "title of /catalogue as a tree", lambda world: str(as_tree(world.pack, ()).label))
    for rel in (*world.pack.city.link_rels, STRANGE):
        event = changed(dict(good), links=[{"rel": rel, "target": "zfb/2026-6"}])
        yield Question(subject, f"link {rel}", lambda world, event=event: judged(world, event))  # type: ignore[misc]
    for seconds in (-301, -300, 86_400, 86_401):
        yield Question(
            subject, f"arrives after {seconds} s", lambda world, s=seconds: judged(world, good, timedelta(seconds=s))
        )  # type: ignore[misc]
    for level in world.pack.city.classes:
        yield Question(subject, f"class {level}", lambda world, level=level: world.pack.city.classes[level])  # type: ignore[misc]
    for code in (*sorted(one.code for one in world.pack.departments_on(_NOW))[:12], world.pack.lead_office):
        yield Question(subject, f"history brought by {code}", partial(_brought, code=code))
    for channel in CHANNELS:
        yield Question(subject, f"some people's by {channel}", partial(_for_some, channel=channel))
    yield Question(subject, "without the first platform", partial(_without_first))
    yield Question(subject, "one person at a level", lambda world: judged(world, _one_person(good)))
    yield Question(subject, "order of quota classes", _order)


def _released(world: World) -> str:
    said = PackRelease(release="1", released_at=SENT, files=manifest(world.files), by="zfb")
    try:
        return f"in force as release {Release(said, world.files).load().release}"
    except PackError as error:
        return error.brief


def _brought(world: World, code: str) -> str:
    row = world.pack.row["01-06"]
    event = fitting(world.pack, row, world.pack.kind[row.kinds[0]], "mzj")
    event["source"] = f"/departments/{code}"
    return "; ".join(
        judged(world, signed(changed(event, backfill=True, published_on=day))) for day in ("2023-12-31", "2024-01-01")
    )


def _for_some(world: World, channel: str) -> str:
    row = next(row for row in world.pack.rows if "特定群体" in row.audience)
    event = fitting(world.pack, row, world.pack.kind[row.kinds[0]])
    found = judged(world, changed(event, audience="特定群体", channels=[channel])).split("; ")
    return "; ".join(one for one in found if one.startswith("REJ-AUDIENCE"))


def _without_first(world: World) -> str:
    row = world.pack.row["07-01"]
    event = fitting(world.pack, row, world.pack.kind[row.kinds[0]])
    return judged(world, changed(event, channels=[row.channels[-1]]))


def _one_person(event: dict[str, object]) -> dict[str, object]:
    made = signed(example()) | {"source": event["source"], "subject": event["subject"]}
    made["data"] = dict(event["data"])  # type: ignore[call-overload]
    made["data"]["sign_offs"] = [{**one, "person": f"p{one['level']}"} for one in made["data"]["sign_offs"]]
    return made


def _order(world: World) -> str:
    from consumers.newmedia.slots import urgency

    classes = world.pack.city.quota_classes
    ranks = ", ".join(f"{urgency(name, classes)} {name}" for name in ("应急", "热点", "政策", "解读", "动态", STRANGE))
    record, gone = example("register.recorded"), example("publication.withdrawn")
    return f"{ranks}; a register's record: {routed(world, record)}; what is withdrawn: {routed(world, gone)}"


def column_questions(world: World) -> Iterator[Question]:
    """A column's page, by its head and its path."""
    for column in world.pack.columns:
        subject = f"columns.toml {column.id}"
        yield Question(subject, "head", lambda world, own=column.id: head(world, f"/columns/{own}"))  # type: ignore[misc]
        yield Question(subject, "page", lambda world, own=column.id: page(world, f"/columns/{own}")[:120])  # type: ignore[misc]
        yield Question(subject, "owed after 2026-02-10", partial(_stale, column=column.id))


def field_questions(world: World) -> Iterator[Question]:
    """A field's page, but for its rows, and by which name rows of it must be on the portal."""
    for one in world.pack.fields:
        path = f"/catalogue/fields/{quote(one.name, safe='')}"
        yield Question(
            f"fields.toml {one.id}",
            f"page of {one.name}",
            lambda world, path=path: page(world, path).partition(" 法定期限 ")[0],
        )  # type: ignore[misc]


def catalogue_questions(world: World) -> Iterator[Question]:
    """A catalogue's page, but for its rows."""
    for one in world.pack.catalogues:
        yield Question(
            f"catalogues.toml {one.stem}",
            "page",
            lambda world, stem=one.stem: page(world, f"/catalogue/{quote(stem)}").partition(" 序号 ")[0],
        )  # type: ignore[misc]


def header_questions(world: World) -> Iterator[Question]:
    """Which column a spreadsheet's header means, and which box a city's word."""
    for header in world.pack.headers:
        subject = f"headers.toml {header.column}"
        for name in dict.fromkeys((header.column, *header.variants, f"{STRANGE}{header.column}")):
            yield Question(subject, f"header {name}", partial(_header, name=name))
        for box in BOXES.get(header.column, ()):
            for word in dict.fromkeys((box, *header.boxes.get(box, ()), STRANGE)):
                yield Question(subject, f"box {word}（{box}）", partial(_box, column=header.column, word=word))
        yield Question(subject, f"header {STRANGE}", partial(_header, name=STRANGE))


def _header(world: World, name: str) -> str:
    known = names_of(world.pack.headers, (*STANDARD, *MACHINE))
    key = squeezed(name)
    return "unknown" if key not in known else known[key] or "ignored"


def _stale(world: World, column: str) -> str:
    """When a column that was fed on a day before Spring Festival is stale, by each duty that watches columns."""
    watching = [one for one in world.pack.standing if one.each == "column"]
    days = [renewed(world.pack, f"{world.pack.lead_office}/duty.{one.id}.{column}", _FED) for one in watching]
    return ", ".join(str(day) for day in days)


def _box(world: World, column: str, word: str) -> str:
    return words_of(world.pack.headers, column).get(squeezed(word), "unknown")


def section_questions(world: World) -> Iterator[Question]:
    """Which section of the gazette takes what."""
    kinds = sorted({kind for one in world.sections for kind in one.kinds} | {"notice", "budget", STRANGE})
    docnos = sorted({word for one in world.sections for word in one.docnos} | {"示民发", STRANGE})
    for one in world.sections:
        yield Question(f"gazette.toml {one.id}", "takes", partial(_taken, own=one.id, kinds=kinds, docnos=docnos))
        yield Question(f"gazette.toml {one.id}", "place in an issue", partial(_heading, own=one.id))


def _taken(world: World, own: str, kinds: list[str], docnos: list[str]) -> str:
    asked = [(kind, dept, docno) for kind in kinds for dept in ("zfb", "mzj", "dhq", STRANGE) for docno in docnos]
    first = [
        next((one.id for one in world.sections if one.takes(world.pack, kind, dept, f"{docno}〔2026〕5号")), "")
        for kind, dept, docno in asked
    ]
    taken = [
        f"{kind} {dept} {docno}" for (kind, dept, docno), section in zip(asked, first, strict=True) if section == own
    ]
    return f"{len(taken)} of {len(asked)}: {'; '.join(taken[:40])}"


def _heading(world: World, own: str) -> str:
    place = next(n for n, one in enumerate(world.sections) if one.id == own)
    return f"{place} {world.sections[place].name}【{world.sections[place].basis}】"
