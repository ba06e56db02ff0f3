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
from svg import SANS, text_width

STATE = re.compile(r'^  (\w+) \[pos="([-\d.]+),([-\d.]+)!", fillcolor="(#\w+)"', re.MULTILINE)
EDGE = re.compile(r"^  (\w+) -> (\w+)( \[.*\])?;", re.MULTILINE)
LABEL = re.compile(r'^  (\w+)_(\w+) \[shape=plain.*pos="([-\d.]+),([-\d.]+)!", label="(.*)"\]',
                   re.MULTILINE)
SCALE_X, SCALE_Y, LABEL_SIZE = 0.79, 0.70, 22
BOX = (2.3, 0.74)  # a state's, in inches
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
    lines = ["digraph slide {", "  layout=neato; splines=true; esep=\"+4\"; bgcolor=transparent;",
             "  node [shape=box, style=\"rounded,filled\", fixedsize=true, "
             f"width={BOX[0]}, height={BOX[1]},"
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
    return "\n".join([*lines, "}"])


def edge_style(edge: tuple[str, str], quiet: bool, lit: Sequence[tuple[str, str]]) -> str:
    """Black and thick on the path; pale beside it."""
    if edge in lit:
        return f'color="{palette.INK}", penwidth=5'
    if lit or quiet:
        return 'color="#C9C9C9", penwidth=1.5'
    return f'color="{palette.SOFT}"'


def labels(dot: str, picture: str, path: Sequence[str] = (), only: Sequence[str] = ()) -> str:
    """The edges' events, on a ground that lets no line through. They are drawn afterwards: as nodes
    of the graph they would stand in the way of the edges."""
    machine = parse(dot)
    lit = lit_edges(machine, path)
    usual = usual_events(OBSERVER.read_text())
    name, x, y = re.search(r'<text[^>]* x="([-\d.]+)" y="([-\d.]+)"[^>]*>(\w+)</text>',
                           picture).group(3, 1, 2)
    at = machine.states[name]
    right, down = float(x) - at[0] * SCALE_X * 72, float(y) - 8.3 + at[1] * SCALE_Y * 72
    boxes = [(right + x * SCALE_X * 72, down - y * SCALE_Y * 72)
             for name, (x, y, _) in machine.states.items() if not only or name in only]
    drawn = []
    for (begin, end), (x_in, y_in, text) in machine.labels.items():
        if only and not {begin, end} <= set(only) or lit and (begin, end) not in lit:
            continue
        event = shortest(text, usual)
        width = text_width(event, LABEL_SIZE, bold=bool(lit)) * 0.9
        x_pt, y_pt = beside_states(right + x_in * SCALE_X * 72, down - y_in * SCALE_Y * 72, width,
                                   boxes)
        weight = ' font-weight="600"' if lit else ""
        drawn.append(f'<rect x="{x_pt - width / 2:.1f}" y="{y_pt - 13:.1f}" width="{width:.1f}" '
                     f'height="25" fill="{palette.GROUND}"/>'
                     f'<text x="{x_pt:.1f}" y="{y_pt + 7.5:.1f}" text-anchor="middle" '
                     f'font-family="{SANS}" font-size="{LABEL_SIZE}"{weight}>{event}</text>')
    return "".join(drawn)


def beside_states(x: float, y: float, width: float,
                  boxes: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The nearest place to (x, y) where a label covers no state."""
    for step in range(0, 80, 4):
        for right, down in ((0, -step), (step, 0), (0, step), (-step, 0)):
            if all(abs(x + right - box_x) > (width + BOX[0] * 72) / 2 or
                   abs(y + down - box_y) > (26 + BOX[1] * 72) / 2 for box_x, box_y in boxes):
                return x + right, y + down
    return x, y


def svg(dot: str) -> str:
    """Graphviz's picture, for the inside of a page: on one line, in the slides' letters."""
    done = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True,
                          timeout=DEADLINE_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"Graphviz could not draw the machine: {done.stderr}")
    picture = done.stdout[done.stdout.index("<svg"):]
    picture = re.sub(r"<!--.*?-->|<title>.*?</title>", "", picture, flags=re.DOTALL)
    picture = re.sub('font-family="DejaVu Sans"',
                     f'font-family="{SANS}"', picture)
    picture = re.sub(r'<svg width="\S+" height="\S+"',
                     '<svg class="diagram" role="img" aria-label="The machine of a request"',
                     picture)
    return re.sub(r' id="\w+"| xmlns(:\w+)?="[^"]*"', "", picture).replace("\n", " ")


def draw(dot: str, path: Sequence[str] = (), only: Sequence[str] = ()) -> str:
    """The machine as SVG."""
    picture = svg(redraw(dot, path, only))
    at = picture.rindex("</g>")
    return picture[:at] + labels(dot, picture, path, only) + picture[at:]
