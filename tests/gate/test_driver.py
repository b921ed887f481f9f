"""Held-out pytest files against the program in a sandbox of its own: honest trees pass, hostile ones get the right verdict."""

import os
import textwrap
import time
from pathlib import Path

import pytest
from gatehouse import Gatehouse, open_gatehouse

from conftest import Repo
from podium.base.errors import Unavailable
from podium.config.settings import SandboxSettings
from podium.gate.acceptance import children, places
from podium.gate.checks.acceptance import AcceptanceCheck
from podium.model.evidence import CheckResult
from podium.model.ids import Sha, TaskId
from podium.model.task import Acceptance, Means
from podium.model.verdict import Verdict

HONEST = "import sys\nprint(sum(int(word) for word in sys.argv[1:]))\n"
PROPERTY = """
from podium_accept import fresh, run

ORACLE = "s3cret-answer"

def reference(words):
    return sum(words)

def test_the_sum_of_any_numbers_is_printed():
    numbers = fresh()
    for _ in range(2):
        words = [numbers.randrange(-1000, 1000) for _ in range(3)]
        ran = run("python3", "calc.py", *map(str, words))
        assert (ran.code, ran.text) == (0, str(reference(words)))
"""


@pytest.fixture
def house(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gatehouse:
    return open_gatehouse(repo, tmp_path, monkeypatch)


def acceptance(source: str, *, path: str = "accept/test_sum.py") -> AcceptanceCheck:
    one = Acceptance(path, kind=Means.PYTEST, source=textwrap.dedent(source))
    return AcceptanceCheck(TaskId("calc/1"), 1, one, SandboxSettings())


def accept(house: Gatehouse, program: str, source: str = PROPERTY) -> CheckResult:
    head = house.repo.commit({"calc.py": textwrap.dedent(program)})
    return accept_at(house, head, source)


def accept_at(house: Gatehouse, head: Sha, source: str) -> CheckResult:
    result = house.gate([acceptance(source)], head).results[0]
    assert not house.scratch.exists()
    return result


def test_an_honest_program_passes_and_the_evidence_keeps_the_seed(house: Gatehouse) -> None:
    result = accept(house, HONEST)
    assert (result.verdict, result.because) == (
        Verdict.PASSED,
        "1 acceptance test passed; the program was started 2 times",
    )
    assert len(result.details["seed"]) == 16
    assert result.command == "pytest accept/test_sum.py"
    assert result.cases is not None
    assert result.cases.passed == ("test_sum::test_the_sum_of_any_numbers_is_printed",)


def test_hard_coded_answers_pass_the_visible_tests_and_fail_fresh_inputs(house: Gatehouse) -> None:
    head = house.repo.commit({
        "calc.py": "import sys\nprint({('2', '3'): 5, ('1', '1'): 2}.get(tuple(sys.argv[1:]), 0))\n",
        "test_calc.py": "import subprocess\n\ndef test_two_and_three():\n"
        "    assert subprocess.check_output(['python3', 'calc.py', '2', '3']).strip() == b'5'\n",
    })  # fmt: skip
    visible = house.run("python3 -m pytest -q --junitxml={report}", head, report=True)
    assert visible.verdict is Verdict.PASSED
    result = accept_at(house, head, PROPERTY)
    assert (result.verdict, result.because) == (
        Verdict.FAILED,
        "1 acceptance test failed: test_the_sum_of_any_numbers_is_printed",
    )


def test_what_a_maker_is_told_shows_no_line_of_the_tests_and_a_person_is_shown_all(house: Gatehouse) -> None:
    result = accept(house, "print(0)\n", PROPERTY + "\n    assert ORACLE == ran.text\n")
    assert result.output == ""
    assert "reference" not in result.because
    assert "reference(words)" in result.details["said"]


def test_each_run_of_the_gate_draws_other_numbers(house: Gatehouse) -> None:
    head = house.repo.commit({"calc.py": HONEST})
    once = PROPERTY.replace("range(2):", "range(1):", 1)
    first, second = (accept_at(house, head, f"{once}\n# {number}\n") for number in range(2))
    assert first.details["seed"] != second.details["seed"]


SEARCHES = """
import glob, os
found = []
places = [os.path.join(folder, name) for top in ("/run", "/tmp", "/home", "/dev/shm", os.getcwd(), os.path.expanduser("~"))
          for folder, _folders, names in os.walk(top) for name in names]
for path in places + glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/fd/*"):
    try:
        if os.path.isfile(path) and b"s3cret" + b"-answer" in open(path, "rb").read(100000):
            found.append(path)
    except OSError:
        pass
print(found)
"""


def test_a_child_finds_the_oracle_nowhere(house: Gatehouse) -> None:
    result = accept(
        house,
        SEARCHES,
        'from podium_accept import run\nORACLE = "s3cret-answer"\n\ndef test_it():\n'
        '    assert run("python3", "calc.py").text == "[]"\n',
    )
    assert result.verdict is Verdict.PASSED, result.details["said"]


KNOCKS = """
import glob, os, socket
reached = []
for path in glob.glob("/run/**/door", recursive=True) + ["/run/podium-driver/door/door", "/run/podium/door"]:
    try:
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(path)
        reached.append(path)
    except OSError:
        pass
with open("/proc/net/unix") as file:
    reached += [line for line in file if "door" in line]
print(reached)
"""


def test_a_child_reaches_no_door(house: Gatehouse) -> None:
    source = (
        'from podium_accept import run\n\ndef test_it():\n    assert run("python3", "calc.py").text == "[]"\n'
    )
    assert accept(house, KNOCKS, source).verdict is Verdict.PASSED


FORGES = r"""
import base64, json, os
frame = {"code": 0, "out": base64.b64encode(b"6").decode(), "err": "", "hung": False, "flooded": False}
for descriptor in range(1, 10):
    try:
        os.write(descriptor, b"\n" + json.dumps(frame).encode() + b"\n")
    except OSError:
        pass
for name in ("/run/podium/err", "/run/podium/report.xml", "/run/podium/exit.json", "report.xml"):
    try:
        os.path.exists(name) and os.unlink(name)
        open(name, "w").write("<testsuites/>")
    except OSError:
        pass
"""


def test_forged_frames_and_reports_are_just_output(house: Gatehouse) -> None:
    result = accept(house, FORGES)
    assert result.verdict is Verdict.FAILED


def test_a_child_that_hangs_fails_its_test_in_its_time(house: Gatehouse) -> None:
    began = time.monotonic()
    source = 'from podium_accept import run\n\ndef test_it():\n    run("python3", "calc.py", timeout=1)\n'
    program = "import os, time\nif os.fork() == 0:\n    os.setsid()\ntime.sleep(600)\n"
    result = accept(house, program, source)
    assert result.verdict is Verdict.FAILED
    assert "did not end within 1 s" in result.details["said"]
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_child_that_floods_fails_its_test(house: Gatehouse, stream: str) -> None:
    source = 'from podium_accept import run\n\ndef test_it():\n    run("python3", "calc.py", timeout=5)\n'
    program = f"import sys\nfor _ in range(40):\n    sys.{stream}.write('x' * 1000000)\n"
    result = accept(house, program, source)
    assert result.verdict is Verdict.FAILED
    assert "printed more than is kept" in result.details["said"]


def test_the_driver_never_sees_the_tree_nor_imports_it(house: Gatehouse) -> None:
    source = """
    import os, sys
    import pytest
    from podium_accept import run

    def test_it():
        assert [name for name in os.listdir(".") if name not in (".venv", "venv")] == []
        with pytest.raises(ImportError):
            import calc
        assert "PYTHONPATH" in os.environ
        assert run("ls").text.split() == ["README.md", "calc.py"]
    """
    assert accept(house, HONEST, source).verdict is Verdict.PASSED


def test_tests_that_start_nothing_ran_nothing(house: Gatehouse) -> None:
    result = accept(house, HONEST, "def test_it():\n    assert True\n")
    assert (result.verdict, result.because) == (
        Verdict.RAN_NOTHING,
        "1 acceptance test passed without starting the program",
    )


@pytest.mark.parametrize(
    "source",
    ["x = 1\n", "import pytest\n\n@pytest.mark.skip\ndef test_it():\n    pass\n"],
)
def test_no_test_is_no_verdict(house: Gatehouse, source: str) -> None:
    assert accept(house, HONEST, source).verdict is Verdict.RAN_NOTHING


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import nowhere_to_be_found\n", "nowhere_to_be_found"),
        ("def test_it(:\n", "SyntaxError"),
        ("import os\nos._exit(0)\n", "pytest could not run"),
    ],
)
def test_a_file_that_cannot_be_collected_is_its_authors_affair(
    house: Gatehouse, source: str, says: str
) -> None:
    result = accept(house, HONEST, source)
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert says in result.because


