"""What people let pass (grants, quarantines), signed evidence in a chain, and what a gate's findings come to in short.

A gate's findings of before stay without a grade: they prove no more than they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("evidence", recreate=recreate) as evidence:  # type: ignore[arg-type]
        # Ahead of the body: SQLite reads a row from its beginning, and every decision reads this.
        summary = sa.Column("summary", sa.Text(), nullable=False, server_default="{}")
        evidence.add_column(summary, insert_after="signature")
    op.create_table(
        "grants",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("at", sa.Float(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "quarantines",
        sa.Column("check", sa.String(), primary_key=True),
        sa.Column("test", sa.String(), primary_key=True),
        sa.Column("at", sa.Float(), primary_key=True),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "envelopes",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("evidence", sa.String(), nullable=False, unique=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
    )
