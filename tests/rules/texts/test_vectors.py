"""What RULES §4 names: every must-hit and must-not-hit of its lists, its numbers and their vectors."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.texts import About, check_passage, check_text
from rules.texts.numbers import is_id, luhn
from schemas.records import Severity
from tests.rules.making import pack
from tests.rules.texts.prose import DAY

TYPOS = (
    "布署/部暑→部署; 按装→安装; 帐户→账户; 帐目→账目; 峻工→竣工; "
    "渡假村→度假村; 竟争→竞争; 既使→即使; 松驰→松弛; 幅射→辐射; "
    "震憾→震撼; 重迭→重叠; 坐阵→坐镇; 渲泄→宣泄; 急待→亟待; "
    "秸杆→秸秆; 攻府→政府; 再接再励→再接再厉; 按步就班→按部就班; "
    "名列前矛→名列前茅; 穿流不息→川流不息; 一愁莫展→一筹莫展; "
    "迫不急待→迫不及待; 谈笑风声→谈笑风生; 涉及到→涉及; 凯觎→觊觎; "
    "防碍→妨碍; 气慨→气概; 侯车→候车; 贯注落实→贯彻落实; "
    "因地治宜→因地制宜; 家俱→家具; 园满→圆满; 欠收→歉收; "
    "重蹈复辙→重蹈覆辙; 走头无路→走投无路"
)
PAIRS = [
    (wrong, pair.partition("→")[2]) for pair in TYPOS.split("; ") for wrong in pair.partition("→")[0].split("/")
]  # fmt: skip


def told(text: str) -> list[tuple[str, Severity]]:
    return [(one.rule, one.severity) for one in check_text(pack(), text, DAY)]


@pytest.mark.parametrize(("wrong", "right"), PAIRS)
def test_a_typo_is_found_with_what_to_write(wrong: str, right: str) -> None:
    text = f"这句话里有一个词是{wrong}。"
    (found,) = [one for one in check_text(pack(), text, DAY) if one.rule == "TX-08"]
    assert (found.severity, found.span, found.excerpt) == ("error", (9, 9 + len(wrong)), wrong)
    assert right in found.remedy.zh
    assert told(f"这句话里有一个词是{right}。") == []


@pytest.mark.parametrize(
    "text",
    [
        "救援队伍紧急待命。",
        "诸侯车马喧嚣。",
        "校园满意度有所提高。",
        "群众对公园满意。",
        "发布署名文章。",
        "消防碍于条件所限。",
        "既使用电子证照，又接受纸质证照。",
        "涉及到期债务的单位。",
        "拖欠收购款的企业。",
    ],
)
def test_a_longer_word_that_holds_a_typo_is_right(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize("mark", ["机密★", "秘密★1年", "绝密★启用前", "机密☆", "秘密 ★ 长期", "机密*20年"])
@pytest.mark.parametrize(
    "text", ["{}\n\n关于有关事项的通知", "特急　{}\n\n关于有关事项的通知", "正文一段。\n{}\n又一段。"]
)
def test_a_mark_of_secrecy_is_stopped_wherever_it_stands(mark: str, text: str) -> None:
    assert ("TX-01", "block") in told(text.format(mark))


@pytest.mark.parametrize(
    "text",
    [
        "涉及商业秘密的除外。",
        "国家秘密保护工作。",
        "内部审计处",
        "内部控制制度",
        "第三方同意公开的除外，行政机关不得公开。",
        "保守工作秘密",
        "内部资料性出版物",
        "（三）保守工作秘密",
        "密级分为绝密、机密、秘密三级。",
        "三、内部资料性出版物管理",
    ],
)
def test_words_of_secrecy_in_running_text_are_no_marks(text: str) -> None:
    assert told(f"关于有关事项的说明\n\n{text}\n\n以上说明请各单位知悉，并按规定办理。") == []


def test_an_internal_mark_stops_alone_on_its_line_and_warns_in_running_text() -> None:
    assert told("内部资料，注意保存\n\n正文。") == [("TX-02", "block")]
    assert told("正文。\n\n（仅供内部参考）") == [("TX-02", "block")]
    assert told("本件为内部文件。") == [("TX-02", "block")]
    assert told("有的单位把仅供内部参考的材料放在公共区域，应当改正。") == [("TX-02", "warn")]
    deep = "正文说明。\n" * 30
    assert told(deep + "内部资料\n" + deep) == [("TX-02", "warn")], "a heading deep inside is no header"


def test_a_draft_may_say_so_and_a_final_document_may_not() -> None:
    title = "示例市停车管理办法（征求意见稿）"
    assert told(f"{title}\n\n正文。") == [("TX-02", "error")]
    assert told("关于《示例市停车管理办法（征求意见稿）》公开征求意见的公告\n\n正文。") == []
    assert told("示例市停车管理办法\n\n起草过程中，征求意见稿印发各区县。") == []


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "11010519491231002x", "440524188001010014", "990000200001010012"]
)
def test_identity_numbers_pass_their_check(number: str) -> None:
    assert is_id(number)
    (found,) = check_text(pack(), f"证件号{number}。", DAY)
    assert (found.rule, found.severity, found.span) == ("TX-04", "block", (3, 21))
    assert found.excerpt == number[:3] + "*" * 11 + number[-4:]


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",
        "110105194902300020",
        "110***********002X",
        "1101051949****002X",
        "138****5678",
        "1381234567",
        "23812345678",
        "12812345678",
        "6222029999999999993",
        "119999000000000198",
        "2026-03-10",
        "20260310",
        "1.38123456789",
    ],
)
def test_other_numbers_are_nobodys(text: str) -> None:
    assert told(f"编号为{text}。") == []


def test_fifteen_digits_of_an_old_identity_number_are_a_warning() -> None:
    assert told("原证号110105491231002。") == [("TX-04", "warn")]
    assert told("流水号110105491331002。") == []


def test_a_card_passes_luhn_and_shows_its_last_four_digits() -> None:
    assert luhn("6222029999999999992")
    assert not luhn("6222029999999999993")
    for written in ("6222029999999999992", "6222 0299 9999 9999 992", "6222-0299-9999-9999-992"):
        (found,) = check_text(pack(), f"转入{written}账户。", DAY)
        assert (found.rule, found.severity, found.span) == ("TX-06", "block", (2, 2 + len(written)))
        assert found.excerpt == "*" * 15 + "9992"


def test_a_telephone_is_an_offices_where_the_line_or_the_cell_says_so() -> None:
    number = "13812345678"
    assert told(f"王某 {number}") == [("TX-05", "block")]
    for word in ("联系人", "电话", "咨询", "传真", "监督", "地址"):
        assert told(f"{word}：{number}") == [("TX-05", "warn")]
        assert told(f"{word}\n{number}") == [("TX-05", "block")]
    assert told("服务台0999-8123456") == [("TX-05", "warn")]
    (cell,) = check_passage(pack(), number, "/data/elements/联系方式")
    assert cell.severity == "block"


NAMES = sorted({department.name for department in pack().departments if len(department.name) >= 4})


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_one_character_wrong_missing_or_too_much_is_stopped(name: str) -> None:
    """Every place but the last character's, which is where ordinary speech goes on otherwise."""
    for at in range(len(name) - 1):
        for wrong in (name[:at] + "囍" + name[at + 1 :], name[: at + 1] + "囍" + name[at + 1 :]):
            assert ("TX-09", "block") in told(f"由{wrong}负责。"), wrong
    assert told(f"由{name}负责。") == []


