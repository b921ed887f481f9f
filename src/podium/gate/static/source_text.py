"""Code of the product in languages other than Python: what it does that cheats do, by patterns on the lines that came.

A line that only moves from one file to another is not new. Weaker than the rules for Python: a name put together from pieces
is not seen through.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from podium.gate.delta import FileDelta
from podium.gate.static.base import Finding, Weight
from podium.gate.static.scene import Scene, is_product

RULE = "conduct"
_LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class Pattern:
    """`outside`: only where no bracket is open, so that it happens when the file is loaded."""

    regex: re.Pattern[str]
    message: str
    weight: Weight = Weight.BLOCKS
    outside: bool = False


def _pattern(regex: str, message: str, weight: Weight = Weight.BLOCKS, *, outside: bool = False) -> Pattern:
    return Pattern(re.compile(regex), message, weight, outside)


_JAVASCRIPT = (
    _pattern(r"\b(?:NODE_TEST_CONTEXT|JEST_WORKER_ID|VITEST(?:_\w+)?|MOCHA_\w+|PODIUM_GATE)\b", "asks whether a test runner is there"),
    _pattern(r"\btypeof\s+(?:jest|vi|describe|it|test|mocha)\b", "asks whether a test runner is there"),
    _pattern(r"\bNODE_ENV\b.*['\"`]test['\"`]", "behaves differently under test", Weight.ADVICE),
    _pattern(r"\bprepareStackTrace\b|\bnew Error\([^)]{0,100}\)\.stack\b|\bgetCallSites?\(", "looks at who calls it"),
    _pattern(r"\bprocess\.(?:exit|abort|kill|reallyExit)\s*\(", "ends the program while it is being loaded", outside=True),
    _pattern(r"\bprocess\.(?:exit|reallyExit)\s*\(\s*0?\s*\)", "ends the program and says that all is well", Weight.ADVICE),
    _pattern(r"\bprocess\.(?:on|once|prependListener)\(\s*['\"`](?:exit|beforeExit)", "has something run when the process ends", Weight.ADVICE),
    _pattern(r"(?:from|require\(|import\()\s*['\"`](?:node:test|vitest|jest|@jest/\w+|mocha|ava|tap|sinon|proxyquire)\b", "imports a test runner"),
    _pattern(r"(?:from|require\(|import\()\s*['\"`][^'\"`]{0,200}(?:\.test|\.spec|/__tests__/|/tests?/)", "imports tests"),
    _pattern(r"\b(?:Object|Array|Number|String|Function|Promise|RegExp|Error)\.prototype\s*(?:\.\w+|\[[^\]]+\])\s*=[^=]", "replaces what belongs to everybody"),
    _pattern(r"\bObject\.definePropert(?:y|ies)\(\s*(?:\w+\.prototype|globalThis|global)\b", "replaces what belongs to everybody"),
    _pattern(r"\b(?:globalThis|global)(?:\.\w+|\[[^\]]+\])\s*=[^=]", "replaces what belongs to everybody", Weight.ADVICE),
    _pattern(r"(?<![\w.$])eval\(|\bnew Function\(|\bvm\.run\w+\(", "runs code that is made while it runs"),
    _pattern(r"\brequire\.cache\b|\bModule\._\w+|\bmodule\.constructor\b|\bregisterHooks\(|\bmodule\.register\(", "hooks into how modules are loaded"),
    _pattern(r"\bDate\.now\(\)\s*[<>]=?\s*(?:\d{9,}|Date\.\w+\(|new Date\(['\"`\d])|\bnew Date\(\)\s*[<>]=?\s*(?:new Date\(['\"`\d]|\d{9,})", "behaves differently after a certain date"),
    _pattern(r"\bvalueOf\s*[:(]|\bSymbol\.toPrimitive\b", "compares in its own way", Weight.ADVICE),
)  # fmt: skip
_GO = (
    _pattern(r"\btesting\.Testing\(\)|flag\.Lookup\(\"test\.|\"testing\"\s*$|\.test\"\)", "asks whether tests are being run"),
    _pattern(r"\bruntime\.Callers?\(|\bdebug\.(?:Stack|PrintStack)\(", "looks at who calls it", Weight.ADVICE),
    _pattern(r"\bos\.Exit\(0\)|\bsyscall\.Exit\(", "ends the program and says that all is well", Weight.ADVICE),
    _pattern(r"//go:linkname|\bunsafe\.Pointer\b", "reaches past the language", Weight.ADVICE),
)  # fmt: skip
_RUST = (
    _pattern(r"\bcfg!\(test\)|\bRUST_TEST_\w+|\bNEXTEST\w*", "asks whether tests are being run"),
    _pattern(r"\bprocess::exit\(0\)", "ends the program and says that all is well", Weight.ADVICE),
)
_JAVA = (
    _pattern(
        r"\bimport\s+(?:static\s+)?(?:org\.junit|org\.testng|org\.mockito|org\.assertj)\b",
        "imports a test runner",
    ),
    _pattern(r"\bgetStackTrace\(\)|\bStackWalker\b", "looks at who calls it"),
    _pattern(
        r"\bSystem\.exit\(0\)|\bRuntime\.getRuntime\(\)\.halt\(",
        "ends the program and says that all is well",
        Weight.ADVICE,
    ),
)
_RUBY = (
    _pattern(r"defined\?\(?\s*(?:RSpec|Minitest|Test::Unit)", "asks whether tests are being run"),
    _pattern(r"\bexit!|\bat_exit\b", "ends the process, or has something run when it ends"),
    _pattern(r"\bcaller(?:_locations)?\b", "looks at who calls it", Weight.ADVICE),
)
_BY_ENDING: Mapping[str, tuple[Pattern, ...]] = {
    **dict.fromkeys(("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte"), _JAVASCRIPT),
    "go": _GO, "rs": _RUST, **dict.fromkeys(("java", "kt", "scala"), _JAVA), "rb": _RUBY,
}  # fmt: skip
_IMPORTED = re.compile(
    r"(?:import\s+(?:\*\s*as\s+)?(\w+)\s+from|(?:const|let|var)\s+(\w+)\s*=\s*require\()\s*\(?['\"`]([^'\"`.][^'\"`]{0,100})"
)
_MEMBER_SET = re.compile(r"(?<![\w.$])(\w+)(?:\.\w+|\[[^\]]{1,100}\])\s*=(?![=>])")


def conduct_of_others(scene: Scene) -> Iterator[Finding]:
    """What lines that came do, in files of the product that are not Python."""
    files = [
        file for file in scene.files() if is_product(file.path) and file.path.rpartition(".")[2] in _BY_ENDING
    ]
    known = Counter(line.strip() for file in files for line in file.old.split("\n"))
    for file in files:
        yield from _of_file(file, known)


def _of_file(file: FileDelta, known: Counter[str]) -> Iterator[Finding]:
    patterns = _BY_ENDING[file.path.rpartition(".")[2]]
    others = (
        {name for match in _IMPORTED.finditer(file.new) for name in match.groups()[:2] if name}
        if patterns is _JAVASCRIPT
        else set()
    )
    depth = 0
    for number, line in enumerate(file.new.split("\n"), start=1):
        bare = line.strip()
        known[bare] -= 1
        if known[bare] < 0 and bare and not bare.startswith(("//", "*", "#!")):
            yield from _of_line(file, number, line[:_LONGEST_LINE], patterns, depth)
            if any(match[1] in others for match in _MEMBER_SET.finditer(line[:_LONGEST_LINE])):
                yield Finding(
                    RULE, file.path, number, "replaces something of a module that belongs to others"
                )
        depth = max(0, depth + sum(map(line.count, "({[")) - sum(map(line.count, ")}]")))


def _of_line(
    file: FileDelta, number: int, line: str, patterns: tuple[Pattern, ...], depth: int
) -> Iterator[Finding]:
    for pattern in patterns:
        if pattern.regex.search(line) and not (pattern.outside and depth):
            yield Finding(RULE, file.path, number, pattern.message, pattern.weight)
