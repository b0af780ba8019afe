"""Which states of a lifecycle follow from which, and so which are never reached, never left, or never ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from schemas.city.matters import Lifecycle


class Flow:
    """The ways of one lifecycle through its states."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    @cached_property
    def begins(self) -> frozenset[str]:
        """States that a matter may begin in."""
        return frozenset(step.to for step in self._lifecycle.allowed(None) if step.to is not None)

    @cached_property
    def nexts(self) -> dict[str, frozenset[str]]:
        """State to those that a step leads to from it."""
        return {
            state: frozenset(step.leads(state) for step in self._lifecycle.allowed(state)) - {state}
            for state in self._lifecycle.state
        }

    def behind(self, states: Iterable[str]) -> frozenset[str]:
        """The states and all that may follow."""
        found, waiting = set(states), list(states)
        while waiting:
            for state in self.nexts.get(waiting.pop(), ()):
                if state not in found:
                    found.add(state)
                    waiting.append(state)
        return frozenset(found)

    @cached_property
    def reached(self) -> frozenset[str]:
        """Every state that a matter may come to."""
        return self.behind(self.begins)

    def unreached(self) -> Iterator[str]:
        """States that no matter comes to."""
        return (state for state in self._lifecycle.state if state not in self.reached)

    def stuck(self) -> Iterator[str]:
        """States, reached and no end, from which no step leads on."""
        lifecycle = self._lifecycle
        return (
            one
            for one in lifecycle.state
            if one in self.reached and not lifecycle.state[one].end and not self.nexts[one]
        )

    def after(self, names: Iterable[str]) -> frozenset[str]:
        """The states in which one of these steps may leave a matter."""
        found: set[str] = set()
        for name in names:
            found.update(form.to for form in self._lifecycle.forms(name, None) if form.to is not None)
            for state in self.reached:
                found.update(form.leads(state) for form in self._lifecycle.forms(name, state))
        return frozenset(found)

    def can_follow(self, first: Iterable[str], then: Iterable[str]) -> bool:
        """Whether after one of the steps `first`, however it went on, one of `then` may be taken; in every case."""
        wanted = tuple(then)
        return all(
            any(self._lifecycle.forms(name, state) for state in self.behind({left}) for name in wanted)
            for left in self.after(first)
        )
