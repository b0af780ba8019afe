"""The rules as pages: the list by group, and one page a rule, which every finding leads to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from bus.web import Problem
from consumers.portal.web.context import Context
from consumers.portal.web.listing import HTML
from consumers.portal.web.replies import reply
from consumers.portal.web.resources import RuleEntry, RuleList
from rules.book import GROUPS, Rule, book
from schemas.city import Column, Pack

COLUMN = Column(
    id="rules", name="发布规则", type="其他", keywords="发布规则,退回原因,法定期限,政务公开",
    description="信息发布的全部规则、依据和改正方法",
)  # fmt: skip
SEVERITIES = {"block": "不予发布", "error": "退回，可说明理由后发布", "warn": "提示，照常发布"}
Text = Annotated[str, Query(max_length=100)]


def routes(context: Context) -> APIRouter:
    """Pages and API of the rules."""
    router = APIRouter()
    rules = Rules(context)
    router.add_api_route("/rules", rules.listed, methods=["GET", "HEAD"], include_in_schema=False)
    router.add_api_route("/rules/{code}", rules.shown, methods=["GET", "HEAD"], include_in_schema=False)
    router.get("/api/v1/rules", response_model=RuleList, tags=["portal"])(rules.all)
    router.get("/api/v1/rules/{code}", response_model=RuleEntry, tags=["portal"])(rules.one)
    return router


class Rules:
    """Each method is a page or a resource."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def listed(self, request: Request, q: Text = "", group: Text = "") -> Response:
        """Every rule, by group; `q` is a part of code, title, basis or sentence."""
        asked = q.strip()
        found = [rule for rule in self._book() if group in {"", rule.group} and asked.lower() in _searched(rule)]
        groups = [(GROUPS[name], list(rules)) for name, rules in groupby(found, key=lambda rule: rule.group)]
        page = self._context.page(
            "rules.html", column=COLUMN, groups=groups, all_groups=GROUPS, chosen=group, asked=asked,
            severities=SEVERITIES,
        )  # fmt: skip
        return reply(request, page, HTML)

    def shown(self, request: Request, code: str) -> Response:
        """One rule."""
        rule = self._one(code)
        page = self._context.page(
            "rule.html", column=COLUMN, rule=rule, group=GROUPS[rule.group], severities=SEVERITIES
        )
        return reply(request, page, HTML)

    def all(self, request: Request) -> Response:
        """Every rule."""
        entries = RuleList(rules=[self._entry(rule) for rule in self._book()])
        return reply(request, entries.model_dump_json(), "application/json")

    def one(self, request: Request, code: str) -> Response:
        """One rule; 404 where there is none."""
        return reply(request, self._entry(self._one(code)).model_dump_json(), "application/json")

    def _one(self, code: str) -> Rule:
        found = next((rule for rule in self._book() if rule.id == code), None)
        if found is None:
            raise Problem(404, "NO-RULE", "没有这条规则。", "There is no such rule.")
        return found

    def _book(self) -> Sequence[Rule]:
        with self._context.store.read() as conn:
            return _book(self._context.pack(conn))

    def _entry(self, rule: Rule) -> RuleEntry:
        return RuleEntry(
            id=rule.id, url=f"{self._context.site.base}/rules/{rule.id}", group=rule.group, title=rule.title,
            severity=rule.severity, basis=rule.basis, message=rule.message, remedy=rule.remedy,
            facts=dict(rule.facts), example=rule.example,
        )  # fmt: skip


@lru_cache(maxsize=2)
def _book(pack: Pack) -> Sequence[Rule]:
    return book(pack)


def _searched(rule: Rule) -> str:
    said = [rule.id, rule.title, rule.basis]
    said += [sentence for each in (rule.message, rule.remedy) if each for sentence in (each.zh, each.en)]
    return "\n".join(said).lower()
