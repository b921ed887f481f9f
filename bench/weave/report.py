"""The table, and the section of RESULTS.md."""

from collections import Counter
from collections.abc import Sequence

from weave.course import Outcome
from weave.judging import Judged, turnaround
from weave.proposal import Origin, Trace


def table(judged: Sequence[Judged]) -> str:
    rows = [_row(one) for one in judged]
    names = list(rows[0])
    lines = [
        "| | " + " | ".join(one.course.queue for one in judged) + " |",
        "|---|" + "--:|" * len(judged),
        *(f"| {name} | " + " | ".join(row[name] for row in rows) + " |" for name in names),
    ]
    return "\n".join(lines)


def section(trace: Trace, judged: Sequence[Judged], *, machine: str, command: str) -> str:
    """What RESULTS.md says of a run."""
    origins = Counter(one.origin for one in trace.proposals)
    judging = sum(bool(one.judging) for one in trace.proposals)
    last = max(one.arrives_s for one in trace.proposals)
    lost = ", ".join(f"{count} {why}" for why, count in trace.lost.items() if count) or "none"
    return f"""\
## Weaving, end to end

`{command}`; {machine}.
{origins[Origin.REAL]} real commits of {trace.taken_from} and {origins[Origin.MADE]} made changes ({origins[Origin.MADE] // 2} pairs, each half passes alone, both together fail), arriving over
{last:.0f} s on bases up to five positions old; one flaky test that fails {trace.flake_rate:.0%} of the time. The same changes, in the same order and at the same
times, one queue after the other, with real git and real pytest. Left out before: {lost}; {len(trace.left_out)} slow or failing tests.
{judging} of the real ones change what judges others (tests, build): they were given leave by `podium policy grant`.

{table(judged)}

The two others are small harnesses of ours in `bench/weave/baselines.py`, on the same git, command, slots and order. Each change's own gate is not
charged to them (they are taken to have run it before); Podium ran it within its wall time. A gate run is pytest once for them; for Podium its whole
gate (the command, the base's tests, the canary; again where a test failed, to tell a flake). *Sent back wrongly*: by the plain suite, without the flaky
test, the change passes on the very tip on which it was sent back.
"""


def details(judged: Judged) -> str:
    """What went wrong or unlike the rest, by name."""
    course = judged.course
    lines = [f"{course.queue}: {note}" for note in course.notes]
    lines += [f"{course.queue}: RED {position}" for position in judged.red]
    lines += [f"{course.queue}: VICTIM {one.name}: {one.because[:300]}" for one in judged.victims]
    unusual = course.of(Outcome.REFUSED, Outcome.OPEN, Outcome.FAILED)
    lines += [f"{course.queue}: {one.outcome}: {one.name}: {one.because[:300]}" for one in unusual]
    return "\n".join(lines)


def _row(judged: Judged) -> dict[str, str]:
    course = judged.course
    landed, (median, p95) = course.count(Outcome.LANDED), turnaround(course)
    _half, whole_p95 = turnaround(course, since_submitted=True)
    other = {name: len(course.other_gates_s.get(name, ())) for name in ("isolated", "tips afterwards")}
    return {
        "landed": f"{landed}",
        "positions of main": f"{len(course.positions)}",
        "**red positions**": f"**{len(judged.red)}**",
        "gate runs in the queue": f"{len(course.queue_gates_s)}",
        "**… for each landed change**": f"**{course.gates_per_landed:.2f}**",
        "seconds of these gates": f"{sum(course.queue_gates_s):.0f}",
        "gate runs of changes alone": f"{other['isolated'] or '-'}",
        "full gates of tips by free slots, afterwards": f"{other['tips afterwards'] or '-'}",
        "seconds of all gates": f"{sum(course.queue_gates_s) + sum(map(sum, course.other_gates_s.values())):.0f}",
        "sent back: it fails": f"{len(judged.right)}",
        "sent back wrongly": f"{len(judged.victims)}",
        "sent back: conflicts as text": f"{course.count(Outcome.CONFLICT)}",
        "refused before the queue": f"{course.count(Outcome.REFUSED)}",
        "neither landed nor sent back": f"{course.count(Outcome.OPEN)}",
        "pairs that landed whole": f"{judged.both}",
        "wall time": f"{course.wall_s:.0f} s",
        "from the queue to main, median": f"{median:.1f} s",
        "… 95th percentile": f"{p95:.1f} s",
        "from submission to main, 95th percentile": f"{whole_p95:.1f} s",
    }
