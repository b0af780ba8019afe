"""Count choices and keep duties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "matter_tallies",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "field", "value", name=op.f("pk_matter_tallies")),
        comment="how often each choice was made",
    )
    op.create_table(
        "duties",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "campaign", sa.Text(), nullable=False, comment="the standing duty that it is one of; empty of a matter's"
        ),
        sa.Column("dept", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False, comment="JSON: the newest word, without title and reason"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        comment="what is due, as topic duties says it",
    )
    op.create_index("duties_subject", "duties", ["subject"], unique=False)
    op.create_index("duties_campaign", "duties", ["campaign", "dept"], unique=False)
    op.create_table(
        "duty_rungs",
        sa.Column("id", sa.Text(), nullable=False, comment="of the record that told of it, or takes it back"),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("cancels", sa.Text(), nullable=False, comment="the record that is taken back; empty where none"),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_rungs")),
        comment="who was reminded, urged, supervised, and what of it was taken back",
    )
    op.create_index("duty_rungs_duty", "duty_rungs", ["duty"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("duty_rungs_duty", table_name="duty_rungs")
    op.drop_table("duty_rungs")
    op.drop_index("duties_campaign", table_name="duties")
    op.drop_index("duties_subject", table_name="duties")
    op.drop_table("duties")
    op.drop_table("matter_tallies")
