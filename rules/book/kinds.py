"""Kinds of publication as rules: what each requires beyond its catalogue row."""

from __future__ import annotations

from collections.abc import Iterator

from rules.book.rule import Rule
from rules.book.words import span, trigger
from schemas.city import Kind, Pack

_DOCNO = {"required": "必须有", "allowed": "可以有", "none": "没有"}


def kind_rules(pack: Pack) -> Iterator[Rule]:
    """One rule a kind of the pack, as its newest edition says."""
    for kind in pack.kind.values():
        yield Rule(
            id=f"KIND-{kind.name}", group="kind", title=kind.label, basis=kind.basis, source="kinds",
            facts=tuple((term, text) for term, text in _facts(pack, kind) if text),
        )  # fmt: skip


def _facts(pack: Pack, kind: Kind) -> Iterator[tuple[str, str]]:
    yield "要素", "、".join(kind.elements)
    yield "章节", "、".join(kind.sections)
    yield "标题格式", kind.template
    yield "日期", "、".join(trigger(pack, name) for name in kind.dates)
    yield "发文字号", _DOCNO[kind.docno]
    yield "政府公报", "必须刊登" if kind.gazette else ""
    yield "签署", "、".join(kind.sign_offs)
    yield "保密审查", "必须附记录" if kind.secrecy else ""
    yield "关联", "、".join(kind.links)
    yield "索引号", "编索引号" if kind.index else "不编索引号"
    yield "优先等级", kind.quota_class
    yield "栏目", pack.column[kind.column].name if kind.column else ""
    yield "有效期间", span(kind.from_, kind.to)
    yield "处理从重从轻", "、".join(f"{code}按{severity}" for code, severity in sorted(kind.severity.items()))
