"""What changes can affect, who is in a candidate, and which landings were on evidence that was put together.

Of changes of before nothing is told: they count as if they affected everything.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_decisions = sa.table("decisions", sa.column("act"), sa.column("subject"), sa.column("data"))
_members = sa.table("candidate_members", sa.column("candidate"), sa.column("change"))
_landings = sa.table("landings", sa.column("candidate"), sa.column("previous"), sa.column("body"))


def upgrade() -> None:
    op.create_table(
        "candidate_members",
        sa.Column("candidate", sa.String(), primary_key=True),
        sa.Column("change", sa.String(), primary_key=True),
    )
    op.create_index("ix_candidate_members_change", "candidate_members", ["change"])
    op.create_table(
        "impacts",
        sa.Column("change", sa.String(), primary_key=True),
        sa.Column("evidence", sa.String(), primary_key=True),
        sa.Column("onto", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.add_column("landings", sa.Column("previous", sa.String(), nullable=False, server_default=""))
    op.add_column("landings", sa.Column("composed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_landings_previous", "landings", ["previous"])
    op.create_index("ix_landings_at", "landings", ["at"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    for candidate, body in connection.execute(sa.select(_landings.c.candidate, _landings.c.body)).all():
        previous = json.loads(body)["previous"]
        connection.execute(
            sa.update(_landings).where(_landings.c.candidate == candidate).values(previous=previous)
        )
    weaves = sa.select(_decisions.c.subject, _decisions.c.data).where(_decisions.c.act == "weave")
    known: set[tuple[str, str]] = set()
    for candidate, data in connection.execute(weaves).all():
        known.update((candidate, change) for change in json.loads(data).get("members", ()))
    if known:
        rows = [{"candidate": candidate, "change": change} for candidate, change in sorted(known)]
        connection.execute(sa.insert(_members), rows)
