"""The portal's tables. Times are µs since 1970: one kind of number on both databases, and exact to sort by."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bus.store import part_metadata
from bus.store.bigrams import Bigrams

Row = sa.Row[*tuple[Any, ...]]
"""A row of any query."""

metadata = part_metadata(__file__, by_hand=("register_terms", "matter_terms"))

COUNTED = {"digest": False}
"""Counted in the order of arrival, which is another in every run; a rebuild takes it from the receipts."""

entries = sa.Table(
    "entries", metadata,
    sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False, comment="of the feed record, ms"),
    sa.Column("feed_id", sa.Text, nullable=False, unique=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False, comment="kind of the receipt"),
    sa.Column("routed", sa.Text, nullable=False, comment="header gk-outlet"),
    sa.Column("value", sa.LargeBinary, nullable=False, comment="the event, byte for byte"),
    comment="the feed itself, each record once, for pages' texts and for outside portals",
)  # fmt: skip

item_links = sa.Table(
    "item_links", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("rel", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
    comment="what live items name, for the pages of what is named",
)  # fmt: skip

sa.Index("item_links_target", item_links.c.target, item_links.c.subject)

versions = sa.Table(
    "versions", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("carried", sa.Boolean, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("origin_partition", sa.Integer, nullable=False),
    sa.Column("origin_offset", sa.BigInteger, nullable=False),
    sa.Column("entry_partition", sa.Integer, nullable=False),
    sa.Column("entry_offset", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("public_at", sa.BigInteger),
)  # fmt: skip

withdrawals = sa.Table(
    "withdrawals", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("origin_partition", sa.Integer, nullable=False),
    sa.Column("origin_offset", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("notice", sa.Text, nullable=False),
    sa.Column("substitute", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip

items = sa.Table(
    "items", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="the one shown, or stood for; 0 where none"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
    sa.Column("column", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("five_open", sa.Text, nullable=False),
    sa.Column("docno", sa.Text),
    sa.Column("index_no", sa.Text, unique=True, info=COUNTED),
    sa.Column("backfill", sa.Boolean, nullable=False),
    sa.Column("published_on", sa.Text, comment="of history: the day it was first public"),
    sa.Column("released_at", sa.BigInteger, comment="when it became public here, kept on update"),
    sa.Column("listed_at", sa.BigInteger, nullable=False, comment="the time lists sort by"),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)  # fmt: skip

sa.Index("items_listed", items.c.state, items.c.listed_at.desc(), items.c.subject.desc())
sa.Index("items_dept", items.c.dept, items.c.state, items.c.listed_at.desc(), items.c.subject.desc())
sa.Index("items_column", items.c.column, items.c.state, items.c.listed_at.desc(), items.c.subject.desc())
sa.Index("items_changed", items.c.backfill, items.c.changed_at.desc())
sa.Index("items_counted", items.c.state, items.c.dept, items.c.kind, items.c.five_open, items.c.row)
sa.Index("items_row", items.c.state, items.c.row, items.c.listed_at.desc(), items.c.dept)

index_numbers = sa.Table(
    "index_numbers", metadata,
    sa.Column("index_no", sa.Text, primary_key=True, info=COUNTED),
    sa.Column("subject", sa.Text, nullable=False),
    comment="every 索引号 ever given: never used again",
)  # fmt: skip

serials = sa.Table(
    "serials", metadata,
    sa.Column("agency", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False, info=COUNTED),
)  # fmt: skip

city_files = sa.Table(
    "city_files", metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
    comment="files of the city pack, each content once",
)  # fmt: skip

city_releases = sa.Table(
    "city_releases", metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("released_at", sa.BigInteger, nullable=False, comment="in force from then on"),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("files", sa.Text, nullable=False, comment="path to sha256, JSON"),
    comment="complete releases of the city pack",
)  # fmt: skip

catalogue_versions = sa.Table(
    "catalogue_versions", metadata,
    sa.Column("stem", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("release", sa.Integer, nullable=False, comment="that brought it"),
    sa.Column("sha256", sa.Text, nullable=False, comment="of its file"),
    sa.Column("rows", sa.Integer, nullable=False),
    comment="the releases in which a catalogue changed, counted",
)  # fmt: skip

register_records = sa.Table(
    "register_records", metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="register/issuer/record"),
    sa.Column("id", sa.BigInteger, nullable=False, unique=True, comment="made of the key; of its terms"),
    sa.Column("register", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False, comment="who recorded it, at its birth"),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="live or removed; absent where a removal came alone"),
    sa.Column("version", sa.Integer, nullable=False, comment="the newest; 0 where none"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False, comment="whose it is; the issuer where nobody else is named"),
    sa.Column("level", sa.Text, nullable=False, comment="of the unit"),
    sa.Column("text", sa.Text, nullable=False, comment="normal, as it is searched"),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    comment="records of registers as readers see them now",
)  # fmt: skip

_r = register_records.c
sa.Index("register_records_listed", _r.register, _r.state, _r.record, _r.issuer)
sa.Index("register_records_kind", _r.register, _r.state, _r.kind)

register_versions = sa.Table(
    "register_versions", metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False, comment="JSON object of texts"),
    sa.Column("effective_on", sa.Text),
    sa.Column("public_at", sa.BigInteger, comment="null where a later one was there before"),
)  # fmt: skip

register_removals = sa.Table(
    "register_removals", metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False, comment="and all before it"),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip

REGISTER_TERMS = Bigrams("register_terms")
"""Made by hand: what is searched of live records."""

matters = sa.Table(
    "matters", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("id", sa.BigInteger, nullable=False, unique=True, comment="made of the subject; of its terms"),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="of the lifecycle"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("state_name", sa.Text, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="the newest held: it says how the matter stands"),
    sa.Column("moved_at", sa.BigInteger, nullable=False, comment="when that step was taken"),
    sa.Column("heard_at", sa.BigInteger, nullable=False, comment="when it was shown here"),
    sa.Column("dept", sa.Text, nullable=False, comment="the first that is responsible"),
    sa.Column("day", sa.Text, comment="where its lifecycle has a calendar: the day or instant it stands under"),
    sa.Column("field_versions", sa.Text, nullable=False, comment="JSON: field to the version that said it last"),
    sa.Column("fields", sa.Text, nullable=False, comment="JSON: public field to what was said of it last"),
    sa.Column("doc", sa.Text, nullable=False, comment="JSON: the newest progress"),
    sa.Column("text", sa.Text, nullable=False, comment="normal, as it is searched"),
    comment="matters as the public may see them now",
)  # fmt: skip

_m = matters.c
sa.Index("matters_listed", _m.moved_at.desc(), _m.subject.desc())
sa.Index("matters_lifecycle", _m.lifecycle, _m.state, _m.moved_at.desc(), _m.subject.desc())
sa.Index("matters_open", _m.lifecycle, _m.ended, _m.moved_at.desc())
sa.Index("matters_calendar", _m.lifecycle, _m.day)

matter_steps = sa.Table(
    "matter_steps", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("doc", sa.Text, nullable=False, comment="JSON: the step as it is shown"),
    sa.Column("heard_at", sa.BigInteger, nullable=False),
    comment="the public steps of matters",
)  # fmt: skip

matter_links = sa.Table(
    "matter_links", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("rel", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
)  # fmt: skip

sa.Index("matter_links_target", matter_links.c.target, matter_links.c.subject)

matter_tags = sa.Table(
    "matter_tags", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    comment="what lists of matters are narrowed by",
)  # fmt: skip

sa.Index("matter_tags_value", matter_tags.c.field, matter_tags.c.value, matter_tags.c.subject)

matter_tallies = sa.Table(
    "matter_tallies", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    comment="how often each choice was made",
)  # fmt: skip

duties = sa.Table(
    "duties", metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("campaign", sa.Text, nullable=False, comment="the standing duty that it is one of; empty of a matter's"),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("doc", sa.Text, nullable=False, comment="JSON: the newest word, without title and reason"),
    comment="what is due, as topic duties says it",
)  # fmt: skip

sa.Index("duties_subject", duties.c.subject)
sa.Index("duties_campaign", duties.c.campaign, duties.c.dept)

duty_rungs = sa.Table(
    "duty_rungs", metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="of the record that told of it, or takes it back"),
    sa.Column("duty", sa.Text, nullable=False),
    sa.Column("cancels", sa.Text, nullable=False, comment="the record that is taken back; empty where none"),
    sa.Column("rung", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    comment="who was reminded, urged, supervised, and what of it was taken back",
)  # fmt: skip

sa.Index("duty_rungs_duty", duty_rungs.c.duty)

library_terms = sa.Table(
    "library_terms", metadata,
    sa.Column("term", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    comment="bigrams of the cases that are kept for who has a like question",
)  # fmt: skip

sa.Index("library_terms_subject", library_terms.c.subject)

MATTER_TERMS = Bigrams("matter_terms")
"""Made by hand: what is searched of matters."""
