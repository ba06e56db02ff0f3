"""Cuts pieces out of sources by name, so that a slide shows what the file says today.

A piece is named in one of these ways:

    server/event/fsm.c:fsm_step              a function, structure, enum, variable or macro
    server/event/fsm_table.c:fsm_table[IDLE] an element of an initialiser, by its designator
    server/main.c#start                      between lines with `>>> start` and `<<< start`
    README.md                                the whole file, to be narrowed by from and to
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class NotFound(Exception):
    """What a slide asks for is not in the sources (any more)."""


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a file. `first` is the number of the first of them."""

    path: str
    first: int
    lines: Sequence[str]

    def text(self) -> str:
        """Without the indentation that all lines share."""
        return textwrap.dedent("\n".join(self.lines)).strip("\n")


def cut(root: Path, what: str) -> Excerpt:
    """The piece with this name, of a file below root."""
    path, mark, name = re.fullmatch(r"([^:#]+)([:#]?)(.*)", what).groups()
    try:
        lines = (root / path).read_text().splitlines()
    except OSError:
        raise NotFound(f"there is no file {path}") from None
    if mark == "#":
        first, last = region(lines, name, path)
    elif mark == ":":
        first, last = named(lines, name, path)
    else:
        first, last = 0, len(lines) - 1
    return Excerpt(path, first + 1, lines[first:last + 1])


# --- where a name is ------------------------------------------------------------------------------


def region(lines: Sequence[str], name: str, path: str) -> tuple[int, int]:
    """The lines between two marks."""
    marks = [index for index, line in enumerate(lines)
             if re.search(rf"(>>>|<<<) {re.escape(name)}\b", line)]
    if len(marks) != 2 or ">>>" not in lines[marks[0]] or "<<<" not in lines[marks[1]]:
        raise NotFound(f"{path} has no region {name}")
    return marks[0] + 1, marks[1] - 1


def named(lines: Sequence[str], name: str, path: str) -> tuple[int, int]:
    """Where a definition begins and ends."""
    whole, element = re.fullmatch(r"(\w+)(?:\[(\w+)\])?", name).groups()
    for find in (function, aggregate, variable, macro):
        found = find(lines, whole)
        if found:
            return designated(lines, found, element, path) if element else found
    raise NotFound(f"{path} defines no {whole}")


def block_end(lines: Sequence[str], start: int) -> int | None:
    """The line that closes at the left edge what begins at `start`."""
    return next((i for i in range(start, len(lines)) if lines[i].startswith("}")), None)


def function(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """From its first line to the brace at the left edge. A prototype is none."""
    for start, line in enumerate(lines):
        if not re.match(rf"[A-Za-z_][\w\s*]*\b{name}\(", line):
            continue
        for at in range(start, len(lines)):
            if lines[at].rstrip().endswith(";"):
                break
            if lines[at].startswith("{") or lines[at].rstrip().endswith("{"):
                end = block_end(lines, at + 1 if lines[at].startswith("{") else at)
                return (start, end) if end is not None else None
    return None


def aggregate(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """struct, union or enum."""
    return definition(lines, rf"(static |typedef )*(struct|union|enum) {name} {{")


def variable(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """One with an initialiser in braces."""
    return definition(lines, rf"[A-Za-z_][^=(]*\b{name}(\[[^=]*\])? = .*{{")


def definition(lines: Sequence[str], pattern: str) -> tuple[int, int] | None:
    """From a line that matches to the brace at the left edge, perhaps on the same line."""
    for start, line in enumerate(lines):
        if re.match(pattern, line):
            end = start if line.endswith("};") else block_end(lines, start + 1)
            return (start, end) if end is not None else None
    return None


def macro(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """With the lines that go on with it."""
    for start, line in enumerate(lines):
        if re.match(rf"#define {name}\b", line):
            end = start
            while lines[end].endswith("\\"):
                end += 1
            return start, end
    return None


def designated(lines: Sequence[str], found: tuple[int, int], element: str,
               path: str) -> tuple[int, int]:
    """[ELEMENT] = ... of an initialiser, up to the next one at the same depth."""
    for start in range(found[0] + 1, found[1] + 1):
        indent = re.match(rf"(\s+)\[{element}\]\s*=", lines[start])
        if not indent:
            continue
        end = start + 1
        while end < found[1] and not re.match(rf"{indent[1]}\[", lines[end]):
            end += 1
        while not lines[end - 1].strip():
            end -= 1
        return start, end - 1
    raise NotFound(f"{path} has no element [{element}] there")


# --- making it shorter ----------------------------------------------------------------------------


def only_line(lines: Sequence[str], wanted: str, begin: int, where: str) -> int:
    """The first line from `begin` on that has these words in it."""
    for index in range(begin, len(lines)):
        if wanted in lines[index]:
            return index
    raise NotFound(f"{where} has no line with {wanted!r}")


def narrow(excerpt: Excerpt, begin: str | None, end: str | None) -> Excerpt:
    """From the first line that has `begin` in it to the next that has `end`."""
    first = only_line(excerpt.lines, begin, 0, excerpt.path) if begin else 0
    last = (only_line(excerpt.lines, end, first, excerpt.path) if end
            else len(excerpt.lines) - 1)
    return Excerpt(excerpt.path, excerpt.first + first, excerpt.lines[first:last + 1])


def without(excerpt: Excerpt, unwanted: str) -> Excerpt:
    """Leaves a line out and, if a block or an indented line belongs to it, that, too."""
    lines = list(excerpt.lines)
    at = only_line(lines, unwanted, 0, excerpt.path)
    indent = depth(lines[at])
    end = at + 1
    while end < len(lines) and lines[end].strip() and depth(lines[end]) > indent:
        end += 1
    if end < len(lines) and lines[end].strip() == "}" and depth(lines[end]) == indent:
        end += 1
    return Excerpt(excerpt.path, excerpt.first, lines[:at] + lines[end:])


def cut_columns(excerpt: Excerpt, first: int, last: int) -> Excerpt:
    """Leaves out these columns of letters, counted from 1: for tables that are too wide."""
    lines = [(line[:first - 1] + line[last:]).rstrip() for line in excerpt.lines]
    return Excerpt(excerpt.path, excerpt.first, lines)


def depth(line: str) -> int:
    """How far a line is indented."""
    return len(line) - len(line.lstrip())
