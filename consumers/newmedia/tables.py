"""What newmedia keeps: an item's standing on each account, the sends, the posts, the alerts."""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import Instant, part_metadata

metadata = part_metadata(__file__)

VOLATILE = {"digest": False}
"""Depends on the clock or on chance, so it says nothing of whether two stores hold the same."""

DELIVERY = sa.Table(
    "delivery",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("feed_id", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("quota_class", sa.Text, nullable=False),
    sa.Column("content", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("ready_at", Instant, info=VOLATILE),
    sa.Column("slot_at", Instant, info=VOLATILE),
    sa.Column("solo", sa.Boolean, nullable=False, info=VOLATILE),
    sa.Column("round", sa.Integer, nullable=False, info=VOLATILE),
    sa.Column("url", sa.Text, info=VOLATILE),
    sa.Column("index_no", sa.Text, info=VOLATILE),
    sa.Column("detail", sa.Text, nullable=False, info=VOLATILE),
    sa.Column("updated_at", Instant, nullable=False, info=VOLATILE),
    sa.Index("ix_delivery_state", "account", "state", "slot_at"),
    sa.Index("ix_delivery_event", "event_id", "source"),
)
"""The newest record of an item for an account, and how far it has come; `merge.State` says what `state` may be."""

SEND = sa.Table(
    "send",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, info=VOLATILE),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False, info=VOLATILE),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("calling", sa.Text, nullable=False, info=VOLATILE),
    sa.Column("handle", sa.Text, info=VOLATILE),
    sa.Column("platform_id", sa.Text),
    sa.Column("period", sa.Text, nullable=False, info=VOLATILE),
    sa.Column("attempts", sa.Integer, nullable=False, info=VOLATILE),
    sa.Column("next_at", Instant, nullable=False, info=VOLATILE),
    sa.Column("created_at", Instant, nullable=False, info=VOLATILE),
    sa.Column("detail", sa.Text, nullable=False, info=VOLATILE),
    sa.Index("ix_send_account", "account", "state", "period"),
)
"""A call for some posts together: `new`, `prepared`, `submitted`, then `sent`, `failed` or `dropped`.

`calling` (`prepare`, `submit`) is committed before a call is made and cleared with its answer: where it stands
when the sender begins, the outcome is unknown and is looked up.
"""

POST = sa.Table(
    "post",
    metadata,
    sa.Column("send", sa.Text, primary_key=True, info=VOLATILE),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False, info=VOLATILE),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("feed_id", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("article", sa.Text, nullable=False, info=VOLATILE),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("platform_id", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, info=VOLATILE),
    sa.Column("next_at", Instant, nullable=False, info=VOLATILE),
    sa.Column("at", Instant, nullable=False, info=VOLATILE),
    sa.Index("ix_post_item", "subject", "account"),
    sa.Index("ix_post_state", "account", "state", "next_at"),
)
"""One item of a send: `sending`, `live`, `removing` or `removed`. Kept in a rebuild, for it says what is public."""

SAID = sa.Table(
    "said",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("url", sa.Text, info=VOLATILE),
    sa.Column("index_no", sa.Text, info=VOLATILE),
)
"""What the portal's receipt said of an event: nothing goes out before it (NM-06)."""

CLOSED = sa.Table(
    "closed",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, nullable=False, info=VOLATILE),
)
"""The last period for which a platform itself said that the quota is used up."""

ALERT = sa.Table(
    "alert",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False, info=VOLATILE),
    sa.Column("detail", sa.Text, nullable=False, info=VOLATILE),
)
"""What somebody must look at: `quota-missed` (an emergency), `refused`, `configuration`; gone when it is past."""
