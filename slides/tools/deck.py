"""One deck: Markdown in which {{...}} stands for what is taken from elsewhere.

On a line of its own:

    {{code PATH:NAME [from "x"] [to "y"] [without "z"] [cut 9-20] [mark "m"] [comment] [small]}}
    {{diagram NAME}}                            slides/diagrams/NAME.txt, drawn
    {{fsm [lit A>B>C ...] [only A B ...]}}      the machine, from its table
    {{chart NAME}}                              a chart of the reference run
    {{screenshot NAME "what is seen"}}          slides/figures/observer-NAME.png

Anywhere, in notes too:

    {{figure WORKLOAD SERVER FIGURE [PARAMETER=VALUE ...] [scale=0.001] [unit=ms]}}
    {{ratio WORKLOAD SERVER OTHER FIGURE [PARAMETER=VALUE ...]}}
    {{reference machine|date|runs}}
    {{count states|events|cells}}            of the machine
    {{state NAME}}                           a state's name in its colour

What cannot be found is an error that says the deck's line.
"""

from __future__ import annotations

import base64
import html
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import diagrams
import excerpts
import fsm_picture
import highlight
import reference

DIRECTIVE = re.compile(r"\{\{\s*(\w+)\s*([^{}]*?)\s*\}\}")
SCREENSHOT = "observer-{}.png"
KEYWORDS = ("from", "to", "without", "cut", "mark", "comment", "small", "large")


class Broken(Exception):
    """A deck that cannot be built. Says file and line."""


@dataclass(frozen=True)
class Sources:
    """Where everything is taken from."""

    root: Path
    server: Path | None
    results: Path
    colours: Mapping[str, str]

    @cached_property
    def run(self) -> reference.Reference:
        """The reference run, once it is needed."""
        return reference.load(self.results)

    @cached_property
    def dot(self) -> str:
        """The machine, as the server itself draws it."""
        if self.server is None:
            raise fsm_picture.Unknown("there is no server to ask for its machine")
        return subprocess.run([self.server, "--print-fsm=dot"], capture_output=True, text=True,
                              timeout=fsm_picture.DEADLINE_S, check=True).stdout

    @cached_property
    def counts(self) -> Mapping[str, str]:
        """How many states, events and cells the machine has, as it says itself."""
        said = subprocess.run([str(self.server), "--print-fsm"], capture_output=True, text=True,
                              timeout=fsm_picture.DEADLINE_S, check=True).stdout
        found = re.search(r"(\d+) states, (\d+) events, (\d+) transitions", said)
        if found is None:
            raise fsm_picture.Unknown("--print-fsm no longer says how many states there are")
        return dict(zip(("states", "events", "cells"), found.groups(), strict=True))


def build(text: str, name: str, sources: Sources) -> str:
    """The Markdown that Marp understands."""
    return "\n".join(line_built(line, f"{name}:{number}", sources)
                     for number, line in enumerate(text.splitlines(), start=1)) + "\n"


def line_built(line: str, where: str, sources: Sources) -> str:
    """One line. A block directive stands alone on its line."""
    def replaced(directive: re.Match[str]) -> str:
        name = directive[1]
        try:
            words = shlex.split(directive[2])
            if name in BLOCKS:
                if line.strip() != directive[0]:
                    raise Broken(f"{where}: {{{{{name}}}}} needs a line of its own")
                return BLOCKS[name](sources, words)
            return INLINE[name](sources, words)
        except KeyError as error:
            raise Broken(f"{where}: there is no {{{{{name}}}}}, or not with {error}") from None
        except (excerpts.NotFound, diagrams.Broken, fsm_picture.Unknown, reference.Missing,
                subprocess.SubprocessError, OSError, ValueError, IndexError, TypeError) as error:
            raise Broken(f"{where}: {directive[0]}: {error}") from None
    return DIRECTIVE.sub(replaced, line)


# --- blocks ---------------------------------------------------------------------------------------


