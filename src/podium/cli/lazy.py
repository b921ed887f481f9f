"""The root of the command line: knows its commands by name and imports one when it is called."""

import difflib
from importlib import import_module

import click

from podium.cli.registry import COMMANDS, SECTIONS


class LazyGroup(click.Group):
    """A group whose help comes from the registry, without importing any command."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(import_module(entry.module), entry.name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"there is no command {args[0]!r}{near(args[0])}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        for section in SECTIONS:
            with formatter.section(section):
                formatter.write_dl(
                    [(entry.name, entry.help) for entry in COMMANDS.values() if entry.section == section]
                )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        formatter.write(f"\n{self.epilog}\n")


def near(name: str) -> str:
    """`; did you mean status?`, or nothing."""
    found = difflib.get_close_matches(name.lower(), COMMANDS, n=2, cutoff=0.55)
    return f"; did you mean {' or '.join(found)}?" if found else ""
