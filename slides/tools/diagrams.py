"""Diagrams from small text files: one word that says what it is, then a line for each thing.

    timeline                              who does what, when; time goes to the right
    axis 0 130 ms 15                      from, to, unit, tick; `axis 0 10` alone draws no numbers
    lane thread event "the thread"        a name for arrows, a model for its colour (or -), a label
    bar 0 15 cpu "A"                      on the lane above: from, to, kind (timeline.py), label
    mark 90 "signal"                      a small sign on the lane above
    line 90 "the disk answers"            from top to bottom
    arrow disk 90 thread 92 "signal"      from lane and time to lane and time
    group "two threads"                   a heading between lanes
    key                                   tells at the bottom which kinds there are

    stacks                                what lies on what, side by side
    stack worker threads "the stack"      a name, a model (or -), a label
    cell frame "read_disk()" "done"       a name for arrows, what it is, what is in it
    cell frame "@server/models/blocking.c:read_disk"   is looked up, and drawn as read_disk()
    here                                  the cell above is what it is about
    gap                                   leave one out
    arrow worker.frame table.state "tells"     tie ... does the same without a head

A # begins a comment. A label that does not fit, and a name that is nowhere, are errors.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import excerpts
import stacks
import timeline


KINDS = {"timeline": timeline.Timeline, "stacks": stacks.Stacks}


class Broken(Exception):
    """A diagram that cannot be drawn. Says the line."""


def draw(path: Path, root: Path, colours: Mapping[str, str]) -> str:
    """The SVG of a diagram's file."""
    return draw_text(path.read_text(), path.name, root, colours)


def draw_text(text: str, name: str, root: Path, colours: Mapping[str, str]) -> str:
    """The SVG of a diagram's text."""
    description, drawing = "", None
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            words = shlex.split(line, comments=True)
            if not words:
                continue
            if words[0] == "about":
                description = words[1]
            elif drawing is None:
                drawing = KINDS[words[0]](colours)
            else:
                getattr(drawing, "take_" + words[0])(*(resolved(word, root) for word in words[1:]))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise Broken(f"{name}:{number}: cannot be read: {line.strip()} ({error})") from None
        except excerpts.NotFound as error:
            raise Broken(f"{name}:{number}: {error}") from None
    if drawing is None or not description:
        raise Broken(f"{name}: a diagram needs its kind, and `about`, for those who cannot see it")
    try:
        return drawing.sheet().svg(description)
    except (KeyError, ValueError) as error:
        raise Broken(f"{name}: {error}") from None


def resolved(word: str, root: Path) -> str:
    """@file:function becomes function(), if it is there."""
    if not word.startswith("@"):
        return word
    excerpts.cut(root, word[1:])
    return word.rpartition(":")[2] + "()"
