"""Keep what items name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "item_links",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rel", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "rel", "target", name=op.f("pk_item_links")),
        comment="what live items name, for the pages of what is named",
    )
    op.create_index("item_links_target", "item_links", ["target", "subject"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("item_links_target", table_name="item_links")
    op.drop_table("item_links")
