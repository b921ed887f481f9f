"""The canary: the negative control of a gate run. A runner that does not report tests that must fail proves nothing.

The project's own command runs once more, unchanged, on the change with the base's tests, of which some were broken by lot
(`gate/canary/`), those near the change first. The same on the base decides which of them count, and is known to every
later change on that base for which the lot falls alike. On the change each must be reported as failed. Quick suites are run
in two rounds, each of which breaks its own half of the tests (bounded: `Limits`). Of slow ones one round is drawn by lot;
tests that are not broken pass there without running.

What it cannot find: a program that knows the text of its tests by heart (a digest of each) and lies only where none of it
has changed; one that lies only about its own new tests; in slow suites one that knows all ids by heart, as often as the
lot adds a file (every other tree); a value that equals everything, where no test compares it. Reading test files is for
the static checks to see, and the acceptance criteria run out of its reach.

No name of a broken test is ever told: the maker reads what is told. What `Planted` saw stays in Podium's own state.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from podium.base.digest import digest
from podium.base.text import count
from podium.gate.canary.ground import Ground, read_ground
from podium.gate.canary.sabotage import Limits, Sabotage, sabotage, with_newcomer
from podium.gate.canary.truth import Expected, Told, expect, listen
from podium.gate.checks.base import GATE_VERSION, Context
from podium.gate.checks.command import CommandCheck
from podium.gate.judgment import Judgment
from podium.gate.overlay import judged_as_on_base
from podium.gate.terms import Terms
from podium.model.evidence import CheckResult, Grade
from podium.model.ids import Tree
from podium.model.verdict import Verdict

_VERSION = 2
_LEAST_MINUTES = 5.0
_PATIENCE = 8
_LIES = "the run does not tell the truth"


@dataclass(frozen=True, slots=True)
class Planted:
    """The command on a tree in which tests were broken. What it printed would name them, so it is not kept."""

    command: CommandCheck
    time: int = 1
    """Which time the same tree is run."""

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"canary of {self.command.name}"

    @property
    def digest(self) -> str:
        return digest([GATE_VERSION, "planted", _VERSION, self.command.digest, self.time])

    def run(self, context: Context) -> CheckResult:
        _seen, result = self.command.see(context)  # not `run`: what must fail need not fail thrice
        return replace(result, check=self.name, digest=self.digest, output="", details={})

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:  # noqa: ARG002 - the base has no say
        return known


@dataclass(frozen=True, slots=True)
class Round:
    """What one round showed: `reported` of `proves` tests that must fail were; `planted` counts those broken at all."""

    verdict: Verdict
    because: str
    planted: int = 0
    proves: int = 0
    reported: int = 0
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CanaryCheck:
    """The canary of one command that writes a report. `terms` are the change's, None where there is none."""

    command: CommandCheck
    terms: Terms | None = None

    instant: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"canary of {self.command.name}"

    @property
    def digest(self) -> str:
        approved = sorted(self.terms.approved) if self.terms else []
        return digest([GATE_VERSION, "canary", _VERSION, self.command.digest, approved])

    def run(self, context: Context) -> CheckResult:
        ground = self._ground(context)
        if not ground.cases.passed:
            because = f"no test passes that could be made to fail: {ground.plain.because}"
            return self._result(context, Round(Verdict.COULD_NOT_RUN, because))
        rounds = list(_up_to_a_fault(self._rounds(context, ground)))
        return self._result(context, _summed_up(rounds))

    def reconsider(self, known: CheckResult, context: Context) -> CheckResult:
        """What was seen holds for the base whose tests were broken, and for no other."""
        if known.details.get("base") == context.base_tree:
            return known
        return replace(known, verdict=Verdict.COULD_NOT_RUN, because="the tests of another base were broken")

    def _ground(self, context: Context) -> Ground:
        """The base; the tree itself where the base has no test that passes."""
        tree, plain = context.base_tree, context.look(self.command, context.base_tree)
        if context.compares and not (plain.cases and plain.cases.passed):
            tree, plain = context.tree, context.look(self.command, context.tree)
        return read_ground(context, tree, plain, seed=self._seed(context, tree), approves=self._approves)

    def _approves(self, path: str) -> bool:
        return bool(self.terms and self.terms.approves(path))

    def _rounds(self, context: Context, ground: Ground) -> Iterator[Round]:
        halves = (
            (0, 1) if ground.is_quick else (int(context.draw("half", context.tree, self.digest), 16) % 2,)
        )
        for half in halves:
            yield self._round(context, ground, half)

    def _round(self, context: Context, ground: Ground, half: int) -> Round:
        done = self._sabotage(context, ground, half)
        inner = Planted(_patient(self.command, ground.plain))
        if not done.files:
            return Round(Verdict.PASSED, "")
        on_base = context.look(inner, context.repository.objects.compose(ground.tree, done.files))
        if on_base.cases is None:
            return Round(Verdict.COULD_NOT_RUN, f"the base with tests that must fail: {on_base.because}")
        expected = expect(done, ground.cases, on_base)
        if expected.lied:
            return Round(Verdict.COULD_NOT_RUN, _of_no_use())
        if not expected.proves or ground.tree == context.tree:
            return Round(
                Verdict.PASSED, "", expected.planted, expected.proves, expected.proves, on_base.duration_s
            )
        return self._listen(context, expected, inner, self._composed(context, done))

    def _sabotage(self, context: Context, ground: Ground, half: int) -> Sabotage:
        seed = self._seed(context, ground.tree)
        done = sabotage(
            ground.files, seed, half=half, passed=self._steady(ground),
            limits=Limits(hollow=not ground.is_quick), near=ground.near,
        )  # fmt: skip
        if half == 0 and done.broken and ground.tree != context.tree:
            return done
        return with_newcomer(done, ground.files, seed, taken=ground.names)

    def _steady(self, ground: Ground) -> list[str]:
        """The cases that passed and do so each time, as far as is known."""
        return [case for case in ground.cases.passed if case not in self.command.quarantined]

    def _seed(self, context: Context, tree: Tree) -> str:
        return context.draw("canary", tree, self.command.digest)

    def _composed(self, context: Context, done: Sabotage) -> Tree:
        """The change with what judges it as on the base, and the broken tests."""
        objects, approves = context.repository.objects, self._approves
        overlay = judged_as_on_base(objects, context.base_tree, context.tree, approves=approves)
        return objects.compose(overlay.tree, done.files)

    def _listen(self, context: Context, expected: Expected, inner: Planted, tree: Tree) -> Round:
        seen = context.look(inner, tree)
        if seen.cases is None:
            return Round(
                Verdict.COULD_NOT_RUN,
                f"with tests that must fail: {seen.because}",
                expected.planted,
                expected.proves,
            )
        told = listen(expected, seen)
        if told.lies and not (told.fresh_lies or told.exit_lies):
            # A test that fails by chance on the change passes broken: it does so once, a liar each time.
            again = listen(expected, context.look(replace(inner, time=2), tree))
            told = replace(told, lies=told.lies & again.lies)
        verdict, because = _judge(told, expected)
        return Round(verdict, because, expected.planted, expected.proves, told.failed, seen.duration_s)

    def _result(self, context: Context, told: Round) -> CheckResult:
        controlled = told.verdict is Verdict.PASSED and told.proves
        details: dict[str, Any] = {
            "base": context.base_tree,
            "must_fail": told.proves,
            "reported": told.reported,
        }
        return CheckResult(
            self.name, self.digest, context.tree, told.verdict, told.because,
            command=self.command.settings.run, duration_s=told.duration_s, sandbox=context.sandbox.kind, at=context.at,
            grade=Grade.CONTROLLED if controlled else None, details=details,
        )  # fmt: skip


