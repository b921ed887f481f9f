"""The planted module and its tests in JavaScript, for Node's own test runner, as CommonJS or as ES modules."""

from podium.gate.selftest.wares import Wares

MARK = "'use strict'\n"
NET = "  return Math.floor((sum(prices) * (100 - discount)) / 100)\n"
WRONG = "  return Math.floor((sum(prices) * (100 + discount)) / 100)\n"
MIDDLE = "  throw new Error('not there yet')\n"
RIGHT_MIDDLE = """\
  const ordered = [...numbers].sort((a, b) => a - b)
  const half = Math.floor(ordered.length / 2)
  return ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2
"""
DISCOUNT = "  const expected = 150\n  assert.equal(net([100, 100], 25), expected)\n"

_MODULE = f"""\
{MARK}
// Sums of a small shop: planted by Podium in a copy of this repository, to try its gate on.

function sum(numbers) {{
  return numbers.reduce((total, number) => total + number, 0)
}}

function net(prices, discount = 0) {{
{NET}}}

function label(name, cents) {{
  return `${{name}} ${{(cents / 100).toFixed(2)}}`
}}

function cheapest(prices) {{
  return Math.min(...prices)
}}

function middle(numbers) {{
{MIDDLE}}}

"""
_TESTS = """\
{imports}
test('{token} adds up', () => {{
  assert.equal(net([120, 80]), 200)
}})

test('{token} takes the discount off', () => {{
{discount}}})

test('{token} writes a line', () => {{
  assert.equal(label('tea', 250), 'tea 2.50')
}})
"""
_EXPORTS = {
    True: "export { net, label, cheapest, middle }\n",
    False: "module.exports = { net, label, cheapest, middle }\n",
}


def wares(*, token: str, imported: str, modules: bool) -> Wares:
    """The JavaScript files; `modules` tells ES modules from CommonJS, `imported` is how tests name the module."""
    module = _MODULE + _EXPORTS[modules]
    tests = _TESTS.format(
        token=token, discount=DISCOUNT, imports=imports(imported, "net, label", modules=modules)
    )
    return Wares(module, module.replace(NET, WRONG), tests, "", MARK)


def imports(imported: str, names: str, *, modules: bool) -> str:
    """What a file of tests begins with."""
    if modules:
        return (
            "import test from 'node:test'\nimport assert from 'node:assert'\n"
            f"import {{ {names} }} from '{imported}'\n"
        )
    return (
        "const test = require('node:test')\nconst assert = require('node:assert')\n"
        f"const {{ {names} }} = require('{imported}')\n"
    )