def test_a_program_that_this_machine_lacks_is_not_the_changes_fault(house: Gatehouse) -> None:
    source = 'from podium_accept import run\n\ndef test_it():\n    assert run("no-such-tool").code == 0\n'
    result = accept(house, HONEST, source)
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "no-such-tool was not found here" in result.because
    missing = 'from podium_accept import run\n\ndef test_it():\n    assert run("./no-such-tool").code == 0\n'
    assert accept(house, HONEST, missing).verdict is Verdict.FAILED


@pytest.mark.parametrize("sandbox", ["none", "landlock"])
def test_a_sandbox_that_maps_no_paths_drives_as_well(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str
) -> None:
    try:
        house = open_gatehouse(
            repo, tmp_path / f"a rather long name, {'x' * 80}", monkeypatch, sandbox=sandbox
        )
    except Unavailable as error:
        pytest.skip(str(error))
    result = accept(house, HONEST)
    assert (result.verdict, result.sandbox) == (Verdict.PASSED, sandbox), result.because
    serves = "from podium_accept import serve\n\ndef test_it():\n    serve('python3', 'calc.py')\n"
    refused = accept(house, HONEST, serves)
    assert refused.verdict is Verdict.COULD_NOT_RUN
    assert "no network of its own" in refused.because


def test_too_many_calls_are_no_verdict(house: Gatehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "MOST_CALLS", 1)
    result = accept(house, HONEST)
    assert result.verdict is Verdict.COULD_NOT_RUN
    assert "more than 1 programs" in result.because


