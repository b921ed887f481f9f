"""Names of things, typed so that they cannot be mixed up.

A task is `<spec>/<id>`, as in `checkout/3`; its second attempt is `checkout/3@2`. A change carries the name of the
attempt that made it, or `<branch>@<n>` when it was submitted. Candidates are named by their content.
"""

from typing import NewType

Sha = NewType("Sha", str)
"""A commit's full object id."""
Tree = NewType("Tree", str)
"""A tree's full object id."""
TaskId = NewType("TaskId", str)
AttemptId = NewType("AttemptId", str)
ChangeId = NewType("ChangeId", str)
CandidateId = NewType("CandidateId", str)


def attempt_id(task: TaskId, number: int) -> AttemptId:
    return AttemptId(f"{task}@{number}")