@pytest.mark.parametrize(
    "text",
    [
        "示例市教育经费增长。",
        "示例市审计报告公布。",
        "示例市东湖区教育工作会议。",
        "示例市人民医院开诊。",
        "全市人民政府工作人员。",
        "齐齐哈尔市和呼和浩特市。",
        "示例市税务分局办理。",
        "中华人民共和国国务院令。",
        "示例市示例新区建设。",
    ],
)
def test_names_that_are_right_and_what_only_begins_like_one_are_left_alone(text: str) -> None:
    assert told(text) == []


def test_empty_members_are_found_and_harmony_is_not_one() -> None:
    assert told("文明、和谐的社会，准确、及时的信息。") == []
    for text in ("农业、、工业", "农业，，工业", "农业、。", "农业、，工业", "农业、和工业", "农业、 、工业"):
        assert told(text) == [("TX-13", "error")], text


@pytest.mark.parametrize("list_of", ["省、市、县三级", "老、弱、病、残、孕", "山、水、林、田、湖", "国家、省、市政府"])
def test_single_characters_that_make_lists_are_whole(list_of: str) -> None:
    assert told(f"统筹{list_of}各方面工作。") == []


def test_the_day_that_yesterday_was_is_told() -> None:
    (found,) = check_text(pack(), "修订后的条例昨日起施行。", DAY)
    assert (found.rule, found.severity, found.span) == ("TX-12", "warn", (6, 8))
    assert "2026年3月9日" in found.remedy.zh
    assert told("修订后的条例昨日（3月9日）起施行。") == []
    assert told("今年的工作安排如下。") == [("TX-12", "warn")]
    assert told("2026年是开局之年，今年的工作安排如下。") == []