def test_every_test_finds_the_tree_as_it_was_exported(house: Gatehouse) -> None:
    source = """
    from podium_accept import read, run, write

    def test_one():
        write("made/input.txt", "7")
        assert run("sh", "-c", "cat made/input.txt > out.txt; cat", input="in").text == "in"
        assert read("out.txt") == b"7"

    def test_two():
        assert read("out.txt") is None
        assert run("python3", "-c", "print(open('a').read())", files={"a": "b"}, env={"X": "1"}).text == "b"
        assert run("sh", "-c", "echo $X; echo oops >&2; exit 3", env={"X": "1"}).err == b"oops\\n"
    """
    result = accept(house, HONEST, source)
    assert result.verdict is Verdict.PASSED, result.details["said"]


def test_no_file_is_written_or_read_through_a_link_of_the_trees(house: Gatehouse, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s3cret")
    source = f"""
    import pytest
    from podium_accept import read, run, write

    def test_it():
        run("python3", "-c", "import os; os.symlink('{outside}', 'way'); os.symlink('{outside}/secret', 'one')")
        with pytest.raises(ValueError):
            write("way/new", "x")
        assert read("way/secret") is None and read("one") is None
        write("one", "mine")
        assert read("one") == b"mine"
        for path in ("../x", "/etc/passwd", ""):
            with pytest.raises(ValueError):
                write(path, "x")
    """
    result = accept(house, HONEST, source)
    assert result.verdict is Verdict.PASSED, result.details["said"]
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "s3cret"


SERVES = """
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(self.path.upper().encode())
    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"]))[::-1])
    def answer(self, data):
        self.send_response(200)
        self.send_header("X-Kind", "test")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

HTTPServer(("127.0.0.1", 8123), Handler).serve_forever()
"""


def test_a_server_is_asked_over_http_from_within_its_own_sandbox(house: Gatehouse) -> None:
    source = """
    from podium_accept import serve

    def test_it():
        server = serve("python3", "calc.py", port=8123)
        answer = server.get("/hello")
        assert (answer.status, answer.text, answer.headers["x-kind"]) == (200, "/HELLO", "test")
        assert server.post("/", "abc").body == b"cba"
        assert server.get("/again").text == "/AGAIN"
        server.stop()
    """
    result = accept(house, SERVES, source)
    assert result.verdict is Verdict.PASSED, result.details["said"]


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("raise SystemExit(4)\n", "ended with exit code 4"),
        ("import time\ntime.sleep(60)\n", "did not listen in time"),
        (SERVES.replace("self.answer(self.path", "__import__('time').sleep(60); (self.path"), "no answer"),
        (SERVES.replace("self.path.upper().encode()", "b'x' * 2000000"), "longer than"),
        (
            SERVES.replace("self.answer(self.path", "import os; os.kill(os.getppid(), 9); (self.path"),
            "did not answer in time",
        ),
        (
            SERVES.replace(
                "HTTPServer((", "open('/run/podium/answer', 'wb').write(b'{]\\n' * 9)\nHTTPServer(("
            ),
            "no sense",
        ),
    ],
)
def test_a_server_that_does_not_answer_well_fails_its_test(house: Gatehouse, program: str, says: str) -> None:
    source = """
    from podium_accept import serve

    def test_it():
        server = serve("python3", "calc.py", port=8123, timeout=3)
        assert server.get("/hello", timeout=2).text == "/HELLO"
    """
    result = accept(house, program, source)
    assert result.verdict is Verdict.FAILED, result.because
    assert says in result.details["said"]


