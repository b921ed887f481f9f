"""`podium completion`: the shell completes commands, options and ids."""

import click
from click.shell_completion import get_completion_class

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation

_VARIABLE = "_PODIUM_COMPLETE"


@command(
    "completion",
    examples=(
        'eval "$(podium completion bash)"                                    # in ~/.bashrc',
        'eval "$(podium completion zsh)"                                     # in ~/.zshrc',
        "podium completion fish > ~/.config/fish/completions/podium.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(_invocation: Invocation, shell: str) -> int:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(kind(click.get_current_context().find_root().command, {}, "podium", _VARIABLE).source())
    return Exit.OK
