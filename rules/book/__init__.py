"""The book of rules: every rule of a pack with its basis, severity and remedy, for pages, documents and commands.

`book` gathers, `page` prints as Markdown; the portal shows the same rules one by one under `/rules/CODE`.
Read in this order: `rule`, `reasons`, `codes`, `time`, `kinds`, `matters`.
"""

from __future__ import annotations

from rules.book.codes import code_rules
from rules.book.kinds import kind_rules
from rules.book.markdown import page
from rules.book.matters import with_matters
from rules.book.reasons import reason_rules
from rules.book.rule import GROUPS, Group, Rule
from rules.book.time import calendar_rules, clock_rules
from schemas.city import Pack

__all__ = ["GROUPS", "Group", "Rule", "book", "page"]


def book(pack: Pack) -> tuple[Rule, ...]:
    """Every rule of `pack`, group by group in the order of `GROUPS`; ids are unique."""
    rules = (*reason_rules(pack), *code_rules(), *clock_rules(pack), *kind_rules(pack), *calendar_rules(pack))
    rules = with_matters(pack, rules)
    order = list(GROUPS)
    return tuple(sorted(rules, key=lambda rule: order.index(rule.group)))