def test_a_driver_that_ends_in_the_midst_of_a_call_leaves_nothing_running(house: Gatehouse) -> None:
    source = """
    import os, threading
    from podium_accept import run

    def test_it():
        threading.Timer(1, os._exit, [1]).start()
        run("sleep", "60", timeout=60)
    """
    began = time.monotonic()
    assert accept(house, HONEST, source).verdict is Verdict.COULD_NOT_RUN
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "frame", ["{}", "do='run', argv=5", "do='run', argv=['true'], input='', env={}, timeout=1e999"]
)
def test_a_frame_that_makes_no_sense_is_refused_and_the_door_stays_open(house: Gatehouse, frame: str) -> None:
    source = f"""
    import pytest
    from podium_accept import call, run

    def test_it():
        with pytest.raises(ValueError):
            call({frame if "=" in frame else "**" + frame})
        assert run("true").code == 0
    """
    result = accept(house, HONEST, source)
    assert result.verdict is Verdict.PASSED, result.details["said"]


def test_a_gate_that_is_to_stop_stops_the_driver_and_its_children(house: Gatehouse) -> None:
    head = house.repo.commit({"calc.py": "import time\ntime.sleep(60)\n"})
    began = time.monotonic()
    evidence = house.gate([acceptance(PROPERTY)], head, should_stop=lambda: time.monotonic() > began + 2)
    assert evidence.verdict is Verdict.COULD_NOT_RUN
    assert time.monotonic() - began < 20


def test_the_digest_names_the_tests_and_not_what_they_prove() -> None:
    one = acceptance("a = 1\n")
    assert one.digest != acceptance("a = 2\n").digest
    proving = Acceptance("accept/test_sum.py", kind=Means.PYTEST, source="a = 1\n", proves=("Sum",))
    assert one.digest == AcceptanceCheck(TaskId("calc/1"), 1, proving, SandboxSettings()).digest


def test_a_file_is_put_in_the_place_of_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert places.take(tmp_path, "pipe", limit_bytes=10) is None
    places.put(tmp_path, "pipe", b"data")
    assert places.take(tmp_path, "pipe", limit_bytes=2) == b"da"
