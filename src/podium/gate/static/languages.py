"""What tests look like in languages other than Python, by patterns: enough to tell one test from the next, not to understand it.

The limit of this: a test that is written in a way not listed here counts as part of the file around it, where any line that
goes or is put between others is a change. So what is not understood is refused rather than waved through.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """`test` finds where a test begins (the group `name` names it), `block` how it ends: by brackets, or by `end` at its indent.

    `weakens` finds what keeps tests from being run or their code from being real,
    `imports` a line that takes in other files, `comment` how a comment of one line begins.
    """

    test: re.Pattern[str]
    weakens: re.Pattern[str]
    imports: re.Pattern[str]
    comment: str = "//"
    brackets: str = "()"
    by_indent: bool = False


_NAME = r"(?P<quote>['\"`])(?P<name>(?:\\.|(?!(?P=quote)).){0,500})(?P=quote)"
_JAVASCRIPT = Language(
    re.compile(
        rf"(?<![\w.$])(?:test|it|specify)(?:\.\w+)*\s*(?:\([^()'\"`]{{0,2000}}\)\s*)?\(\s*{_NAME}", re.DOTALL
    ),
    re.compile(
        r"\.(?:skip|only|todo|fails|failing|fixme|skipIf|runIf)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe|ftest)\s*\(|\b(?:skip|todo|only)\s*:|"
        r"\b(?:jest|vi|mock|t\.mock|test\.mock|td|sinon|proxyquire|rewire)\b[.(]|\bprocess\.exit\b"
    ),
    re.compile(r"\s*(?:import\b.*|(?:const|let|var)\b.*\brequire\(.*|export\b.*\bfrom\b.*)"),
)
_GO = Language(
    re.compile(r"^func\s+(?:\([^)]*\)\s*)?(?P<name>\w+)[^{\n]*(?=\{)", re.MULTILINE),
    re.compile(r"\.Skip(?:Now|f)?\(|testing\.Short\(\)|os\.Exit\(|//go:build|// \+build"),
    re.compile(r"\s*(?:import\b.*|(?:[\w.]+\s+)?\"[\w./-]+\")"),
    brackets="{}",
)
_RUST = Language(
    re.compile(
        r"(?:#\[[^\]\n]{0,200}\]\s{0,100}){0,20}(?:pub(?:\([^)]*\))?\s+)?(?:async\s+)?fn\s+(?P<name>\w+)[^{;]{0,500}(?=\{)"
    ),
    re.compile(r"#\[(?:ignore|cfg|should_panic)|std::process::exit"),
    re.compile(r"\s*(?:pub\s+)?use\b.*"),
    brackets="{}",
)
_JAVA = Language(
    re.compile(
        r"(?:@\w{1,60}(?:\([^)]{0,500}\))?\s{1,100}){1,10}(?:(?:public|protected|private|static|final|override|suspend)\s{1,20}){0,5}"
        r"[\w<>\[\], ]{0,80}\s(?P<name>\w{1,200}|`[^`]{1,200}`)\s{0,20}\([^)]{0,500}\)[^{;]{0,200}(?=\{)"
    ),
    re.compile(
        r"@(?:Disabled|Ignore|DisabledIf\w*|EnabledIf\w*|EnabledOn\w*|DisabledOn\w*)\b|\bassume\w+\(|System\.exit|\bMockito\b|\bmock\("
    ),
    re.compile(r"\s*(?:import|using)\b.*"),
    brackets="{}",
)
_RUBY = Language(
    re.compile(r"^[ \t]*(?:(?:it|specify|scenario|test)\s*\(?\s*" + _NAME + r"|def\s+(?P<method>test_\w+))", re.MULTILINE),
    re.compile(r"\b(?:skip|pending|xit|xdescribe|xcontext|fit|fdescribe|allow_any_instance_of|stub_const)\b|\bexit!?\b"),
    re.compile(r"\s*require(?:_relative)?\b.*"),
    comment="#", by_indent=True,
)  # fmt: skip

LANGUAGES: Mapping[str, Language] = {
    **dict.fromkeys(("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"), _JAVASCRIPT),
    "go": _GO, "rs": _RUST, "java": _JAVA, "kt": _JAVA, "cs": _JAVA, "scala": _JAVA, "rb": _RUBY,
}  # fmt: skip


def language_of(path: str) -> Language | None:
    return LANGUAGES.get(path.rpartition(".")[2].lower()) if "." in path else None
