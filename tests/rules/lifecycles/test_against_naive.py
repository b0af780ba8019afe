"""Every lifecycle of the example walked at random, each step held against a reference that has nothing but a list."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from msgspec.structs import replace

from rules.calendar import SHANGHAI
from rules.lifecycle import Matter, Move, advance
from schemas.city import Pack
from schemas.city.matters import Lifecycle, Step, StepField
from schemas.events.common import Attachment, Link
from tests.rules.lifecycles.naive import Naive
from tests.rules.making import pack

WALKS, STEPS, TRIES, MANY = 12, 16, 100, 150
START = datetime(2026, 1, 26, 9, 0, tzinfo=SHANGHAI)
"""Three weeks before Spring Festival, so that most periods cross it."""
PAPER = Attachment(sha256="ab" * 32, name="a.pdf", type="application/pdf", size=3)
TEXTS = ("依据《示例市公园管理办法》第三条办理完毕，结果已经书面告知本人，后续将按季度检查。", "已收悉。", "同意。")

LIFECYCLES = [lifecycle.id for lifecycle in pack().lifecycles]


class Walker:
    """Draws moves for a lifecycle: mostly such as may be taken, in every other walk now and then one that may not."""

    def __init__(self, city: Pack, lifecycle: Lifecycle, seed: int) -> None:
        self.city, self.lifecycle, self.chance = city, lifecycle, random.Random(f"{lifecycle.id} {seed}")
        self.at = START + timedelta(hours=self.chance.randint(0, 500))
        self.subject = f"{city.lead_office}/w-{seed}"
        self.number, self.slips = 0, 0.0 if seed % 2 else 1.0
        words = {word for text in lifecycle.expressions for word in re.findall("'([^']+)'", text)}
        self.texts = (*TEXTS, *TEXTS, *sorted(words), *sorted(box.id for box in city.mailboxes))

    def move(self, matter: Matter | None) -> Move:
        """The next move."""
        chance = self.chance
        self.number += 1
        self.at += timedelta(hours=chance.choice([0, 1, 5, 30, 200]))
        state = matter.state if matter else None
        allowed = list(self.lifecycle.allowed(state))
        strays = chance.random() < 0.12 * self.slips or not allowed
        step = chance.choice(self.lifecycle.steps if strays else allowed)
        source, actor = self._actor(step, matter)
        late = timedelta(hours=chance.choice([0, 0, 0, 0, 3, 60]))
        at = self.at - timedelta(hours=400 * (chance.random() < 0.08 * self.slips))
        likely = chance.choice([0.0, 0.5, 1.0])
        fields = {one.id: text for one in step.fields if (text := self._text(one, likely))}
        words = {word for one in self.lifecycle.steps for effect in one.effects if (word := effect.rel)}
        links = [Link(rel=word, target=f"{self.city.lead_office}/t-1") for word in sorted({*words, *_rels(self)})]
        return Move(
            subject=self.subject, family=self.lifecycle.family, step=step.id, source=source, id=f"e-{self.number}",
            at=at, arrival=self.at + late, lifecycle=self.lifecycle.id if step.opens or matter is None else None,
            sender=actor, actor=actor, title="关于公园延长开放时间的事项", fields=fields,
            reason=chance.choice(["", "材料尚需核实", "材料尚需核实"]), basis="示例市工作规则",
            links=tuple(chance.sample(links, chance.randint(0, len(links)))),
            attachments=(PAPER,) if chance.random() < 0.8 else (), personal=chance.random() < 0.9,
            facts={
                "identity": chance.choice(["是", "是", "否"]), "contact": "是", "concrete": "是",
                "title_length": "16", "body_length": str(chance.choice([120, 590, 900])),
            },
        )  # fmt: skip

    def _actor(self, step: Step, matter: Matter | None) -> tuple[str, str | None]:
        word = self.chance.choice(step.by) if self.chance.random() > 0.07 * self.slips else "*"
        if word == "engine":
            return "/engine/matters", None
        if word == "citizen":
            return "/portal", None
        lead = self.city.lead_office
        if word == "*":
            code = self.chance.choice([one.code for one in self.city.departments_on(START.date())])
        else:
            held = matter.roles.get(word, (lead,)) if matter else (lead,)
            code = self.chance.choice(held) if word != "sender" else (matter.sender if matter else "") or lead
        return f"/departments/{code}", code

    def _text(self, one: StepField, likely: float) -> str:
        chance = self.chance
        if chance.random() > (1 - 0.02 * self.slips if one.required else likely):
            return ""
        drawn: dict[str, Any] = {
            "date": lambda: (self.at + timedelta(days=chance.choice([-40, -9, 0, 0, 8, 8, 35]))).date().isoformat(),
            "instant": (self.at + timedelta(hours=chance.choice([-30, 0, 3, 900]))).isoformat,
            "number": lambda: str(chance.choice([0, 0, 1, 2, 12, 240])), "yes": lambda: chance.choice(["是", "否"]),
            "dept": self._dept, "depts": lambda: f"{self._dept()} {self._dept()}",
            "choice": lambda: chance.choice(one.choices),
            "choices": lambda: " ".join(chance.sample(one.choices, chance.randint(1, len(one.choices)))),
            "sha256": lambda: PAPER.sha256, "text": lambda: one.example or chance.choice(self.texts)[: one.max],
        }  # fmt: skip
        return str(drawn[one.type]()) if chance.random() > 0.02 * self.slips else "不知道"

    def _dept(self) -> str:
        return self.chance.choice([one.code for one in self.city.departments_on(START.date())][:6])


def _rels(walker: Walker) -> set[str]:
    return {word for word in walker.city.city.link_rels if any(word in text for text in walker.lifecycle.expressions)}


@pytest.mark.parametrize("name", LIFECYCLES)
def test_the_engine_agrees_with_a_list_of_what_was_done(name: str) -> None:
    city = pack()
    taken: set[str] = set()
    for seed in range(WALKS):
        taken |= walk(city, city.lifecycle[name], seed)
    assert taken, "no walk took a single step"


BROKEN = {
    "pauses are forgotten": ("duties", "_resumed", lambda duty, day: replace(duty, state="open")),
    "branches stay open": ("advance", "_branches", lambda step, branches: branches),
    "a step counts when it is told of": ("duties", "_counts_at", lambda pack, move: move.arrival),
    "nobody is assigned": ("advance", "_assigned", lambda step, matter, move: {}),
    "gaps are never mended": ("advance", "_gaps", lambda scene, old, fresh: old | fresh),
    "anybody may": ("advance", "_may", lambda pack, step, matter, move: True),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_engine_is_told_from_the_reference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, function, broken = BROKEN[name]
    monkeypatch.setattr(import_module(f"rules.lifecycle.{module}"), function, broken)
    city = pack()
    rich = [lifecycle for lifecycle in city.lifecycles if any(clock.resumed_by for clock in lifecycle.clocks)]
    with pytest.raises(AssertionError):
        for seed in range(MANY):
            for lifecycle in rich if seed >= WALKS else city.lifecycles:
                walk(city, lifecycle, seed)


def walk(city: Pack, lifecycle: Lifecycle, seed: int) -> set[str]:
    """One walk; the steps that were taken."""
    walker, naive = Walker(city, lifecycle, seed), Naive(city, lifecycle)
    matter: Matter | None = None
    for _ in range(TRIES):
        if matter is not None and matter.version >= STEPS:
            break
        move = walker.move(matter)
        found, expected = advance(city, matter, move), naive.take(move)
        told = f"{lifecycle.id} seed {seed}: {move.step} {[one.message.zh for one in found.findings]}"
        assert found.outcome == expected, told
        matter = found.matter or matter
        if found.matter is not None:
            compare(found.matter, naive, told)
    return set(matter.taken) if matter else set()


def compare(matter: Matter, naive: Naive, told: str) -> None:
    """Everything about a matter that the reference can tell from its list."""
    assert (matter.state, matter.version) == (naive.state(), len(naive.history)), told
    assert {name: one.count for name, one in matter.taken.items()} == naive.counts(), told
    assert matter.roles == naive.roles(), told
    assert list(matter.branches) == naive.branches(), told
    assert set(matter.gaps) == naive.gaps(), told
    duties = {name: (one.state, one.due, one.late) for name, one in matter.duties.items()}
    assert duties == {name: (one.state, one.due, one.late) for name, one in naive.duties().items()}, told
    mine = matter.fields
    assert mine == {name: text for name, text in naive.fields().items() if name in mine}, told
