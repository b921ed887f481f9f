"""`podium bench queue`: anywhere, with words that say what is wrong, and an exit code that says whether goals hold."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from terminal import podium, printed

from conftest import Repo
from podium.cli.render.bench import bench as page
from podium.project.benching import Asked, BenchView, bench
from podium.simulation import goals as aims
from podium.simulation import study as studies
from podium.simulation.trace import lines
from podium.simulation.workloads import Workload, generate

QUICK = ("--changes", "8", "--seeds", "2", "--slots", "3")


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No project, no repository, and no processes but this one."""
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path / "nowhere")
    monkeypatch.setattr("podium.base.pool.processors", lambda: 1)


def viewed(*policies: str, trace: Path | None = None) -> BenchView:
    workload = {} if trace else {"changes": 8}
    asked = Asked(workload, slots=3, policies=policies, seeds=2, trace=trace)
    return bench(asked, progress=lambda _done, _total: None)


def test_one_cell_is_simulated_without_any_project() -> None:
    ran = podium("bench", "queue", "--policy", "single", "--policy", "podium", *QUICK)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "240/h, 3 slots, files"
    assert [line.split()[0] for line in ran.out.splitlines()[3:5]] == ["podium", "single"]
    assert ran.err.splitlines()[-1] == "simulated 4 of 4"


def test_json_says_the_same_without_what_is_no_number() -> None:
    ran = podium("bench", "queue", "--policy", "single", "--policy", "podium", "--json", *QUICK)
    cell = json.loads(ran.out, parse_constant=pytest.fail)["cells"][0]
    single, ours = cell["policies"]
    assert (cell["slots"], cell["capacity_per_hour"]) == (3, 18)
    assert (single["kind"], ours["kind"], ours["against"]) == ("baseline", "podium", {})
    assert set(single["against"]) == {"p50", "p95", "per_hour", "runs_per_landed"}
    assert single["figures"]["landed"]["median"] + single["figures"]["rejected"]["median"] == 8


def test_a_trace_is_simulated_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "changes.jsonl"
    file.write_text("\n".join(lines(generate(Workload(changes=12, per_hour=30, gate_minutes=4), seed=1))))
    (cell,) = viewed("single", trace=file).cells
    assert cell.cell.endswith("changes.jsonl")
    assert cell.policies[0].figures["landed"].median == pytest.approx(12, abs=3)
    assert cell.gate_minutes == pytest.approx(4, rel=0.3)


def test_a_history_gives_its_footprints(repo: Repo) -> None:
    for number in range(12):
        repo.commit({f"part{number % 3}.py": f"{number}\n"})
    ran = podium("bench", "queue", "--history", str(repo.path), "--policy", "single", *QUICK)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "240/h, 3 slots, repo"


def test_pictures_are_written(tmp_path: Path) -> None:
    ran = podium("bench", "queue", "--policy", "single", "--plot", str(tmp_path / "new" / "plots"), *QUICK)
    files = sorted(path.name for path in (tmp_path / "new" / "plots").iterdir())
    assert files == [
        "runs-per-landed.svg",
        "space-time-single.svg",
        "turnaround-p50.svg",
        "turnaround-p95.svg",
    ]
    assert all(ET.parse(tmp_path / "new" / "plots" / name) for name in files)
    assert f"drawn  {tmp_path / 'new' / 'plots' / files[0]}" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "zul"), "hint: one of: zuul"),
        (("--bad", "1.5"), "1.5 is not in the range"),
        (("--study", "--slots", "4"), "--study has its own cells"),
        (("--study", "--per-hour", "4"), "--study has its own cells"),
        (("--trace", "nothing.jsonl"), "does not exist"),
        (("--history", "."), "repository"),
        (("--plot", "/dev/null/x", "--policy", "single", *QUICK), "--plot names a folder"),
    ],
)
def test_what_does_not_go_is_said(arguments: tuple[str, ...], said: str) -> None:
    ran = podium("bench", "queue", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_trace_goes_with_no_word_about_the_workload(tmp_path: Path) -> None:
    file = tmp_path / "changes.jsonl"
    file.write_text("\n")
    assert "says itself" in podium("bench", "queue", "--trace", str(file), "--per-hour", "3").err
    assert "holds no change" in podium("bench", "queue", "--trace", str(file)).err


def test_the_exit_code_of_a_study_says_whether_its_goals_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    small = studies.Cell("small", Workload(changes=4), 2)
    monkeypatch.setattr("podium.project.benching.CELLS", (small,))
    ran = podium("bench", "queue", "--study", "--policy", "single", "--seeds", "1")
    assert ran.code == 1
    assert "does not hold" in ran.out
    monkeypatch.setattr(
        "podium.project.benching.goals", lambda _study: [aims.Check("small", "it runs", "it did", holds=True)]
    )
    ran = podium("bench", "queue", "--study", "--policy", "single", "--seeds", "1")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "all 1 hold"


def test_the_page_fits_a_wide_terminal_and_puts_bounds_last() -> None:
    view = viewed("oracle", "single", "podium")
    rows = printed(page(view), columns=220).splitlines()
    assert [row.split()[0] for row in rows[3:6]] == ["podium", "single", "oracle*"]


def test_a_narrow_terminal_loses_no_figure() -> None:
    view = viewed("single", "podium")
    wide, narrow = (printed(page(view), columns=columns) for columns in (200, 80))
    assert "…" not in narrow
    assert [wide.count("policy  "), narrow.count("policy  ")] == [1, 3]


def test_bench_alone_says_what_there_is() -> None:
    ran = podium("bench")
    assert ran.code == 0
    assert "queue" in ran.out