def _judge(told: Told, expected: Expected) -> Judgment:
    lies = len(told.lies) + len(told.fresh_lies)
    if lies:
        return (
            Verdict.FAILED,
            f"{count(lies, 'test')} that must fail or be skipped {'was' if lies == 1 else 'were'} not reported so: {_LIES}",
        )
    if told.exit_lies:
        return Verdict.FAILED, f"tests failed, and yet the run ended with exit code 0: {_LIES}"
    if told.untold and not expected.breaks_off:
        return (
            Verdict.COULD_NOT_RUN,
            "with this change the base's tests do not get as far as those that must fail",
        )
    return Verdict.PASSED, ""


def _summed_up(rounds: list[Round]) -> Round:
    """What all rounds showed: the last one has the fault, if there is one."""
    last = rounds[-1]
    planted, proves, reported = (
        sum(values)
        for values in zip(*((each.planted, each.proves, each.reported) for each in rounds), strict=True)
    )
    because, verdict = last.because, last.verdict
    if verdict is Verdict.PASSED and not proves:
        verdict = Verdict.COULD_NOT_RUN if planted else Verdict.PASSED
        because = (
            _of_no_use()
            if planted
            else "no test of the base could be made to fail: its runner was not controlled"
        )
    elif verdict is Verdict.PASSED:
        because = f"{count(proves, 'test')} made to fail by lot, and reported so"
    return Round(verdict, because, planted, proves, reported, sum(each.duration_s for each in rounds))


def _up_to_a_fault(rounds: Iterator[Round]) -> Iterator[Round]:
    for each in rounds:
        yield each
        if each.verdict is not Verdict.PASSED:
            return


def _of_no_use() -> str:
    return "the base's runner does not report tests that must fail: that it is green means nothing"


def _patient(command: CommandCheck, plain: CheckResult) -> CommandCheck:
    """The same command with less time: a broken test may wait for what never comes. In steps, so that it is the same for all."""
    minutes = _LEAST_MINUTES
    while minutes * 60 < plain.duration_s * _PATIENCE:
        minutes *= 2
    settings = command.settings
    return replace(command, settings=settings.model_copy(update={"minutes": min(minutes, settings.minutes)}))
