"""The tables. Key columns for finding and adding up, `body` for the value itself as JSON.

Rows are facts: written once, never changed. The one exception is `tasks`, which holds what people want *now*; what they
wanted before is in `events`.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

specs = Table(
    "specs", metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("path", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

tasks = Table(
    "tasks", metadata,
    Column("id", String, primary_key=True),
    Column("spec", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("after", Text, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

attempts = Table(
    "attempts", metadata,
    Column("id", String, primary_key=True),
    Column("task", String, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("agent", String, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

attempt_ends = Table(
    "attempt_ends", metadata,
    Column("attempt", String, primary_key=True),
    Column("end", String, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
    Column("task", String, nullable=False),
    Column("spec", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("tokens", BigInteger),
    Column("cost_usd", Float),
    Column("minutes", Float, nullable=False),
    Index("attempt_ends_by_time", "at", "tokens", "cost_usd", "minutes"),
    Index("attempt_ends_by_maker", "spec", "agent", "kind", "task", "attempt", "end", "tokens", "cost_usd", "minutes"),
)  # fmt: skip
"""The indexes hold all that is added up: a row itself is long, and every decision needs the sums."""

changes = Table(
    "changes", metadata,
    Column("id", String, primary_key=True),
    Column("task", String, index=True),
    Column("attempt", String, index=True),
    Column("title", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

check_results = Table(
    "check_results", metadata,
    Column("tree", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("at", Float, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

evidence = Table(
    "evidence", metadata,
    Column("id", String, primary_key=True),
    Column("subject", String, nullable=False, index=True),
    Column("tree", String, nullable=False, index=True),
    Column("gate_digest", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("because", Text, nullable=False),
    Column("signature", String, nullable=False),
    Column("summary", Text, nullable=False),
    Column("scope", String, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

decisions = Table(
    "decisions", metadata,
    Column("key", String, primary_key=True),
    Column("act", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("scope", String, nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("data", Text, nullable=False),
)  # fmt: skip

failures = Table(
    "failures", metadata,
    Column("act", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("scope", String, nullable=False, index=True),
    Column("because", Text, nullable=False),
    Column("at", Float, nullable=False),
)  # fmt: skip

judgments = Table(
    "judgments", metadata,
    Column("change", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("word", String, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

reviews = Table(
    "reviews", metadata,
    Column("change", String, primary_key=True),
    Column("answer", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Float, nullable=False),
)  # fmt: skip

orders = Table(
    "orders", metadata,
    Column("subject", String, primary_key=True),
    Column("at", Float, primary_key=True),
    Column("wish", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String, nullable=False),
)  # fmt: skip

candidates = Table(
    "candidates", metadata,
    Column("id", String, primary_key=True),
    Column("onto", String, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

candidate_members = Table(
    "candidate_members", metadata,
    Column("candidate", String, primary_key=True),
    Column("change", String, primary_key=True, index=True),
)  # fmt: skip
"""Who is to be in a candidate: as long as one of them is open, what is known of it is needed, whatever the tip."""

impacts = Table(
    "impacts", metadata,
    Column("change", String, primary_key=True),
    Column("evidence", String, primary_key=True),
    Column("onto", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

landings = Table(
    "landings", metadata,
    Column("candidate", String, primary_key=True),
    Column("commit", String, nullable=False, unique=True),
    Column("previous", String, nullable=False, index=True),
    Column("composed", Boolean, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("record", Text, nullable=False),
)  # fmt: skip

landed_changes = Table(
    "landed_changes", metadata,
    Column("change", String, primary_key=True),
    Column("candidate", String, nullable=False, index=True),
    Column("task", String, unique=True),
    Column("at", Float, nullable=False),
)  # fmt: skip
"""Which change landed, each once and each task once: the database refuses a second time."""

grants = Table(
    "grants", metadata,
    Column("subject", String, primary_key=True),
    Column("at", Float, primary_key=True),
    Column("body", Text, nullable=False),
)  # fmt: skip

quarantines = Table(
    "quarantines", metadata,
    Column("check", String, primary_key=True),
    Column("test", String, primary_key=True),
    Column("at", Float, primary_key=True),
    Column("until", Float, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

envelopes = Table(
    "envelopes", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("evidence", String, nullable=False, unique=True),
    Column("digest", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("envelope", Text, nullable=False),
)  # fmt: skip
"""Signed evidence, each naming the digest of the one before it: what is taken out or changed later shows."""

events = Table(
    "events", metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index("events_by_subject", "subject", "seq"),
)  # fmt: skip

notes = Table(
    "notes", metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)  # fmt: skip
"""What the last decision said of things that do not happen yet (why a task is held), and where Podium first saw main."""
