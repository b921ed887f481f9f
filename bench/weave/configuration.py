"""The podium.toml of the benchmark: one check, the very command the other queues run; nobody is asked.

Podium's gate is more than that command (canary, the base's tests, new tests): its gate runs cost more each. Strength is off, as it decides nothing.
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
runner = "pytest"
plugins = []
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
