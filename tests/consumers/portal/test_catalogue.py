"""The catalogue on the portal: what was imported and released shows with its versions, and who published what."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from consumers.portal.catalogue import tree
from consumers.portal.catalogue.tree import Share
from rules.catalogue import to_xlsx
from rules.commands import app
from schemas.city import Catalogue, load_pack
from schemas.city.sources import pack_files
from tests.consumers.portal.feeding import SITE
from tests.consumers.portal.serving import Portal, served
from tests.support.events import NOON, submitted, withdrawn
from tests.support.releasing import replaced
from tests.support.small_city import small_city, write_small_city

PACK = SITE.pack
BASIC = tree.rows_of(PACK, "basic")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with served(tmp_path / "home") as portal:
        yield portal


def plain(page: str) -> str:
    """What a reader sees of a page: its text, without blanks."""
    return re.sub(r"\s+", "", unescape(re.sub("<[^>]*>", "", page)))


def numbered(files: dict[str, bytes], number: int) -> dict[str, bytes]:
    return files | {"city.toml": re.sub(b'release = "[0-9]+"', b'release = "%d"' % number, files["city.toml"])}


def imported(file: Path, folder: Path) -> None:
    """What a clerk of the catalogue office runs."""
    result = CliRunner().invoke(app, ["catalogue", "import", str(file), "--as", "basic", "--into", str(folder)])
    assert result.exit_code == 0, result.output


@pytest.mark.feature("0-01")
@pytest.mark.feature("1-07")
def test_an_imported_file_is_version_1_and_a_changed_one_version_2_with_what_changed(
    portal: Portal, tmp_path: Path
) -> None:
    folder, sheet = write_small_city(tmp_path / "city"), tmp_path / "base.xlsx"
    sheet.write_bytes(to_xlsx(BASIC[:-1], "主动公开基本目录"))
    imported(sheet, folder)
    portal.release(1, numbered(pack_files(folder), 1), note="基本目录首次发布")
    page = plain(portal.text("/catalogue/basic"))
    for said in ("第1版", "2026-09-21", "示例市人民政府办公室", f"{len(BASIC) - 1}项", "基本目录首次发布"):
        assert said in page

    book = load_workbook(sheet)
    cell = next(cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == "领导介绍")
    cell.value = "领导信息"
    book.save(sheet)
    imported(sheet, folder)
    portal.now[0] += timedelta(days=1)
    portal.release(2, numbered(pack_files(folder), 2), note="更改一项名称")
    assert "第2版" in plain(portal.text("/catalogue/basic"))
    changes = portal.text("/catalogue/basic/diff/1..2")
    assert "<del>领导介绍</del>" in changes
    assert "<ins>领导信息</ins>" in changes
    assert "2026-09-22" in changes
    earlier = portal.text("/catalogue/basic/versions/1")
    assert "领导介绍" in earlier
    assert "领导信息" not in earlier
    assert [each["version"] for each in portal.json("/api/v1/catalogue/basic")["versions"]] == [2, 1]


@pytest.mark.feature("0-01")
@pytest.mark.parametrize("path", ["/catalogue/basic", "/catalogue/basic/versions/1"])
def test_a_catalogue_is_downloaded_as_a_spreadsheet_that_nothing_runs(portal: Portal, path: str) -> None:
    portal.release(1, numbered(dict(small_city()), 1))
    answers = {form: portal.client.get(f"{path}.{form}") for form in ("csv", "xlsx")}
    lines = list(csv.reader(io.StringIO(answers["csv"].content.decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == [row.code for row in BASIC]
    sheet = load_workbook(io.BytesIO(answers["xlsx"].content)).worksheets[0]
    assert {row.code for row in BASIC} <= {cell.value for cell in sheet["A"]}
    for answer in answers.values():
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = portal.client.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_what_changed_names_rows_that_came_and_went(portal: Portal) -> None:
    files = dict(small_city())
    lines = files["catalogues/basic.csv"].split(b"\n")
    portal.release(1, numbered(files, 1))
    without = files | {"catalogues/basic.csv": b"\n".join(line for line in lines if not line.startswith(b"01-02,"))}
    portal.release(2, numbered(without, 2))
    portal.release(3, numbered(files, 3))
    assert "新增0项，取消1项，修改0项" in plain(portal.text("/catalogue/basic/diff/1..2"))
    assert "新增1项，取消0项，修改0项" in plain(portal.text("/catalogue/basic/diff/2..3"))
    assert "两个版本的事项相同" in plain(portal.text("/catalogue/basic/diff/1..3"))


def test_a_release_that_is_to_come_does_not_show_yet(portal: Portal) -> None:
    portal.release(1, numbered(dict(small_city()), 1))
    changed = replaced(small_city()["catalogues/basic.csv"], "领导介绍", "领导信息")
    files = dict(small_city()) | {"catalogues/basic.csv": changed}
    portal.release(2, numbered(files, 2), since=portal.now[0] + timedelta(hours=1))
    assert portal.json("/api/v1/catalogue")["release"] == "1"
    portal.now[0] += timedelta(hours=2)
    assert portal.json("/api/v1/catalogue")["release"] == "2"
    assert "领导信息" in portal.text("/catalogue/rows/01-02")


@pytest.mark.feature("0-02")
def test_five_department_catalogues_are_listed_under_the_base_one(portal: Portal) -> None:
    page = portal.text("/catalogue")
    start = page.index('href="/catalogue/basic"')
    beneath = page[start : page.index("</ul>", start)]
    assert re.findall('href="/catalogue/departments/([a-z]+)"', beneath) == ["czj", "sthj", "zjj", "jtj", "mzj"]
    own = portal.text("/catalogue/departments/czj")
    assert 'href="/catalogue/basic"' in own
    row = next(row for row in PACK.rows if row.catalogue.endswith("czj.csv") and tree.stricter(PACK, row))
    shown = plain(portal.text(f"/catalogue/rows/{row.code}"))
    for term, text in tree.stricter(PACK, row):
        assert term + text in shown


@pytest.mark.feature("0-11")
@pytest.mark.parametrize("field", ["社会组织", "安全生产", "放管服改革"])
def test_other_key_areas_are_in_the_tree_and_a_filter(portal: Portal, field: str) -> None:
    home = portal.text("/catalogue")
    assert f'href="/catalogue/fields/{quote(field)}"' in home
    assert f'<option value="{field}"' in home
    found = portal.text(f"/catalogue?field={quote(field)}")
    wanted = [row.code for row in PACK.rows if row.field == field and row.in_force(NOON.date())]
    assert re.findall('href="/catalogue/rows/([^"]+)"', found) == wanted


@pytest.mark.parametrize(
    "asked",
    ["set=standard", "level=村居", "dept=czj", "five_open=决策", "principle=以公开促廉洁", "q=预算",
     "set=base&five_open=结果"],
)  # fmt: skip
def test_rows_are_filtered_by_what_is_asked(portal: Portal, asked: str) -> None:
    wanted = tree.find(PACK, NOON.date(), tree.Asked(**dict(pair.split("=") for pair in asked.split("&"))))
    page = portal.text(f"/catalogue?{asked}")
    assert wanted
    assert f"共{len(wanted)}项" in plain(page)
    assert re.findall('href="/catalogue/rows/([^"]+)"', page) == [row.code for row in wanted[:100]]


def test_more_rows_than_a_page_holds_go_on_behind_it(portal: Portal) -> None:
    wanted = [row.code for row in tree.find(PACK, NOON.date(), tree.Asked(set="key-items"))]
    first = portal.text("/catalogue?set=key-items")
    link = re.search('rel="next" href="([^"]+)"', first)
    assert link
    rest = portal.text(unescape(link[1]))
    found = [code for page in (first, rest) for code in re.findall('href="/catalogue/rows/([^"]+)"', page)]
    assert found == wanted
    assert len(wanted) == 141


@pytest.mark.feature("2-20")
@pytest.mark.parametrize("name", [field.name for field in PACK.fields if field.set == "key"])
def test_a_field_s_page_names_responsible_departments_and_clocks(portal: Portal, name: str) -> None:
    page = portal.text(f"/catalogue/fields/{quote(name)}")
    for code in PACK.field[name].responsible:
        assert SITE.department_name(code) in page
    clocks = {row.clock for row in PACK.rows if row.field == name}
    assert set(re.findall('href="/rules/([^"]+)"', page)) == clocks
    assert len(clocks) >= 2


@pytest.mark.feature("3-17")
@pytest.mark.parametrize("name", ["金融债务风险防范", "扶贫项目资金", "生态环境"])
def test_a_hard_task_s_field_exists_and_shows_its_coverage(portal: Portal, name: str) -> None:
    covers(portal, name)


@pytest.mark.feature("3-18")
@pytest.mark.parametrize("name", ["减税降费", "证照分离", "工程建设项目审批改革"])
def test_a_reform_s_field_exists_and_shows_its_coverage(portal: Portal, name: str) -> None:
    covers(portal, name)


@pytest.mark.feature("3-21")
@pytest.mark.parametrize("name", ["稳岗就业", "义务教育", "医疗卫生", "养老服务", "公共文化"])
def test_a_livelihood_field_exists_and_shows_its_coverage(portal: Portal, name: str) -> None:
    covers(portal, name)


def covers(portal: Portal, name: str) -> None:
    """Each item published under another row of the field counts once; a second one and a withdrawal do not."""
    view = tree.field_view(PACK, name, NOON.date(), ())
    assert view
    rows = [row for row in view.rows if "主动" in row.modes]
    address = f"/catalogue/fields/{quote(name)}"
    assert f"0/{len(rows)}（0.0%）" in plain(portal.text(address))
    portal.publish(*(submitted(local_id=row.code, item=row.code) for row in rows[:2]))
    portal.publish(submitted(local_id="again", item=rows[0].code))
    portal.publish(withdrawn(local_id=rows[1].code, item=rows[1].code))
    assert f"1/{len(rows)}（{Share(1, len(rows)).percent}）" in plain(portal.text(address))
    portal.publish(*(submitted(local_id=f"{row.code}-all", item=row.code) for row in rows[1:]))
    assert f"{len(rows)}/{len(rows)}（100.0%）" in plain(portal.text(address))
    fields = {field["name"]: field for field in portal.json("/api/v1/catalogue")["fields"]}
    assert (fields[name]["covered"], fields[name]["of"]) == (len(rows), len(rows))


@pytest.mark.feature("2-27")
def test_the_departments_without_a_budget_are_listed_until_there_is_none(portal: Portal) -> None:
    asked = [each for each in PACK.departments_on(NOON.date()) if each.code in PACK.publishers["06-01"]]
    address = "/catalogue/rows/06-01/coverage"
    assert f"未公开的单位{len(asked)}个" in plain(portal.text(address))
    portal.publish(*(submitted(each.code, "budget", item="06-01", kind="budget") for each in asked[1:]))
    page = portal.text(address)
    missing = page[page.index("未公开的单位") : page.index("已公开的单位")]
    assert re.findall('href="/departments/([^"]+)"', missing) == [asked[0].code]
    portal.publish(submitted(asked[0].code, "budget", item="06-01", kind="budget"))
    assert "未公开的单位0个" in plain(portal.text(address))
    assert f"{len(asked)}/{len(asked)}（100.0%）" in plain(portal.text(address))
    assert "未公开的单位0个" not in plain(portal.text(f"{address}?year=2025"))


@pytest.mark.feature("2-41")
def test_coverage_by_level_is_whole_when_every_unit_of_a_level_has_something_public(portal: Portal) -> None:
    villages = [each for each in PACK.departments_on(NOON.date()) if each.level == "村居"]
    portal.publish(*(submitted(each.code, "1") for each in villages[1:]))
    assert f"村居{Share(len(villages) - 1, len(villages)).percent}" in plain(portal.text("/catalogue"))
    portal.publish(submitted(villages[0].code, "1"))
    assert f"村居100.0%{len(villages)}/{len(villages)}（100.0%）" in plain(portal.text("/catalogue"))


@pytest.mark.feature("3-07")
@pytest.mark.parametrize("code", ["04-01", "05-01"])
def test_a_row_shows_its_five_elements(portal: Portal, code: str) -> None:
    row, page = PACK.row[code], portal.text(f"/catalogue/rows/{code}")
    for term, text in (
        ("主体", row.publisher), ("内容", "、".join(row.elements)), ("标准", row.standard), ("方式", "主动公开"),
        ("程序", row.procedure),
    ):  # fmt: skip
        assert text
        assert re.search(f"<dt>{term}</dt><dd>{re.escape(text)}", page)


def test_a_row_says_its_deadline_how_it_counts_and_where_it_is_published(portal: Portal) -> None:
    portal.publish(submitted(local_id="1", title="一则通知"))
    page = portal.text("/catalogue/rows/01-06")
    for said in (PACK.row["01-06"].time_limit.raw, "调休", "■政府网站", "□精准推送", "一则通知", "/rules/CLK-01"):
        assert said in page
    assert "指定的日期，遇放假不顺延" in portal.text("/catalogue/rows/01-09")


def test_every_row_catalogue_and_field_of_the_example_has_its_page(portal: Portal) -> None:
    paths = [f"/catalogue/rows/{quote(code)}" for code in list(PACK.row)[::9]]
    paths += [f"/catalogue/{quote(stem)}" for stem in PACK.catalogue]
    paths += [f"/catalogue/fields/{quote(name)}" for name in PACK.field]
    for path in paths:
        assert portal.client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "path",
    ["/catalogue/none", "/catalogue/rows/none", "/catalogue/rows/none/coverage", "/catalogue/fields/none",
     "/catalogue/basic/versions/9", "/catalogue/basic/diff/1..9", "/catalogue/basic.exe", "/catalogue/%00",
     "/catalogue/..%2f..%2fetc", "/catalogue/basic/versions/99999999999999999999", "/catalogue?page=0",
     "/catalogue/rows/06-01/coverage?year=1", "/api/v1/catalogue/none"],
)  # fmt: skip
def test_what_is_not_there_is_said_plainly(portal: Portal, path: str) -> None:
    assert portal.client.get(path).status_code in {404, 422}


def test_what_a_pack_and_a_release_say_is_no_markup(portal: Portal) -> None:
    evil = "<script>alert(1)</script>"
    table = f'[basic]\nname = "{evil}"\nset = "base"\nbasis = "{evil}"\n'
    rows = replaced(small_city()["catalogues/basic.csv"], "领导介绍", evil)
    files = dict(small_city()) | {"catalogues.toml": table.encode(), "catalogues/basic.csv": rows}
    portal.release(1, numbered(files, 1), note=evil)
    portal.release(2, numbered(files | {"catalogues/basic.csv": replaced(rows, evil, "领导")}, 2), note=evil)
    for path in ("", "/basic", "/basic/versions/1", "/basic/diff/1..2", "/rows/01-02", "?q=alert"):
        assert evil not in portal.text(f"/catalogue{path}"), path


def test_a_share_never_says_all_while_one_is_missing() -> None:
    assert Share(9_999, 10_000).percent == "99.9%"
    assert Share(10_000, 10_000).percent == "100.0%"
    assert Share(0, 0).percent == "—"


def test_a_pack_that_says_nothing_of_its_files_shows_them_all_the_same() -> None:
    pack = load_pack(dict(small_city()))
    assert [each.stem for each in tree.catalogues(pack).values()] == ["basic", "key-fields", "other"]
    assert all(isinstance(each, Catalogue) for each in tree.catalogues(pack).values())
