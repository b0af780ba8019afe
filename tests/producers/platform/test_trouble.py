"""Kills, lost answers, limits and hostile answers: nothing is said or opened twice, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from producers.platform import taking, telling
from producers.tables import APPEALS
from tests.producers.counter import NAME, PHONE
from tests.producers.platform.outside import Joined, platform
from tests.support.events import NOON
from tests.town.town import town

CHANGES = "/v1/appeals/changes"


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Joined]:
    with platform(tmp_path, "--calls", "12") as outside, town(tmp_path, NOON) as city:
        yield Joined(city, outside)


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.feature("3-25")
def test_killed_between_any_two_actions_it_opens_one_letter_and_says_each_thing_once(
    joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = joined.outside.appeal()
    with killed(monkeypatch, taking, "keep"), pytest.raises(Killed):
        joined.line.turn()
    joined.go()
    assert list(joined.letters().values()) == [number]
    key = joined.letter(number)
    joined.replies(key)
    with killed(monkeypatch, telling, "told"), pytest.raises(Killed):
        joined.line.turn()
    joined.outside.fault(path=f"/v1/appeals/{number}", kind="lost")
    joined.line.turn()
    joined.town.clock.pass_(timedelta(minutes=2))
    joined.go()
    assert joined.outside.states(number) == ["已受理", "办理中", "已答复"]
    assert list(joined.letters().values()) == [number]


def test_the_platform_s_limits_are_kept_and_what_could_not_be_done_is_done_later(joined: Joined) -> None:
    for _ in range(15):
        joined.outside.appeal()
    joined.go()
    for key in joined.letters():
        joined.town.does(key, "accepted", dept="zfb", family="complaint")
    joined.line.turn()
    assert joined.line.health()["troubles"] == {"qunzhong": "it answers 429"}
    for _ in range(3):
        joined.town.clock.pass_(timedelta(minutes=1))
        joined.go()
    assert joined.line.health()["troubles"] == {}
    assert [joined.outside.states(number) for number in joined.letters().values()] == [["已受理"]] * 15


def test_hostile_answers_are_refused_and_what_is_good_comes_afterwards(joined: Joined) -> None:
    number = joined.outside.appeal()
    whole = joined.outside.shows(number)
    page = {"items": [whole], "next": 1}
    for body, kind in (
        (b"[" * 100_000, "application/json"), (b'{"items":[],"next":' + b"9" * 4_100_000, "application/json"),
        (json.dumps(page, ensure_ascii=False).encode("gb18030"), "application/json"),
        (json.dumps(page).encode(), "application/json; charset=gb18030"), (json.dumps(page).encode(), "text/html"),
        (json.dumps({**page, "next": 0}).encode(), "application/json"), (b'{"items":{},"next":1}', "application/json"),
        (json.dumps({"items": [whole] * 51, "next": 60}).encode(), "application/json"),
        (b'{"items":[{"appeal_no":"\\ud800"}],"next":1}', "application/json"),
    ):  # fmt: skip
        joined.outside.answers(CHANGES, body, kind)
        assert joined.line.turn() == 0
        assert joined.line.health()["troubles"], body[:40]
        joined.town.clock.pass_(timedelta(minutes=2))
    assert joined.letters() == {}
    joined.go()
    assert list(joined.letters().values()) == [number]


def test_what_is_no_appeal_of_this_city_opens_nothing_and_stops_nothing(joined: Joined) -> None:
    number = joined.outside.appeal()
    whole = joined.outside.shows(number)
    strange = [7, {}, {**whole, "appeal_no": "a\nb"}, {**whole, "region": "999901"}, {**whole, "appeal_no": "x" * 101},
               {**whole, "appeal_no": 5}]  # fmt: skip
    faults: tuple[dict[str, object], ...] = (
        {"type": "其他"}, {"content": ""}, {"content": ["x"]}, {"submitted_at": "明天"}, {"title": "长" * 201},
        {"person": "x"}, {"submitted_at": "2030-01-01T00:00:00+08:00"}, {"content": "字" * 20_001},
    )  # fmt: skip
    unfit = [{**whole, "appeal_no": f"X{n}", **fault} for n, fault in enumerate(faults)]
    body = json.dumps({"items": [*strange, *unfit, whole], "next": 1}, ensure_ascii=False)
    joined.outside.answers(CHANGES, body.encode())
    joined.go()
    assert sorted(joined.letters().values()) == [number, "X5"], "a person of no known form is a person without a name"
    with joined.town.gateway.door.store.read() as conn:
        rows = {row.foreign_id: row.trouble for row in conn.execute(APPEALS.select()).all()}
    assert sorted(name for name, trouble in rows.items() if trouble) == ["X0", "X1", "X2", "X3", "X4", "X6", "X7"]


def test_what_could_not_be_taken_is_taken_once_the_platform_has_mended_it(joined: Joined) -> None:
    number = joined.outside.appeal(type="其他")
    joined.go()
    assert joined.letters() == {}
    joined.outside.change(number, type="意见建议")
    joined.go()
    assert list(joined.letters().values()) == [number]


def test_an_answer_about_another_appeal_counts_for_nothing(joined: Joined) -> None:
    number, other = joined.outside.appeal(), joined.outside.appeal(title="另一件诉求的标题写在这里")
    joined.go()
    joined.town.does(joined.letter(number), "accepted", dept="zfb", family="complaint")
    joined.outside.answers(f"/v1/appeals/{number}", json.dumps(joined.outside.shows(other)).encode())
    joined.line.turn()
    assert "another appeal" in str(joined.line.health()["troubles"])
    joined.town.clock.pass_(timedelta(minutes=2))
    joined.go()
    assert (joined.outside.states(number), joined.outside.states(other)) == (["已受理"], [])


def test_what_the_bus_refuses_is_refused_on_the_platform_with_the_reason(joined: Joined) -> None:
    number = joined.outside.appeal(content="内容里有控制字符\u0007，不能接收，请更正后再提交。")
    joined.go()
    joined.go()
    (word,) = joined.outside.shows(number)["words"]
    assert word["state"] == "不予受理"
    assert word["text"]


def test_a_rating_the_pack_has_no_word_for_is_left_out_and_noted(joined: Joined) -> None:
    number = joined.outside.appeal()
    joined.go()
    key = joined.letter(number)
    joined.replies(key)
    joined.go()
    joined.outside.change(number, status="已评价", rating="五颗星")
    joined.go()
    assert joined.town.sees(key)["state_name"] == "已答复"


def test_an_appeal_leaves_no_word_of_its_writer_in_the_open(joined: Joined) -> None:
    joined.outside.appeal(content=f"本人{NAME}，电话{PHONE}，反映新桥路北段路灯不亮。")
    joined.go()
    log = b"".join(record.value or b"" for record in joined.town.log)
    assert joined.letters()
    assert not [word for word in (NAME, PHONE) if word.encode() in log]


class killed:  # noqa: N801 - reads as what happens
    """Within it the process ends where it would call `name`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
        self.patch, self.module, self.name = monkeypatch, module, name

    def __enter__(self) -> None:
        """From now on."""

        def dies(*_: object, **__: object) -> None:
            raise Killed

        self.before = getattr(self.module, self.name)
        self.patch.setattr(self.module, self.name, dies)

    def __exit__(self, *_: object) -> None:
        self.patch.setattr(self.module, self.name, self.before)
