"""What notices keeps: the rungs that are carried, a row for each of them and each target, webhooks that are gone."""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import Instant, part_metadata

metadata = part_metadata(__file__)

VOLATILE = {"digest": False}
"""Depends on the clock or on others' servers, so it says nothing of whether two stores hold the same."""

NOTICE = sa.Table(
    "notice",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("duty", sa.Text, nullable=False),
    sa.Column("rung", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("corrects", sa.Text),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Index("ix_notice_duty", "duty", "rung"),
)
"""A record of `duties` that is carried: of a rung, or (`corrects` has the rung's id) that it was taken back.

`value` is the record itself, which a webhook is given byte for byte; `arrival` is in ms since 1970.
"""

DELIVERY = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("notice", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, info=VOLATILE),
    sa.Column("next_at", Instant, nullable=False, info=VOLATILE),
    sa.Column("detail", sa.Text, nullable=False, info=VOLATILE),
    sa.Column("changed_at", Instant, nullable=False, info=VOLATILE),
    sa.UniqueConstraint("notice", "target"),
    sa.Index("ix_delivery_state", "state", "target", "next_at"),
)
"""One notice to one target; `schemas.records.DeliveryState` says what `state` may be.

`round` counts how often an operator wanted it tried again, `attempts` the tries of this round; a try is counted before
it is made.
"""

GONE = sa.Table(
    "gone",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("url_sha256", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
"""Webhooks that answered 410 under this address. Kept in a rebuild: no topic tells of it."""
