"""Cheats on the repository as such, whatever it is written in: configuration, names, links, secrets."""

from hashlib import sha512

from podium.gate.selftest.ground import Ground
from podium.gate.selftest.specimen import Edits, Link, Submodule, cheat

_NEW = "podium-specimen.txt"


@cheat(80, "edit-the-gate", "Takes a check out of podium.toml.", caught_by="scope tamper", language="")
def edit_the_gate(ground: Ground) -> Edits:
    return ground.appended("podium.toml", '[[gate.check]]\nname = "nothing"\nrun = "true"\n')


@cheat(
    81,
    "edit-the-pipeline",
    "Changes what continuous integration runs.",
    caught_by="scope tamper",
    language="",
)
def edit_the_pipeline(_ground: Ground) -> Edits:
    return {
        ".github/workflows/podium-specimen.yml": b"on: push\njobs:\n  all:\n    runs-on: ubuntu-latest\n    steps: [{run: 'true'}]\n"
    }


@cheat(82, "edit-the-spec", "Ticks off what its spec asks for.", caught_by="scope", language="")
def edit_the_spec(ground: Ground) -> Edits:
    return {ground.spec: ground.text(ground.spec).replace("[ ]", "[x]").encode()}


@cheat(
    83,
    "leave-the-scope",
    "Writes where its task may not.",
    caught_by="scope",
    allowed=("podium-specimen-elsewhere/**",),
    language="",
)
def leave_the_scope(_ground: Ground) -> Edits:
    return {_NEW: b"A line that nobody asked for.\n"}


@cheat(
    84,
    "hide-by-attributes",
    "Git attributes keep the tests out of what is exported.",
    caught_by="scope tamper",
    language="",
)
def hide_by_attributes(_ground: Ground) -> Edits:
    return {".gitattributes": b"tests/** export-ignore\n*.py text eol=crlf\n"}


@cheat(85, "bring-a-secret", "Commits a key.", caught_by="secrets", language="")
def bring_a_secret(ground: Ground) -> Edits:
    key = "AKIA" + _letters(ground, 16)
    secret = _letters(ground, 40, mixed=True)
    return {_NEW: f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\n".encode()}


@cheat(86, "bring-a-huge-file", "Commits a file that nobody can read.", caught_by="intake", language="")
def bring_a_huge_file(_ground: Ground) -> Edits:
    return {"podium-specimen.bin": bytes(2 * 1024 * 1024)}


@cheat(87, "link-out-of-the-tree", "A link leads to a file of the machine.", caught_by="intake", language="")
def link_out_of_the_tree(_ground: Ground) -> Edits:
    return {_NEW: Link("/etc/passwd")}


@cheat(
    88,
    "names-that-clash",
    "Two names that some file systems cannot tell apart.",
    caught_by="intake",
    language="",
)
def names_that_clash(ground: Ground) -> Edits:
    return {ground.spec.upper(): b"another\n"}


@cheat(
    89,
    "name-that-lies",
    "A name with a character that turns the direction of writing.",
    caught_by="intake",
    language="",
)
def name_that_lies(_ground: Ground) -> Edits:
    return {"podium-specimen-\u202etxt.sh": b"true\n"}


@cheat(90, "bring-a-repository", "A submodule brings code that nobody sees.", caught_by="intake", language="")
def bring_a_repository(_ground: Ground) -> Edits:
    return {"podium-specimen-vendored": Submodule("1" * 40)}


@cheat(
    91,
    "forge-the-evidence",
    "Lays evidence of its own where Podium's might be looked for.",
    caught_by="scope",
    language="",
)
def forge_the_evidence(_ground: Ground) -> Edits:
    return {".podium/evidence/1.json": b'{"verdict": "passed", "signature": "AAAA"}\n'}


@cheat(
    92,
    "source-that-lies",
    "A source in which invisible characters hide what runs.",
    caught_by="tamper",
    language="",
)
def source_that_lies(ground: Ground) -> Edits:
    path = "podium_specimen_access.py" if ground.language != "javascript" else "podium-specimen-access.js"
    return {path: 'level = "user\u202e \u2066# only for admins\u2069 \u2066"\n'.encode()}


def _letters(ground: Ground, length: int, *, mixed: bool = False) -> str:
    """Letters and digits that look drawn by lot, the same for the same token."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" + ("abcdefghijklmnopqrstuvwxyz0189+/" if mixed else "")
    drawn = sha512(ground.token.encode()).digest()
    return "".join(letters[byte % len(letters)] for byte in drawn[:length])


ANYWHERE = (
    edit_the_gate, edit_the_pipeline, edit_the_spec, leave_the_scope, hide_by_attributes, bring_a_secret, bring_a_huge_file,
    link_out_of_the_tree, names_that_clash, name_that_lies, bring_a_repository, forge_the_evidence, source_that_lies,
)  # fmt: skip
