"""What a matter lacks, in words: its gaps' sentences, filled in by what the matter knows. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rules.lifecycle.matter import Matter
from rules.lifecycle.moves import Move
from rules.lifecycle.saying import Scene
from schemas.city import Pack
from schemas.city.matters import Guard
from schemas.records import Gap, Sentence


def gaps_of(pack: Pack, matter: Matter, move: Move) -> list[Gap]:
    """The gaps of `matter` as `move` left it. A gap outlives its step: its sentence asks for nothing of that step's."""
    if not matter.gaps:
        return []
    scene = Scene(pack, pack.lifecycle[matter.lifecycle], matter, move)
    return [
        Gap(rule=guard.id, message=Sentence(zh=scene.sentence(guard.zh), en=scene.sentence(guard.en)))
        for guard in _left(scene, matter)
    ]


def _left(scene: Scene, matter: Matter) -> Iterator[Guard]:
    """The first guard of each gap's name, among the forms of the step that left it."""
    for name, step in matter.gaps.items():
        guards = (guard for form in scene.lifecycle.step.get(step, ()) for guard in form.guards)
        yield from [guard for guard in guards if guard.id == name][:1]
