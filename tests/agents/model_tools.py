"""How an action is done with the tools an agent offers its model: the first way whose tool is offered is taken."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from model_script import Action, Edit, Finish, Mcp, Read, Shell, Tool, Write


class NoTool(Exception):
    """None of the tools offered can do what the script says."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one tool. `arguments` is plain text where the tool is a custom one."""

    tool: Tool
    arguments: Mapping[str, Any] | str


_Way: TypeAlias = Callable[[Any], Mapping[str, Any] | str]


def call(action: Action, tools: Sequence[Tool]) -> Call | None:
    """The call that does an action; None where nothing is left to call.

    Raises:
        NoTool: none of the tools does it.
    """
    if isinstance(action, Finish):
        return None
    ways = _mcp(action, tools) if isinstance(action, Mcp) else _WAYS[type(action)]
    offered = {tool.name: tool for tool in tools}
    for name, way in ways:
        if name in offered:
            return Call(offered[name], way(action))
    raise NoTool(f"no tool offered does {type(action).__name__}; offered: {', '.join(offered) or 'none'}")


def placed(action: Action, directory: str) -> Action:
    """The action with its path made absolute, as most tools want it."""
    if isinstance(action, Read | Write | Edit) and directory and not action.path.startswith("/"):
        return replace(action, path=f"{directory}/{action.path}")
    return action


def _mcp(action: Mcp, tools: Sequence[Tool]) -> list[tuple[str, _Way]]:
    names = [tool.name for tool in tools if f"_{tool.name}".endswith(f"_{action.tool}")]
    return [*((name, lambda action: action.arguments) for name in names), ("exec", _code)]


def _replacement(action: Edit) -> dict[str, str]:
    return {"file_path": action.path, "old_string": action.old, "new_string": action.new}


def _patch(action: Write | Edit) -> str:
    if isinstance(action, Write):
        body = [f"*** Add File: {action.path}", *(f"+{line}" for line in action.text.splitlines())]
    else:
        removed = [f"-{line}" for line in action.old.splitlines()]
        added = [f"+{line}" for line in action.new.splitlines()]
        body = [f"*** Update File: {action.path}", "@@", *removed, *added]
    return "\n".join(["*** Begin Patch", *body, "*** End Patch", ""])


def _words(action: Read | Write | Edit | Shell) -> str:
    if isinstance(action, Read):
        return f"cat {shlex.quote(action.path)}"
    if isinstance(action, Shell):
        return action.command
    return f"apply_patch <<'END_OF_PATCH'\n{_patch(action)}END_OF_PATCH\n"


def _code(action: Read | Write | Edit | Shell | Mcp) -> str:
    """The program of an agent whose model writes JavaScript over its tools."""
    if isinstance(action, Mcp):
        found = f"ALL_TOOLS.find(tool => tool.name.endsWith({json.dumps(action.tool)})).name"
        return f"text(await tools[{found}]({json.dumps(action.arguments)}));\n"
    if isinstance(action, Write | Edit):
        return f"text(await tools.apply_patch({json.dumps(_patch(action))}));\n"
    return f"text(await tools.exec_command({json.dumps({'cmd': _words(action)})}));\n"


_SHELLS: tuple[tuple[str, _Way], ...] = (
    ("Bash", lambda action: {"command": _words(action), "description": "Run a command"}),
    ("run_shell_command", lambda action: {"command": _words(action), "description": "Run a command"}),
    ("exec_command", lambda action: {"cmd": _words(action)}),
    ("shell_command", lambda action: {"command": _words(action)}),
    ("shell", lambda action: {"command": ["bash", "-lc", _words(action)]}),
    ("exec", _code),
)
_WAYS: Mapping[type[Action], tuple[tuple[str, _Way], ...]] = {
    Read: (
        ("Read", lambda action: {"file_path": action.path}),
        ("read_file", lambda action: {"file_path": action.path}),
        *_SHELLS,
    ),
    Write: (
        ("Write", lambda action: {"file_path": action.path, "content": action.text}),
        ("write_file", lambda action: {"file_path": action.path, "content": action.text}),
        ("apply_patch", _patch),
        *_SHELLS,
    ),
    Edit: (
        ("Edit", _replacement),
        ("replace", lambda action: {**_replacement(action), "instruction": "Replace these lines."}),
        ("apply_patch", _patch),
        *_SHELLS,
    ),
    Shell: _SHELLS,
}
