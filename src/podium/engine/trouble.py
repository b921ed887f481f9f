"""What this machine did to an agent, told from what the agent did itself."""

from podium.agents.base import Report
from podium.base.errors import Unavailable
from podium.base.text import clean_line


def refuse_trouble(report: Report, *, asked_to_stop: bool) -> None:
    """Let no end count that is our doing, or nobody's: what was begun begins again from the start.

    Raises:
        Unavailable: the program that watched it was killed, somebody stopped it, or the sandbox could not be made.
    """
    if report.reason == "vanished" or (report.reason == "stopped" and not asked_to_stop):
        raise Unavailable("the agent was stopped, or the process that watched it killed")
    if report.exit_code and report.output.startswith(("bwrap: ", "landlock: ")):
        raise Unavailable(f"the sandbox could not be made: {clean_line(report.output)}")
