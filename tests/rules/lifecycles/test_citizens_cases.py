"""What every citizens' case has: each step and clock is taken by some test, and wrong steps get one clear sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from schemas.city.charges import Charge
from schemas.city.matters import StepField
from tests.rules.lifecycles import test_foi_requests, test_letters
from tests.rules.lifecycles.foi import assigned, registered, reply, submitted
from tests.rules.lifecycles.test_letters import REPLY, handled, letter
from tests.rules.lifecycles.walking import CITIZEN, Walk
from tests.rules.making import pack

Met = tuple[set[tuple[str, str, str | None]], set[tuple[str, str]], str]
CASES = ("foi-request", "letter", "petition", "appeal", "questionnaire")


@pytest.fixture(scope="module")
def met() -> Met:
    """The forms taken and the clocks opened by all tests of these lifecycles, and what those tests say."""
    walks: list[Walk] = []
    begin = Walk.__init__

    def noted(walk: Walk, *given: Any, **named: Any) -> None:
        begin(walk, *given, **named)
        walks.append(walk)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Walk, "__init__", noted)
        for test in (*_tests(test_foi_requests), *_tests(test_letters)):
            test()
    forms = {(walk.lifecycle.id, form.id, form.when) for walk in walks for form in walk.forms}
    clocks = {(walk.lifecycle.id, clock) for walk in walks for clock in walk.clocks}
    files = [module.__file__ or "" for module in (test_foi_requests, test_letters)]
    told = "".join(Path(file).read_text(encoding="utf-8") for file in files)
    return forms, clocks, told


def _tests(module: Any) -> Iterator[Callable[[], object]]:
    """Each test of a module with each of its parameters."""
    for name, test in vars(module).items():
        if name.startswith("test_") and isinstance(test, FunctionType):
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
            if not marks:
                yield test
            for mark in marks:
                names = [mark.args[0]] if isinstance(mark.args[0], str) else list(mark.args[0])
                for given in mark.args[1]:
                    said = given if len(names) > 1 else (given,)
                    yield partial(test, **dict(zip(names, said, strict=True)))


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_taken_by_some_test(name: str, met: Met) -> None:
    taken = {(step, when) for lifecycle, step, when in met[0] if lifecycle == name}
    assert {(step.id, step.when) for step in pack().lifecycle[name].steps} == taken


@pytest.mark.parametrize("name", CASES)
def test_every_clock_is_opened_by_some_test(name: str, met: Met) -> None:
    opened = {clock for lifecycle, clock in met[1] if lifecycle == name}
    assert set(pack().lifecycle[name].clock) == opened


@pytest.mark.parametrize("name", CASES)
def test_every_guard_is_named_by_some_test(name: str, met: Met) -> None:
    """Questions of a questionnaire have a guard each, of one form: one of them stands for all."""
    ids = {guard.id for step in pack().lifecycle[name].steps for guard in step.guards}
    ids = {guard for guard in ids if not re.fullmatch(r"QST-[AQR][0-9]", guard)}
    by_article = {"FOI-A14", "FOI-A15", "FOI-A16", "FOI-A36Q", "FOI-A37", "FOI-A38", "FOI-A39"}
    unseen = {"FOI-A31S", "FOI-A31P", "FOI-A31N", "FOI-A35R"}
    assert not {guard for guard in ids - by_article - unseen if f'"{guard}"' not in met[2]}


@pytest.mark.parametrize("name", CASES)
def test_every_sentence_is_whole_and_says_what_to_do(name: str) -> None:
    for step in pack().lifecycle[name].steps:
        for guard in step.guards:
            assert re.search("[\u4e00-\u9fff]", guard.zh) and guard.zh.endswith("。") and guard.en.endswith(".")
            assert guard.remedy_zh.endswith("。") and guard.remedy_en.endswith(".") and guard.basis


def test_a_matter_nobody_knows() -> None:
    (found,) = Walk("letter").refused("accepted", "2026-02-10")
    assert found.message.zh in {
        "没有编号为“zfb/2026-1”的事项，不能办理“受理”。", "没有编号为“zfb/2026-1”的事项，不能办理“accepted”。",
    }  # fmt: skip


def test_the_same_beginning_twice() -> None:
    walk = submitted()
    (found,) = walk.refused("submitted", "2026-02-11", CITIZEN, applicant="自然人", way="当面",
                            submitted_at="2026-02-10T09:00:00+08:00", form_wanted="纸质")  # fmt: skip
    assert found.message.zh == "编号“zfb/2026-1”的事项已经立项，不能再次“提交申请”。"


def test_a_step_out_of_its_order_says_what_may_come() -> None:
    (found,) = registered().refused("replied", "2026-02-11", **reply())
    assert found.message.zh.startswith("该事项现处于“已登记”，不能办理“答复”；此时可以办理：告知补正、转办")


def test_the_wrong_department() -> None:
    (found,) = handled().refused("replied", "2026-02-12", "czj", reply=REPLY, result="路灯已经修复")
    assert found.message.zh == "“答复”应由主办单位（市交通局）办理，czj不是。"


def test_a_citizen_does_not_reply_to_himself() -> None:
    assert handled().rules("replied", "2026-02-12", CITIZEN, reply=REPLY, result="路灯已经修复") == ["SM-ACTOR"]


def test_a_step_dated_ahead() -> None:
    (found,) = letter().refused("accepted", "2026-02-12", "jtj", arrival="2026-02-11")
    assert found.message.zh == "“受理”的时间2026-02-12 09:00晚于收到时间2026-02-11 09:00。"


def test_a_step_before_its_cause() -> None:
    (found,) = handled().refused("replied", "2026-02-10 12:00", "jtj", reply=REPLY, result="路灯已经修复")
    assert found.message.zh == "“答复”的时间2026-02-10 12:00早于它的前一环节“签收办理”的时间2026-02-10 14:00。"


def test_a_back_dated_step_is_taken_flagged_and_counts_as_late() -> None:
    walk = handled(kind="咨询")
    given = walk.go("replied", "2026-02-12", "jtj", reply=REPLY, result="路灯已经修复", arrival="2026-02-26")
    assert [one.rule for one in given.findings] == ["SM-BACKDATED"]
    assert walk.duty("handle").late, "told of after the 13th, on which it was due"


def test_a_boilerplate_reply_reads_clearly() -> None:
    reply = "您好，来信收悉。感谢您对我们工作的关心和支持，已转相关部门办理，请您耐心等待，祝您生活愉快。"
    told = [one.message.zh for one in handled().refused("replied", "2026-02-12", "jtj", reply=reply)]
    assert told == ["答复只有套话，没有实际内容。", "答复没有法律政策依据，也没有具体办理结果。"]


def test_a_wrong_fee_says_the_right_one() -> None:
    walk = assigned()
    walk.go("fee-assessed", "2026-02-11", "mzj", fee_mode="按件", quantity="31")
    (found,) = walk.refused("fee-noticed", "2026-02-12", fee_mode="按件", quantity="31", amount="100")
    assert found.message.zh == "应缴金额与收费标准不符：31件（页）按件应收2200元。"


def test_an_extension_told_too_late_says_until_when() -> None:
    (found,) = assigned().refused("extended", "2026-03-17", approved="是", told_on="2026-03-17", reason="信息量大")
    assert found.message.zh == "延长答复应在原期限2026-03-16 23:59届满前告知申请人。"


WRONG_FORMS = (
    {"pattern": "[0-9]+"},
    {"pattern": "[0-9]+", "example": "x"},
    {"type": "date", "pattern": "x", "example": "x"},
)


@pytest.mark.parametrize("wrong", WRONG_FORMS)
def test_a_form_is_of_texts_and_its_example_has_it(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="pattern"):
        StepField.model_validate({"id": "no", "name": "编号", **wrong})


def test_choices_have_as_many_labels() -> None:
    said = {"id": "no", "name": "编号", "type": "choice", "choices": ["a", "b"], "labels": ["甲"]}
    with pytest.raises(ValueError, match="labels"):
        StepField.model_validate(said)


def test_bands_of_a_charge_reach_further_each() -> None:
    bands = [{"upto": 10, "rate": 0}, {"upto": 10, "rate": 1}]
    with pytest.raises(ValueError, match="further"):
        Charge.model_validate({"id": "x", "unit": "件", "rate": 1, "basis": "x", "bands": bands})


def test_a_charge_rises_band_by_band() -> None:
    charge = pack().charge["按件"]
    by_hand = [0] * 10 + [100] * 20 + [200] * 10 + [300] * 10 + [400] * 5
    assert [charge.of(n) for n in range(len(by_hand) + 1)] == [sum(by_hand[:n]) for n in range(len(by_hand) + 1)]
