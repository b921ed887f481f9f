"""What attempts used, in columns, so that it can be added up; what a gate's findings are known by; what checkers found.

A gate's findings of before stay without a signature: nothing is the same as they are.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MINUTE_S = 60
_tasks = sa.table("tasks", sa.column("id"), sa.column("kind"), sa.column("body"))
_attempts = sa.table("attempts", sa.column("id"), sa.column("agent"))
_ends = sa.table("attempt_ends", *(sa.column(name) for name in (
    "attempt", "task", "spec", "agent", "kind", "tokens", "cost_usd", "minutes", "body",
)))  # fmt: skip


def upgrade() -> None:
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("evidence", recreate=recreate) as evidence:  # type: ignore[arg-type]
        # Ahead of the body: SQLite reads a row from its beginning, and every decision reads this.
        evidence.add_column(_text("signature"), insert_after="because")
    op.add_column("tasks", _text("kind"))
    for name in ("task", "spec", "agent", "kind"):
        op.add_column("attempt_ends", _text(name))
    op.add_column("attempt_ends", sa.Column("tokens", sa.BigInteger()))
    op.add_column("attempt_ends", sa.Column("cost_usd", sa.Float()))
    op.add_column("attempt_ends", sa.Column("minutes", sa.Float(), nullable=False, server_default="0"))
    used = ["tokens", "cost_usd", "minutes"]
    op.create_index("attempt_ends_by_time", "attempt_ends", ["at", *used])
    op.create_index(
        "attempt_ends_by_maker", "attempt_ends", ["spec", "agent", "kind", "task", "attempt", "end", *used]
    )
    _fill(op.get_bind())
    _create_judgments()


def _create_judgments() -> None:
    op.create_table(
        "judgments",
        sa.Column("change", sa.String(), primary_key=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _fill(connection: sa.Connection) -> None:
    kinds = {row.id: json.loads(row.body).get("kind", "") for row in connection.execute(sa.select(_tasks))}
    for name, kind in kinds.items():
        connection.execute(sa.update(_tasks).where(_tasks.c.id == name).values(kind=kind))
    agents = {row.id: row.agent for row in connection.execute(sa.select(_attempts))}
    ended = sa.select(_ends.c.attempt, _ends.c.body)
    for attempt, body in connection.execute(ended).all():
        task = attempt.rpartition("@")[0]
        known = {
            "task": task,
            "spec": task.rpartition("/")[0],
            "agent": agents.get(attempt, ""),
            "kind": kinds.get(task, ""),
        }
        used = _used(json.loads(body))
        connection.execute(sa.update(_ends).where(_ends.c.attempt == attempt).values(**known, **used))


def _used(end: dict[str, Any]) -> dict[str, Any]:
    """What an attempt used, as far as its end says; before there was `usage` it said no more than a cost."""
    usage = end.get("usage") or {"cost_usd": end.get("cost_usd")}
    counts = [usage.get("input_tokens"), usage.get("output_tokens")]
    tokens = sum(count or 0 for count in counts) if any(count is not None for count in counts) else None
    return {"tokens": tokens, "cost_usd": usage.get("cost_usd"), "minutes": end["duration_s"] / _MINUTE_S}