def test_four_rights_are_whole_and_in_order() -> None:
    assert told("知情权、参与权、表达权、监督权") == told("知情权，参与权、表达权和监督权") == []
    assert told("知情权、参与权、监督权") == [("TX-10", "warn")]
    assert told("知情权、表达权、参与权、监督权") == [("TX-10", "error")]
    assert told("管理、服务和结果都要检查") == [], "everyday words are no fixed phrase"
    assert told("“简政放权”、“放管结合”、“优化服务”") == told("双随机、一公开") == told("双随机一公开") == []


def test_spans_of_a_folded_text_point_into_the_original() -> None:
    text = "各單位(wèi)：微信掃(sǎo)一掃即可購(gòu)買。"
    (found,) = [one for one in check_text(pack(), text, DAY) if one.rule == "TX-15"]
    assert found.span is not None
    assert text[slice(*found.span)] == "掃(sǎo)一掃即可購(gòu)買"


WORDS = st.sampled_from(
    [
        "、",
        "，",
        "。",
        "\n",
        "\u200b",
        "秘密★",
        "昨日",
        "示例市",
        "教育局",
        "知情权、",
        "参与权",
        "１３８",
        "13812345678",
        "http://",
        "掃",
        "(gòu)",
        "甄示例",
        "市长",
        "〔2026〕",
        "第",
        "号",
        "“",
        "》",
        "XXX",
        "2026年",
        "3月9日",
        "（星期",
        "一",
        "\x00",
        "😀",
        "身患",
        "a",
    ]
)


@given(st.lists(WORDS | st.characters(exclude_categories=()), max_size=60).map("".join))
def test_any_text_is_checked_and_every_span_lies_within(text: str) -> None:
    told_twice = [check_passage(pack(), text, "/x", About(DAY, dated=True)) for _ in range(2)]
    assert told_twice[0] == told_twice[1]
    for fault in told_twice[0]:
        assert fault.span is not None
        assert 0 <= fault.span[0] < fault.span[1] <= len(text)


def test_a_huge_text_of_nothing_but_triggers_takes_time_in_proportion() -> None:
    """Counted by faults and not by the clock: no rule says more than twenty things of one text."""
    rng = random.Random(1)
    words = [
        "秘密★",
        "、、",
        "知情权、监督权",
        "13812345678 ",
        "布署",
        "昨日",
        "http://x",
        "掃",
        "甄事例市长",
        "示例市教肓局",
    ]
    text = "".join(rng.choice(words) for _ in range(20_000))
    counts = [one.rule for one in check_text(pack(), text, DAY)]
    assert counts
    assert max(map(counts.count, counts)) <= 20
