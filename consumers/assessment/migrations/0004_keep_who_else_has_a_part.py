"""Keep who else has a part in a matter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    said = "all others with a part in it, by blank"
    op.add_column("moves", sa.Column("beside", sa.Text(), server_default="", nullable=False, comment=said))
