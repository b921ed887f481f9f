"""Tests in other languages that existed: by patterns, additions free and changes found."""

import pytest
from scenery import blocking

JS = """\
const test = require('node:test')
const assert = require('node:assert')
const { net } = require('../lib/shop')

const prices = [1, 2]

describe('net', () => {
  beforeEach(() => reset())

  it('adds up', () => {
    assert.equal(net(prices), 3)
  })

  test.each([
    [1, 1],
    [2, 2],
  ])('adds %d', (a, b) => {
    expect(net([a])).toBe(b)
  })
})
"""
GO = """\
package shop

import (
\t"testing"
)

func helper(a int) int { return a }

func TestNet(t *testing.T) {
\tcases := []struct{ in, out int }{
\t\t{1, 1},
\t}
\tfor _, c := range cases {
\t\tif Net(c.in) != c.out {
\t\t\tt.Fatal("no")
\t\t}
\t}
}
"""
RUST = "pub fn net() -> i32 { 1 }\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(net(), 1);\n    }\n}\n"
JAVA = "import org.junit.Test;\n\nclass NetTest {\n  @Test\n  public void adds() {\n    assertEquals(3, net(1, 2));\n  }\n}\n"
RUBY = "require 'shop'\n\ndescribe Shop do\n  it 'adds up' do\n    expect(net([1])).to eq 1\n  end\nend\n"
FILES = {
    "test/net.test.js": JS,
    "net_test.go": GO,
    "src/net.rs": RUST,
    "src/test/NetTest.java": JAVA,
    "spec/net_spec.rb": RUBY,
}


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        ("test/net.test.js", "it('adds up'", "it.skip('adds up'", "adds up was changed: it may be skipped"),
        ("test/net.test.js", "it('adds up'", "xit('adds up'", "adds up is gone"),
        ("test/net.test.js", "net(prices), 3", "net(prices), 4", "adds up was changed"),
        ("test/net.test.js", "describe('net'", "describe.skip('net'", "is gone or was changed"),
        ("test/net.test.js", "    [2, 2],\n", "", "adds %d was changed"),
        ("test/net.test.js", "[1, 2]\n", "[1, 1]\n", "`const prices = [1, 2]` is gone or was changed"),
        ("test/net.test.js", "'../lib/shop'", "'../lib/stub'", "is gone or was changed, which existing tests may use"),
        ("test/net.test.js", "  it('adds", "  if (false) {\n  it('adds", "stands under something else"),
        ("test/net.test.js", "  it('adds up', () => {\n    assert.equal(net(prices), 3)\n  })\n", "  /*\n  it('adds up', () => {\n    assert.equal(net(prices), 3)\n  })\n  */\n", "adds up is gone"),
        ("test/net.test.js", "const prices", "jest.mock('../lib/shop')\nconst prices", "skips tests, or replaces their code"),
        ("test/net.test.js", "const prices", "it.only('x', () => {})\nconst prices", "decides about other tests"),
        ("test/net.test.js", JS, "", "is gone"),
        ("net_test.go", "\tcases :=", "\tt.Skip()\n\tcases :=", "TestNet was changed: it may be skipped"),
        ("net_test.go", "func TestNet", "func testNet", "TestNet is gone"),
        ("net_test.go", "return a }", "return 1 }", "helper was changed"),
        ("net_test.go", "\t\t{1, 1},\n", "", "TestNet was changed"),
        ("net_test.go", "package shop\n", "//go:build never\n\npackage shop\n", "skips tests"),
        ("net_test.go", "func TestNet", "func TestMain(m *testing.M) { os.Exit(0) }\n\nfunc TestNet", "decides about other tests"),
        ("src/net.rs", "    #[test]\n", "    #[test]\n    #[ignore]\n", "adds was changed: it may be skipped"),
        ("src/net.rs", "net(), 1)", "net(), 2)", "adds was changed"),
        ("src/test/NetTest.java", "  @Test\n", "  @Disabled\n  @Test\n", "adds was changed: it may be skipped"),
        ("src/test/NetTest.java", "assertEquals(3, net(1, 2));", "", "adds was changed"),
        ("spec/net_spec.rb", "it 'adds up' do", "xit 'adds up' do", "is gone"),
        ("spec/net_spec.rb", "eq 1", "eq 2", "adds up was changed"),
    ],
)  # fmt: skip
def test_a_weaker_test_is_found(path: str, old: str, new: str, words: str) -> None:
    assert old in FILES[path]
    said = blocking(FILES, {path: FILES[path].replace(old, new, 1)})
    assert any(words in each for each in said), said


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("test/net.test.js", "  test.each", "  it('is new', () => {\n    assert.ok(net([]) === 0)\n  })\n\n  test.each"),
        ("test/net.test.js", "    [2, 2],\n", "    [2, 2],\n    [3, 3],\n"),
        ("test/net.test.js", "{ net }", "{ gross, net }"),
        ("test/net.test.js", "    assert.equal(net(prices), 3)\n", "    // the sum\n    assert.equal(net(prices),\n      3)\n"),
        ("test/net.test.js", "})\n", "})\n\ndescribe('gross', () => {\n  it('is more', () => {})\n})\n"),
        ("net_test.go", "\t\t{1, 1},\n", "\t\t{1, 1},\n\t\t{2, 2},\n"),
        ("net_test.go", '\t"testing"\n', '\t"fmt"\n\t"testing"\n'),
        ("net_test.go", "func TestNet", "func TestMore(t *testing.T) {\n\tif Net(2) != 2 {\n\t\tt.Fatal()\n\t}\n}\n\nfunc TestNet"),
        ("src/net.rs", "pub fn net() -> i32 { 1 }", "pub fn net() -> i32 { 2 - 1 }"),
        ("src/net.rs", "    #[test]\n", "    #[test]\n    fn more() {\n        assert!(net() > 0);\n    }\n\n    #[test]\n"),
        ("src/test/NetTest.java", "  @Test\n", "  @Test\n  public void more() {\n    assertTrue(net() == 0);\n  }\n\n  @Test\n"),
        ("spec/net_spec.rb", "  it 'adds up' do", "  it 'is new' do\n    expect(net([])).to eq 0\n  end\n\n  it 'adds up' do"),
    ],
)  # fmt: skip
def test_what_is_added_is_free(path: str, old: str, new: str) -> None:
    assert old in FILES[path]
    after = FILES[path].replace(old, new, 1) if old != "})\n" else FILES[path] + new.removeprefix("})\n")
    assert blocking(FILES, {path: after}) == []


def test_an_existing_test_in_a_language_nobody_knows_may_not_be_changed() -> None:
    assert blocking({"tests/a.zig": "test {}"}, {"tests/a.zig": "test { x }"})
    assert blocking({}, {"tests/a.zig": "test {}"}) == []
