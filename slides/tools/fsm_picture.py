"""The machine's picture for a slide, from what `threeways --print-fsm=dot` says of its table.

The picture in the README is for reading; on a slide letters must be larger, and one looks at a part
at a time. So positions are drawn together, an arrow says its usual event only, and where some are
lit the others stay dumb.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import palette
from svg import SANS

STATE = re.compile(r'^  (\w+) \[pos="([-\d.]+),([-\d.]+)!", fillcolor="(#\w+)"', re.MULTILINE)
EDGE = re.compile(r"^  (\w+) -> (\w+)( \[.*\])?;", re.MULTILINE)
LABEL = re.compile(r'^  (\w+)_(\w+) \[shape=plain.*pos="([-\d.]+),([-\d.]+)!", label="(.*)"\]',
                   re.MULTILINE)
SCALE_X, SCALE_Y = 0.79, 0.70
USUAL = re.compile(r"^const usual = \[(.*?)\];", re.MULTILINE | re.DOTALL)
OBSERVER = Path(__file__).parents[2] / "server/observer/machine.js"
DEADLINE_S = 30


class Unknown(Exception):
    """A state or an edge that the table does not have."""


@dataclass(frozen=True)
class Machine:
    """What the dot says."""

    states: dict[str, tuple[float, float, str]]
    edges: dict[tuple[str, str], bool]  # True: a quiet one, without a label
    labels: dict[tuple[str, str], tuple[float, float, str]]


def parse(dot: str) -> Machine:
    """The states with their places and colours, the edges, and where their labels are."""
    states = {name: (float(x), float(y), colour) for name, x, y, colour in STATE.findall(dot)}
    edges = {(begin, end): bool(quiet) for begin, end, quiet in EDGE.findall(dot)}
    labels = {(begin, end): (float(x), float(y), text)
              for begin, end, x, y, text in LABEL.findall(dot)}
    if not states or not edges:
        raise Unknown("the machine's dot cannot be read; has --print-fsm=dot changed?")
    return Machine(states, edges, labels)


def usual_events(script: str) -> list[str]:
    """Which event stands on an arrow that has several: the observer's page has decided that."""
    found = USUAL.search(script)
    if found is None:
        raise Unknown("server/observer/machine.js no longer lists the usual events")
    return re.findall(r'"(\w+)"', found[1])


def shortest(text: str, usual: Sequence[str]) -> str:
    """Of an arrow's events the usual one."""
    events = text.split("\\n")
    return next((event for event in usual if event in events), events[0])


def lit_edges(machine: Machine, path: Sequence[str]) -> list[tuple[str, str]]:
    """A>B>C as edges."""
    edges = [edge for word in path for states in [word.split(">")]
             for edge in zip(states, states[1:], strict=False)]
    for begin, end in edges:
        if (begin, end) not in machine.edges and begin != end:
            raise Unknown(f"the table has no way from {begin} to {end}")
    return edges


def redraw(dot: str, path: Sequence[str] = (), only: Sequence[str] = ()) -> str:
    """The same machine in dot, for a slide. `path` is lit; `only` these states are shown."""
    machine = parse(dot)
    lit = lit_edges(machine, path)
    unknown = set(only) - set(machine.states)
    if unknown:
        raise Unknown(f"the table has no state {', '.join(sorted(unknown))}")
    on_path = {state for edge in lit for state in edge}
    usual = usual_events(OBSERVER.read_text())
    lines = ["digraph slide {", "  layout=neato; splines=true; esep=\"+4\"; bgcolor=transparent;",
             "  node [shape=box, style=\"rounded,filled\", fixedsize=true, width=2.55, height=0.78,"
             " fontname=\"DejaVu Sans\", fontsize=24, penwidth=2];",
             "  edge [penwidth=2, arrowsize=1.1];"]
    shown = {name: place for name, place in machine.states.items() if not only or name in only}
    for name, (x, y, colour) in shown.items():
        fill = colour if not lit or name in on_path else palette.mix(colour, palette.GROUND, 0.6)
        pen = 5 if name in on_path else 2
        ink = palette.INK if not lit or name in on_path else palette.SOFT
        lines.append(f'  {name} [pos="{x * SCALE_X:.2f},{y * SCALE_Y:.2f}!", fillcolor="{fill}", '
                     f'penwidth={pen}, color="{ink}", fontcolor="{palette.INK}"];')
    for (begin, end), quiet in machine.edges.items():
        if begin in shown and end in shown and begin != end:
            lines.append(f"  {begin} -> {end} [{edge_style((begin, end), quiet, lit)}];")
    for edge, (x, y, text) in machine.labels.items():
        if edge[0] in shown and edge[1] in shown and (not lit or edge in lit):
            lines.append(label(edge, x, y, shortest(text, usual), bool(lit)))
    return "\n".join([*lines, "}"])


def edge_style(edge: tuple[str, str], quiet: bool, lit: Sequence[tuple[str, str]]) -> str:
    """Black and thick on the path; pale beside it."""
    if edge in lit:
        return f'color="{palette.INK}", penwidth=5'
    if lit or quiet:
        return 'color="#C9C9C9", penwidth=1.5'
    return f'color="{palette.SOFT}"'


def label(edge: tuple[str, str], x: float, y: float, text: str, bold: bool) -> str:
    """An edge's events, on a ground that lets no line through."""
    face = "DejaVu Sans Bold" if bold else "DejaVu Sans"
    return (f'  {edge[0]}_{edge[1]} [shape=plain, style=filled, fillcolor="{palette.GROUND}", '
            f'fixedsize=false, fontsize=22, fontname="{face}", '
            f'pos="{x * SCALE_X:.2f},{y * SCALE_Y:.2f}!", label="{text}"];')


def svg(dot: str) -> str:
    """Graphviz's picture, for the inside of a page: on one line, in the slides' letters."""
    done = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True,
                          timeout=DEADLINE_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"Graphviz could not draw the machine: {done.stderr}")
    picture = done.stdout[done.stdout.index("<svg"):]
    picture = re.sub(r"<!--.*?-->|<title>.*?</title>", "", picture, flags=re.DOTALL)
    picture = re.sub(r'font-family="DejaVu Sans(,Bold| Bold)?"',
                     lambda bold: f'font-family="{SANS}"' + (' font-weight="600"' if bold[1] else ""),
                     picture)
    picture = re.sub(r'<svg width="\S+" height="\S+"',
                     '<svg class="diagram machine" role="img" aria-label="The machine of a request"',
                     picture)
    return re.sub(r' id="\w+"| xmlns(:\w+)?="[^"]*"', "", picture).replace("\n", " ")


def draw(dot: str, path: Sequence[str] = (), only: Sequence[str] = ()) -> str:
    """The machine as SVG."""
    return svg(redraw(dot, path, only))
