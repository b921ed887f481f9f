"""`podium verify`: whether signed evidence holds, with a public key and the repository alone."""

import sys
from pathlib import Path

import click

from podium.cli.command import command
from podium.cli.exits import Exit
from podium.cli.invocation import Invocation
from podium.cli.render.evidence import verification as page
from podium.cli.screen import print_json, show, stdout
from podium.project.project import verify_evidence


@command(
    "verify",
    examples=(
        "podium verify evidence.json --key key.pub",
        "podium verify checkout/3",
        "git fetch origin 'refs/podium/*:refs/podium/*' && podium verify evidence.json --key key.pub",
    ),
    listing=True,
)
@click.argument("evidence")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The public key to trust; this Podium's own if not given.",
)
def verify(invocation: Invocation, *, evidence: str, key: Path | None) -> int:
    """Check the signature, the tree, the gate's digest and the chain of EVIDENCE: a file, - for standard input, or an id.

    Exit code: 0 the signature holds and nothing that could be checked speaks against it; 1 otherwise.
    """
    given = sys.stdin.buffer.read().decode(errors="replace") if evidence == "-" else None
    view = verify_evidence(invocation.repo, evidence, key=key, given=given)
    if invocation.json:
        print_json(view)
    else:
        show(stdout(), *page(view))
    return Exit.OK if view.ok else Exit.FAILED
