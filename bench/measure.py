"""What every benchmark shares: a figure with its spread, the machine it was measured on, and how a program is timed."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PODIUM = Path(sys.executable).with_name("podium")


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured `n` times. `goal` is in the same unit; `note` says what a reader must know."""

    name: str
    unit: str
    values: tuple[float, ...]
    goal: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much work the benchmarks do."""

    agent_s: float = 6.0
    runs: int = 15


@dataclass(frozen=True, slots=True)
class Timed:
    """What a program took: by the clock, of the processors, and of memory at its peak."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def timed(*arguments: str | Path, cwd: Path) -> Timed:
    """Run a program to its end, whatever its exit code, and say what it took."""
    start = time.perf_counter()
    with subprocess.Popen(
        arguments, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, _, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = 0
    return Timed(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def several(runs: int, *arguments: str | Path, cwd: Path) -> list[Timed]:
    """The same program again and again; the first run, which fills caches, does not count."""
    return [timed(*arguments, cwd=cwd) for _ in range(runs + 1)][1:]


def walls_and_cpus(name: str, timings: Sequence[Timed], *, goal: str = "") -> list[Figure]:
    return [
        Figure(name, "ms", tuple(one.wall_s * 1000 for one in timings), goal),
        Figure(f"{name}, processor time", "ms", tuple(one.cpu_s * 1000 for one in timings)),
    ]


def machine() -> dict[str, str]:
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "git": subprocess.run(
            ["git", "--version"], check=True, capture_output=True, text=True
        ).stdout.strip(),
    }


def load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
