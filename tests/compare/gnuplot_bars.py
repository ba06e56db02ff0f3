"""Bars that lie, so that their names can be read; from above, one group after the other."""

from __future__ import annotations

from collections.abc import Mapping

import names
from charts import Bar, Bars
from gnuplot import FONT, FONT_SIZE, INK, bold, colour_of, head, text
from layout import AIR, bars_end

HALF = 0.36  # of a bar's height
GROUP_GAP = 0.4
LETTER = 0.021  # a letter's width, of the axis


def script(chart: Bars, colours: Mapping[str, str]) -> list[str]:
    """The whole chart."""
    bars = chart.bars()
    expected = [bar.expected for bar in bars if bar.expected]
    highest = [bar.value.high for bar in bars if bar.value]
    end = max([*highest, *expected, 0]) * AIR if expected or chart.whole else bars_end(highest)
    cut = any(value > end for value in highest)
    x_label = chart.x_label + (" (the longest are cut off)" if cut else "")
    lines = head(chart.title, left=0.28, right=0.86, top=0.89, bottom=0.15)
    lines += [f'set xlabel "{x_label}"', f"set xrange [0:{end}]", "unset ytics", "set border 1",
              "set grid noytics", 'set format x "%g"']
    placed, groups, bottom = rows(chart)
    lines += [text(20 + number, group, f"screen 0.02,first {y}",
                   f'left font "{FONT} Bold,{FONT_SIZE}"')
              for number, (group, y) in enumerate(groups)]
    lines += [f"set yrange [{bottom}:0.7]"]
    for number, (bar, y) in enumerate(placed):
        lines += described(bar, y, 100 + 3 * number, end)
        lines += [f"$b{number} << EOD", f"{length(bar, end)} {y}", "EOD"]
    return lines + ["plot " + ", ".join(box(bar, number, colours)
                                        for number, (bar, _) in enumerate(placed))]


def rows(chart: Bars) -> tuple[list[tuple[Bar, float]], list[tuple[str, float]], float]:
    """How high each bar and each group's name stands, and where the lowest ends."""
    y, placed, groups = 0.0, [], []
    for group, bars in chart.groups.items():
        if group:
            groups.append((group, y - GROUP_GAP))
            y -= GROUP_GAP + 1
        for bar in bars:
            placed.append((bar, y))
            y -= 1
    return placed, groups, y + 0.3


def length(bar: Bar, end: float) -> float:
    """How far a bar is drawn."""
    return min(bar.value.median, end) if bar.value else 0


def described(bar: Bar, y: float, tag: int, end: float) -> list[str]:
    """A bar's name at the left, its value at its end, its spread, and what was expected."""
    lines = [text(tag, names.label(bar.server), f"graph -0.015,first {y}",
                  f"right {bold(bar.server)}"),
             text(tag + 1, names.figure(bar.value), f"{value_at(bar, end)},{y}",
                  "left offset 0.6,0")]
    if bar.value and bar.value.runs > 1 and bar.value.high <= end:
        lines.append(f"set arrow {tag} from {bar.value.low},{y} to {bar.value.high},{y} "
                     f'heads size screen 0.004,90 lw 2 lc rgb "{INK}" front')
    if bar.expected:
        lines.append(f"set arrow {tag + 1} from {bar.expected},{y - HALF - 0.1} to "
                     f'{bar.expected},{y + HALF + 0.1} nohead lw 4 lc rgb "{INK}" front')
    return lines


def value_at(bar: Bar, end: float) -> float:
    """Where a bar's value is written: at its end, unless the line of what was expected is there."""
    at = min(bar.value.high, end) if bar.value else 0
    room = end * LETTER * (len(names.figure(bar.value)) + 1)
    if bar.expected and at - end * LETTER / 2 <= bar.expected <= at + room:
        return bar.expected
    return at


def box(bar: Bar, number: int, colours: Mapping[str, str]) -> str:
    """The bar itself. A variant's is pale, as its line is dashed."""
    colour = colour_of(bar.server, colours)
    fill = "solid 1.0" if names.dash(bar.server) == "solid" else "transparent solid 0.45"
    return (f"$b{number} using 1:2:(0):1:($2-{HALF}):($2+{HALF}) with boxxyerror fs {fill} "
            f'border lc rgb "{colour}" lc rgb "{colour}"')
