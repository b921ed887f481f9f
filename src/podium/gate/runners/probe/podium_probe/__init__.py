"""Podium's plug-ins for test runners. A program of its own, as `plugin.py`, which is all there is to it.

pytest asks every `*.egg-info` on its path for a plug-in's name before it imports it, one that lies in the tree included. So
it is told a name that nobody can foresee, and by that name finds the real one.
"""

import sys

from . import plugin

if "name" in plugin.PLAN:
    sys.modules[plugin.PLAN["name"]] = plugin
