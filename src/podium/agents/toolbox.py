"""What an agent that takes tools is offered of ours: a server inside its sandbox. Useful to it; nothing it says is trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from podium.agents import tools
from podium.agents.base import Bench, Brief
from podium.agents.starting import answers, beside, by_system_python
from podium.base.digest import canonical


@dataclass(frozen=True, slots=True)
class Toolbox:
    """How the agent starts the server, and the files that takes."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes]


def toolbox(bench: Bench, brief: Brief) -> Toolbox:
    """The tools for one brief."""
    plan = {
        "brief": str(brief.file), "checks": list(brief.checks), "answer": str(answers(bench)), "cwd": str(bench.inside),
        "tools": list(brief.tools),
    }  # fmt: skip
    files = {"tools.py": Path(tools.__file__).read_bytes(), "tools.json": canonical(plan).encode()}
    return Toolbox(by_system_python("tools", beside(brief, "tools.py"), beside(brief, "tools.json")), files)
