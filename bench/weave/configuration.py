"""The podium.toml of the benchmark: one check, the very command the other queues run; nobody is asked.

Podium does not steer the runner here (no canary, no shuffled or overlaid tests), so that a gate costs all queues the same: one run.
What the whole gate costs is measured in `bench_gate.py`.
"""

import json

from weave.gate import Suite

BATCH = 16


def configuration(suite: Suite, *, slots: int) -> str:
    command = suite.command().replace("python -m pytest", "python -m pytest --junitxml={report}", 1)
    return f"""\
[[gate.check]]
name = "tests"
run = {json.dumps(command)}
report = "junit"
runner = "none"
reach = "imports"
minutes = 10

[gate]
slots = {slots}
parallel = 1
strength_minutes = 0

[queue]
batch = {BATCH}

[policy]
review = "never"
"""
