"""Each live item with what is wrong with it by a pack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from consumers.portal.rescan.reading import Site, Wanted, changed_since
from consumers.portal.shelf import SHANGHAI
from consumers.portal.web.resources import File, WholeItem
from rules.texts import Published, check_published
from schemas.city import Pack
from schemas.events.common import Attachment
from schemas.extracts import Extract, Extracts
from schemas.records import Finding


@dataclass(frozen=True, slots=True)
class Scanned:
    """An item that was looked at; `item` is None where it was not wanted or is gone."""

    item: WholeItem | None
    findings: tuple[Finding, ...] = ()
    unseen: tuple[str, ...] = ()
    """Places of attachments that could not be had."""


def scan(site: Site, pack: Pack, wanted: Wanted, known: Extracts) -> Iterator[Scanned]:
    """Every live item, in the order of the portal's own list. `known`: what stands in files that are at hand."""
    for line in site.lines(wanted):
        item = site.item(line.subject) if changed_since(line, wanted.since) else None
        yield Scanned(None) if item is None else _scanned(site, pack, item, known)


def _scanned(site: Site, pack: Pack, item: WholeItem, known: Extracts) -> Scanned:
    by_digest = {file.sha256: file for file in item.attachments}

    @cache
    def texts(sha256: str) -> Extract | None:
        return known(sha256) or site.text(by_digest[sha256])

    findings = check_published(pack, _published(item), texts)
    lacking = (n for n, file in enumerate(item.attachments) if texts(file.sha256) is None)
    return Scanned(item, findings, tuple(f"/data/attachments/{n}" for n in lacking))


def _published(item: WholeItem) -> Published:
    return Published(
        item.title, item.body, item.summary or "", item.elements, tuple(map(_attachment, item.attachments)), item.kind,
        item.disclosure_attr, item.published_at.astimezone(SHANGHAI).date(),
        overrides=tuple(item.overrides),
    )  # fmt: skip


def _attachment(file: File) -> Attachment:
    return Attachment(sha256=file.sha256, name=file.name, type=file.type, size=file.size)
