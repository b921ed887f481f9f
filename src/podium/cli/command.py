"""How a command is declared: it takes --repo, a listing takes --json, and its help ends in examples."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from podium.cli.invocation import Invocation

Body = Callable[..., int | None]
_CONTEXT = {"max_content_width": 110, "help_option_names": ["-h", "--help"]}


class Command(click.Command):
    """A command with examples. Its callback returns the exit code."""

    examples: Sequence[str] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        write_examples(self.examples, formatter)


class Group(click.Group):
    """A command that has commands of its own, and examples."""

    examples: Sequence[str] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        write_examples(self.examples, formatter)


def command(name: str, *, examples: Sequence[str], listing: bool = False) -> Callable[[Body], Command]:
    """Declare a command; `listing` gives it --json. Its body takes the Invocation first."""

    def declare(body: Body) -> Command:
        made = click.command(name, cls=Command)(_with_options(body, listing=listing))
        made.examples = examples
        return made

    return declare


def group(name: str, *, examples: Sequence[str]) -> Callable[[Body], Group]:
    """Declare a listing that has commands of its own and runs without them too."""

    def declare(body: Body) -> Group:
        made = click.group(name, cls=Group, invoke_without_command=True)(_with_options(body, listing=True))
        made.examples = examples
        return made

    return declare


def root(*, cls: type[click.Group], epilog: str) -> Callable[[Callable[[], None]], click.Group]:
    """Declare the program itself: --repo may stand before the command too."""

    def declare(body: Callable[[], None]) -> click.Group:
        made: click.Group = click.group("podium", cls=cls, epilog=epilog, context_settings=_CONTEXT)(
            _repository_option(body)
        )
        return made

    return declare


def write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    formatter.write("\nExamples:\n" + "".join(f"  {line}\n" for line in examples))


def _with_options(body: Body, *, listing: bool) -> Callable[..., Any]:
    takes = click.make_pass_decorator(Invocation, ensure=True)(body)
    return _repository_option(_json_option(takes) if listing else takes)


def _repository_option(body: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--repo", type=click.Path(path_type=Path), metavar="PATH", expose_value=False, callback=_note_repository,
        help="The repository it is about; the one you stand in if not given.",
    )(body)  # fmt: skip


def _json_option(body: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--json", "as_json", is_flag=True, expose_value=False, callback=_note_json,
        help="One JSON document on standard output, errors too.",
    )(body)  # fmt: skip


def _note_repository(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(Invocation).repo = value


def _note_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Invocation).json = True
