"""What stands in files, as the rules see it: places, bunches, and where looking ends."""

from __future__ import annotations

from datetime import date

from rules.texts import About, check_passage
from rules.texts import attachments as rule
from rules.texts.attachments import BUNCH, file_faults
from schemas.events.common import Attachment
from schemas.extracts import Extract, Form, Piece, Properties
from schemas.reasons import Reason
from tests.rules.making import pack

ABOUT = About(date(2026, 3, 10), kind="notice", attribute="主动公开")
FILE = Attachment(sha256="0" * 64, name="附件.docx", type="-", size=1)
CONTACT, OTHER = "联系电话", "备注"
NUMBER = "13800000000"


def told(*pieces: Piece, form: Form = "docx", cut: bool = False) -> list[tuple[str, str | None, str]]:
    extract = Extract(form, "", pieces, Properties(), cut)
    faults = file_faults(pack(), FILE, extract, ABOUT, "/data/attachments/3")
    return [(fault.reason.value, fault.severity, fault.place) for fault in faults]


def test_a_number_under_the_head_of_telephones_is_an_offices_and_under_another_is_not() -> None:
    assert told(Piece("表1!A2", NUMBER, CONTACT)) == [("TX-05", "warn", "/data/attachments/3#表1!A2")]
    assert told(Piece("表1!A2", NUMBER, OTHER)) == [("TX-05", "block", "/data/attachments/3#表1!A2")]


def test_a_grave_number_behind_many_mild_ones_is_told() -> None:
    mild = [Piece(f"表1!A{row}", NUMBER, CONTACT) for row in range(2, 6_000)]
    found = told(*mild, Piece("表1!B6000", NUMBER, OTHER))
    assert ("TX-05", "block", "/data/attachments/3#表1!B6000") in found
    assert len(found) == 21


def test_a_grave_number_behind_many_mild_ones_in_one_text_is_told() -> None:
    lines = [f"联系电话：{NUMBER}"] * 25 + ["正文。", f"补助发给{NUMBER}。"]
    faults = check_passage(pack(), "\n".join(lines), "/data/body", ABOUT)
    assert [fault.severity for fault in faults] == ["warn"] * 20 + ["block"]


def test_what_is_wrong_beyond_a_bunch_is_found_and_told_by_its_own_place() -> None:
    text = "各单位要加强领导。\n" * (BUNCH // 10)
    found = told(Piece("正文", text, kind="cell"), Piece("正文（2）", "要认真布署。", kind="body"))
    assert found == [("TX-08", None, "/data/attachments/3#正文（2）")]


def test_looking_ends_where_enough_was_found_that_nobody_can_answer_for() -> None:
    piece = "".join(f"张某{number}的号码{NUMBER}；攻府；机密★\n" for number in range(BUNCH // 30))
    found = told(*(Piece(f"第{page}页", piece) for page in range(1, 9)))
    assert {place.partition("#")[2] for _, _, place in found} < {f"第{page}页" for page in range(1, 4)}


def test_of_a_text_that_was_cut_the_rest_is_told_to_be_unchecked() -> None:
    assert told(Piece("正文", "一"), cut=True) == [("TX-14", "warn", "/data/attachments/3")]


def test_a_place_in_a_file_shows_no_number_of_anybody() -> None:
    (found,) = told(Piece(f"表 {NUMBER}!A1", "要认真布署"))
    assert found == ("TX-08", None, "/data/attachments/3#表 138****0000!A1")


def test_a_file_is_looked_at_once_for_all_events_that_bring_it() -> None:
    extract = Extract("docx", "", (Piece("正文", "要认真布署。", kind="body"),))
    before = rule._within.cache_info()
    for number in range(3):
        (fault,) = file_faults(pack(), FILE, extract, ABOUT, f"/data/attachments/{number}")
        assert (fault.reason, fault.place) == (Reason.TX_08, f"/data/attachments/{number}#正文")
    after = rule._within.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)
