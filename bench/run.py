"""Runs every benchmark and prints what it measured: `make bench`, or `python bench/run.py --help`.

Nothing here passes or fails: a figure is what it is on this machine under this load, and both are printed beside it.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import bench_cli_start
import bench_decide
import bench_gate
import bench_overhead
import bench_planner
import bench_predictions
import bench_shapes
import bench_status
import bench_throughput
from measure import Figure, Scale, load, machine

BENCHMARKS = {
    "cli-start": bench_cli_start.run,
    "status": bench_status.run,
    "decide": bench_decide.run,
    "gate": bench_gate.run,
    "overhead": bench_overhead.run,
    "throughput": bench_throughput.run,
    "predictions": bench_predictions.run,
    "shapes": bench_shapes.run,
    "planner": bench_planner.run,
}


def main() -> int:
    asked = _arguments()
    scale = Scale(60.0, 15) if asked.full else Scale()
    report = {"machine": machine(), "load before": load(), "figures": []}
    if not asked.json:
        print("\n".join(f"{name}: {value}" for name, value in machine().items()))
    figures: list[dict[str, object]] = []
    for name in asked.only or BENCHMARKS:
        before, start = load(), time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="podium-bench-") as directory:
            found = BENCHMARKS[name](Path(directory), scale)
        took = f"{time.perf_counter() - start:.0f} s, load {before} → {load()}"
        figures += [asdict(figure) | {"benchmark": name, "load": before} for figure in found]
        if not asked.json:
            print(f"\n{name} ({took})\n" + _table(found), flush=True)
    if asked.json:
        print(json.dumps(report | {"figures": figures, "load after": load()}, indent=2))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Podium on this machine.")
    parser.add_argument("--json", action="store_true", help="every value, for a program")
    parser.add_argument(
        "--full", action="store_true", help="agents of 60 s instead of 6 s: twelve minutes more"
    )
    parser.add_argument(
        "--only", action="append", choices=BENCHMARKS, help="only this benchmark; may be repeated"
    )
    return parser.parse_args()


def _table(figures: list[Figure]) -> str:
    width = max(len(figure.name) for figure in figures)
    head = f"{'':{width}}  {'n':>3}  {'min':>9}  {'median':>9}  {'max':>9}  {'max/min':>7}  unit  goal"
    return "\n".join([head, *(_row(figure, width) for figure in figures)])


def _row(figure: Figure, width: int) -> str:
    low, high = min(figure.values), max(figure.values)
    ratio = f"{high / low:.2f}" if low > 0 else "-"
    values = "  ".join(f"{_short(value):>9}" for value in (low, figure.median, high))
    line = f"{figure.name:{width}}  {len(figure.values):>3}  {values}  {ratio:>7}  {figure.unit:<4}  {figure.goal}"
    return line.rstrip() + (f"\n{'':{width}}       {figure.note}" if figure.note else "")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
