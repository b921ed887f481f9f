"""Facts to try the store with: any value of their types, over few names, so that they meet."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from podium.model.attempt import Attempt, AttemptEnd, Change, End, Seed
from podium.model.checking import Judgment, Proposal, Remark, Severity, Trial, Word
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import Cases, CheckResult, Evidence, Grade
from podium.model.grant import Grant, Quarantine
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree, attempt_id
from podium.model.queue import Candidate, Conflict, Footprint
from podium.model.review import Answer, Order, Review, Wish
from podium.model.task import Acceptance, Checkbox, Kind, Task
from podium.model.usage import Allowance, Usage
from podium.model.verdict import Verdict
from podium.store.records import Fact

TIP = Sha("a" * 40)
OTHER_TIP = Sha("b" * 40)
TASKS = tuple(TaskId(f"s/{number}") for number in (1, 2, 3))
ATTEMPTS = tuple(attempt_id(task, number) for task in TASKS for number in (1, 2))
SUBMITTED = ChangeId("submit:topic:1")
CHANGES = (*(ChangeId(attempt) for attempt in ATTEMPTS), SUBMITTED)
CANDIDATES = (CandidateId("candidate-1"), CandidateId("candidate-2"))

words = st.text(max_size=20)
times = st.floats(0, 2e9)
counts = st.none() | st.integers(0, 2**40)
allowances = st.builds(Allowance, counts, st.none() | st.floats(0, 99), st.none() | st.floats(0, 99))
shas = st.sampled_from([TIP, OTHER_TIP])
trees = st.sampled_from([Tree("t1"), Tree("t2")])
tips = st.sampled_from([TIP, OTHER_TIP])
json_values = st.dictionaries(
    words, words | st.integers(-(2**53), 2**53) | st.lists(words, max_size=3), max_size=3
)


def tuples(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


def owner_of(change: str) -> str:
    """The scope of what is decided about a change."""
    return change if change == SUBMITTED else change.rpartition("@")[0]


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    name = draw(st.sampled_from(ATTEMPTS))
    task, _, number = name.rpartition("@")
    seed = draw(
        st.none() | st.builds(Seed, words, st.none() | shas, words, st.none() | st.sampled_from(ATTEMPTS))
    )
    allowed = draw(st.none() | allowances)
    return Attempt(
        name, TaskId(task), int(number), draw(words), draw(shas), draw(words), draw(times), seed, allowed
    )


@st.composite
def changes(draw: st.DrawFn) -> Change:
    name = draw(st.sampled_from(CHANGES))
    task = None if name == SUBMITTED else TaskId(owner_of(name))
    return draw(
        st.builds(
            Change,
            id=st.just(name),
            task=st.just(task),
            attempt=st.just(AttemptId(name) if task else None),
            base=shas,
            head=shas,
            tree=trees,
            files=tuples(words),
            added=st.integers(0, 9),
            deleted=st.integers(0, 9),
            title=words,
            author=words,
            at=times,
            assisted_by=words,
            grown=tuples(words),
            entropy=st.floats(0, 9),
            prior_changes=st.integers(0, 9),
        )
    )


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    act = draw(st.sampled_from(Act))
    subject, scope = draw(_subjects(act))
    data: dict[str, Any] = draw(json_values)
    if act is Act.WEAVE:
        data = {"members": draw(st.lists(st.sampled_from(CHANGES), max_size=3)), "onto": scope}
    return Decision(act, subject, draw(words), draw(times), scope, draw(st.integers(0, 2)), data)


@st.composite
def failures(draw: st.DrawFn) -> Failure:
    act = draw(st.sampled_from(Act))
    subject, scope = draw(_subjects(act))
    return Failure(act, subject, draw(st.integers(0, 2)), draw(words), draw(times), scope)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    act = draw(st.sampled_from([Act.GATE, Act.BASELINE, Act.WEAVE]))
    subject, _scope = draw(_subjects(act))
    results = draw(tuples(results_of_checks, 2))
    return Evidence(
        f"{act}:{subject}",
        subject,
        draw(trees),
        draw(shas),
        draw(words),
        results,
        draw(times),
        draw(st.booleans()),
    )


def scope_of(evidence: Evidence) -> str:
    if evidence.id.startswith(Act.GATE):
        return owner_of(evidence.subject)
    return evidence.subject if evidence.id.startswith(Act.BASELINE) else TIP


def _subjects(act: Act) -> st.SearchStrategy[tuple[str, str]]:
    """What a decision is about, and the scope it has then."""
    if act is Act.BASELINE:
        return tips.map(lambda tip: (tip, tip))
    if act in {Act.WEAVE, Act.LAND}:
        return st.sampled_from(CANDIDATES).map(lambda name: (name, TIP))
    if act is Act.ATTEMPT:
        return st.sampled_from(ATTEMPTS).map(lambda name: (name, owner_of(name)))
    if act is Act.GIVE_UP:
        return st.sampled_from(TASKS).map(lambda name: (name, name))
    return st.sampled_from(CHANGES).map(lambda name: (name, owner_of(name)))


results_of_checks = st.builds(
    CheckResult, check=words, digest=words, tree=trees, verdict=st.sampled_from(Verdict), because=words, command=words,
    exit_code=st.none() | st.integers(-64, 255), duration_s=st.floats(0, 9), sandbox=words,
    cases=st.none() | st.builds(Cases, tuples(words), tuples(words), tuples(words)), output=words, output_digest=words, at=times,
    took_s=st.floats(0, 9), grade=st.none() | st.sampled_from(Grade), advice=tuples(words), details=json_values,
)  # fmt: skip
usages = st.builds(
    Usage, input_tokens=counts, cached_tokens=counts, output_tokens=counts, cost_usd=st.none() | st.floats(0, 9), priced=st.booleans()
)  # fmt: skip
ends = st.builds(
    AttemptEnd, attempt=st.sampled_from(ATTEMPTS), because=words, at=times, duration_s=st.floats(0, 9),
    exit_code=st.none() | st.integers(-64, 255), head=st.none() | shas, sandbox=words, brief_digest=words, output=words,
    usage=usages, end=st.sampled_from(End), turn=words, continued=st.booleans(),
)  # fmt: skip
trials = st.builds(
    Trial, st.builds(Proposal, words, words, words, words), st.sampled_from(Verdict), words, st.none() | st.sampled_from(Verdict), words,
)  # fmt: skip
judgments = st.builds(
    Judgment, change=st.sampled_from(CHANGES), by=words, word=st.sampled_from(Word), because=words, at=times,
    findings=tuples(st.builds(Remark, st.sampled_from(Severity), words, words, st.integers(0, 9))), tests=tuples(trials, 2),
    transcript=words,
)  # fmt: skip
reviews = st.builds(Review, st.sampled_from(CHANGES), st.sampled_from(Answer), words, words, times)
orders = st.builds(Order, st.sampled_from([*TASKS, SUBMITTED]), st.sampled_from(Wish), words, words, times)
candidates = st.builds(
    Candidate, st.sampled_from(CANDIDATES), tips, tuples(st.sampled_from(CHANGES)), st.none() | shas, st.none() | trees,
    tuples(st.builds(Conflict, st.sampled_from(CHANGES), tuples(words), trees, words), 2), times,
)  # fmt: skip
footprints = st.builds(
    Footprint,
    st.sampled_from(CHANGES),
    st.sampled_from(["gate:a", "weave:b"]),
    tips,
    tuples(words),
    tuples(words),
    times,
    tuples(words),
)
grants = st.builds(Grant, st.sampled_from([*TASKS, SUBMITTED]), tuples(words), words, words, times)
quarantines = st.builds(
    Quarantine,
    st.sampled_from(["tests", "lint"]),
    st.sampled_from(["a", "b"]),
    words,
    words,
    times,
    st.just(3e9),
)
facts: st.SearchStrategy[Fact] = st.one_of(
    attempts(),
    ends,
    changes(),
    decisions(),
    failures(),
    evidences(),
    results_of_checks,
    judgments,
    reviews,
    orders,
    candidates,
    footprints,
    grants,
    quarantines,
)
acceptances = st.builds(Acceptance, words, st.none() | words)
checkboxes = st.none() | st.builds(Checkbox, st.integers(0, 9999), words)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    name = draw(st.sampled_from(TASKS))
    before = [other for other in TASKS if other < name]
    return draw(
        st.builds(
            Task,
            id=st.just(name),
            spec=st.just("s"),
            title=words,
            kind=st.sampled_from(Kind),
            paths=tuples(words),
            after=st.lists(st.sampled_from(before), unique=True).map(tuple) if before else st.just(()),
            agent=words,
            accept=tuples(acceptances, 2),
            budget=st.none() | st.timedeltas(timedelta(0), timedelta(days=9)),
            notes=words,
            checkbox=checkboxes,
            line=st.integers(0, 9999),
            done=st.booleans(),
        )
    )
