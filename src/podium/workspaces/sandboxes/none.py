"""No sandbox: the command runs as the person, with everything they may read and write.

What still holds: the environment is the allow-list, HOME and TMPDIR are fresh directories, control groups bound processes
and memory where the machine has them, and the process tree dies with the command. For machines where an outer container is the boundary; the evidence says `none`.
"""

import os

from podium.base import cgroups, environment
from podium.workspaces.sandboxes.base import Box, Contained
from podium.workspaces.sandboxes.surroundings import base_environment, private_room


class Unconfined:
    """Contains nothing."""

    @property
    def kind(self) -> str:
        return "none"

    @property
    def maps_paths(self) -> bool:
        return False

    def unavailable(self) -> str:
        return ""

    def contain(self, box: Box) -> Contained:
        """The command as it is, in `box.work`, with the environment of a contained one."""
        room = private_room(box)
        path = environment.variable("PATH", os.defpath)
        env = base_environment(box, path=path, home=room.home, scratch=room.scratch)
        groups = cgroups.bound(processes=box.processes, memory_mb=box.memory_mb)
        return Contained(box.argv, env, box.work, groups)