def code(sources: Sources, words: list[str]) -> str:
    """A piece of a source, with its place below it."""
    what, options = words[0], list(words[1:])
    piece, marked, size = excerpts.cut(sources.root, what), [], ""
    while options:
        option = options.pop(0)
        if option not in KEYWORDS:
            raise ValueError(f"{option!r} is none of {', '.join(KEYWORDS)}")
        if option == "from":
            piece = excerpts.narrow(piece, options.pop(0), None)
        elif option == "to":
            piece = excerpts.narrow(piece, None, options.pop(0))
        elif option == "without":
            piece = excerpts.without(piece, options.pop(0))
        elif option == "cut":
            first, last = map(int, options.pop(0).split("-"))
            piece = excerpts.cut_columns(piece, first, last)
        elif option == "mark":
            marked.append(options.pop(0))
            excerpts.only_line(piece.lines, marked[-1], 0, piece.path)
        elif option == "comment":
            piece = with_comment(sources.root, piece)
        else:
            size = option
    listing = highlight.block(piece.text(), marked, piece.path.endswith((".c", ".h")), size)
    return (f'<figure class="code">{listing}<figcaption>{html.escape(piece.path)}'
            "</figcaption></figure>")


def with_comment(root: Path, piece: excerpts.Excerpt) -> excerpts.Excerpt:
    """And the comment right above it."""
    lines = (root / piece.path).read_text().splitlines()
    first = piece.first - 1
    if first and lines[first - 1].rstrip().endswith("*/"):
        first -= 1
        while not lines[first].lstrip().startswith("/*"):
            first -= 1
    added = lines[first:piece.first - 1]
    return excerpts.Excerpt(piece.path, first + 1, [*added, *piece.lines])


def diagram(sources: Sources, words: list[str]) -> str:
    """A drawing made of a text."""
    path = sources.root / "slides/diagrams" / f"{words[0]}.txt"
    return f'<figure>{diagrams.draw(path, sources.root, sources.colours)}</figure>'


def fsm(sources: Sources, words: list[str]) -> str:
    """The machine, whole or in part."""
    kinds: dict[str, list[str]] = {"lit": [], "only": []}
    kind = ""
    for word in words:
        if word in kinds:
            kind = word
        else:
            kinds[kind].append(word)
    return f'<figure>{fsm_picture.draw(sources.dot, kinds["lit"], kinds["only"])}</figure>'


def chart(sources: Sources, words: list[str]) -> str:
    """Figures of the reference run, and whose they are."""
    picture, title = reference.chart(sources.run, words[0], sources.colours)
    return (f'<figure class="chart"><img src="{picture}" alt="{html.escape(title)}">'
            f"<figcaption>{html.escape(sources.run.caption())}</figcaption></figure>")


def screenshot(sources: Sources, words: list[str]) -> str:
    """A picture of the observer's page."""
    path = sources.root / "slides/figures" / SCREENSHOT.format(words[0])
    if not path.exists():
        raise ValueError(f"{path.name} is missing: make screenshots")
    data = base64.b64encode(path.read_bytes()).decode()
    return (f'<figure class="screenshot"><img src="data:image/png;base64,{data}" '
            f'alt="{html.escape(words[1])}"></figure>')


# --- inside a line --------------------------------------------------------------------------------


def figure(sources: Sources, words: list[str]) -> str:
    """A median of the reference run."""
    workload, server, name, *settings = words
    parameters = dict(setting.split("=", 1) for setting in settings)
    scale, unit = float(parameters.pop("scale", "1")), parameters.pop("unit", "")
    value = reference.median(sources.run, workload, server, name, parameters)
    return reference.told(value, scale, unit)


def ratio(sources: Sources, words: list[str]) -> str:
    """How many times as much one has as the other."""
    workload, server, other, name, *settings = words
    parameters = dict(setting.split("=", 1) for setting in settings)
    one, two = (reference.median(sources.run, workload, whose, name, parameters)
                for whose in (server, other))
    return reference.told(one / two, 1, "")


def about_reference(sources: Sources, words: list[str]) -> str:
    """Where and when the figures were taken."""
    return {"machine": sources.run.machine, "date": sources.run.date,
            "runs": sources.run.runs}[words[0]]()


def count(sources: Sources, words: list[str]) -> str:
    """Of the machine."""
    return sources.counts[words[0]]


def state(sources: Sources, words: list[str]) -> str:
    """In its colour, if the table has it."""
    colour = fsm_picture.parse(sources.dot).states.get(words[0])
    if colour is None:
        raise ValueError(f"the table has no state {words[0]}")
    return f'<span class="state" style="background:{colour[2]}">{words[0]}</span>'


Maker = Callable[[Sources, list[str]], str]
BLOCKS: Mapping[str, Maker] = {"code": code, "diagram": diagram, "fsm": fsm, "chart": chart,
                               "screenshot": screenshot}
INLINE: Mapping[str, Maker] = {"figure": figure, "ratio": ratio, "reference": about_reference,
                               "count": count, "state": state}
