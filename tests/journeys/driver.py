"""A podium process without the command line: takes in the specs it is given, works until nothing is left, prints events.

Usage: driver.py REPOSITORY [SPEC]... Exit codes: 0 nothing left to do, 2 it could not begin.
"""

import signal
import sys
import time
from pathlib import Path

from podium.base.errors import PodiumError
from podium.engine.worker import Worker
from podium.project.project import Project


def main(repository: str, *specs: str) -> int:
    try:
        project = Project.open(Path(repository))
        for spec in specs:
            project.take_in(Path(spec))
        with project.worker() as worker:
            signal.signal(signal.SIGINT, lambda *_: worker.interrupt(130))
            print("working", flush=True)
            _work(project, worker)
    except PodiumError as error:
        print(f"{error} [{error.hint}]", file=sys.stderr)
        return 2
    return 0


def _work(project: Project, worker: Worker) -> None:
    seen = 0
    idle = False
    while not idle:
        worker.tick()
        idle = worker.idle()
        for event in project.events(after=seen):
            print(f"{event.kind} {event.subject}: {event.text}", flush=True)
            seen = event.seq
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
