"""Markdown as a tree of blocks, and as sections under headings. What blocks mean is for the formats to say.

Code blocks, HTML and comments are blocks of their own kind, so nothing in them is taken for a heading or a task.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROSE = ("paragraph", "bullet_list", "ordered_list", "blockquote")
"""The kinds of blocks that are prose."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block. It covers the lines from `start` up to `end`, counted from 0.

    `kind` is markdown-it's word: heading, paragraph, bullet_list, list_item, fence, ... `text` is the inline text of
    headings and paragraphs, as written; `level` is that of a heading.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    text: str = ""
    children: tuple["Block", ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, up to the next heading. `level` 0 is what stands before the first."""

    level: int
    title: str
    line: int
    blocks: tuple[Block, ...]


def sections(text: str) -> tuple[Section, ...]:
    """The sections of a Markdown text, in order; the first is the one before any heading."""
    found: list[Section] = []
    heading, below = Block("heading", 0, 0), list[Block]()
    for block in _blocks(iter(_parser().parse(text))):
        if block.kind == "heading":
            found.append(_section(heading, below))
            heading, below = block, []
        else:
            below.append(block)
    return (*found, _section(heading, below))


@functools.cache
def _parser() -> MarkdownIt:
    # Emphasis and links are not looked into. A reference definition would swallow a line that is meant to be seen.
    return MarkdownIt("commonmark").disable(["inline", "reference"])


def _blocks(tokens: Iterator[Token]) -> tuple[Block, ...]:
    """The blocks up to the end of the enclosing one. markdown-it bounds the depth at 20."""
    found = []
    for token in tokens:
        if token.nesting < 0:
            break
        found.append(_block(token, _blocks(tokens) if token.nesting > 0 else ()))
    return tuple(found)


def _block(token: Token, children: tuple[Block, ...]) -> Block:
    start, end = token.map or (0, 0)
    kind = token.type.removesuffix("_open")
    level = int(token.tag[1]) if kind == "heading" else 0
    if children and children[0].kind == "inline":
        return Block(kind, start, end, level, children[0].text)
    return Block(kind, start, end, level, token.content, children)


def _section(heading: Block, blocks: list[Block]) -> Section:
    return Section(heading.level, heading.text.strip(), heading.start, tuple(blocks))
