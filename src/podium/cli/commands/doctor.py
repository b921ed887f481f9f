"""`podium doctor`: what works here, what does not, and what to do about it."""

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.findings import findings, sound, summary
from podium.cli.screen import print_json, show, stdout
from podium.git.repository import open_repository
from podium.project.doctor import examine


@command("doctor", examples=("podium doctor", "podium doctor --json"), listing=True)
def doctor(invocation: Invocation) -> int:
    """Try everything that Podium needs here: sandbox, git, disk, state, gate, agents.

    Exit code: 0 it all works, 1 something is broken; what to do about it stands below it.
    """
    found = examine(open_repository(invocation.repo))
    if invocation.json:
        print_json(found)
    else:
        show(stdout(), *findings(found), summary(found, all_well="all well"))
    return Exit.OK if sound(found) else Exit.FAILED
