"""Lines over a parameter, each with its server's name at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import names
from charts import Lines
from gnuplot import bold, colour_of, head, quoted, text
from layout import Axis, spread_apart
from measure import Spread

NAME_GAP = 0.068  # between two names at the right, in heights of the plot

Series = Mapping[str, Sequence[tuple[float, Spread]]]


def script(chart: Lines, colours: Mapping[str, str]) -> list[str]:
    """The whole chart."""
    values = [value for points in chart.series.values() for _, found in points
              for value in (found.low, found.high)]
    y_axis = Axis.around(values, chart.log_y)
    lines = head(chart.title, left=0.12, right=0.73, top=0.85, bottom=0.17)
    lines += axes(chart, y_axis) + ends(chart, y_axis, colours)
    for number, points in enumerate(chart.series.values()):
        lines += [f"$s{number} << EOD",
                  *(f"{x} {found.median} {found.low} {found.high}" for x, found in points), "EOD"]
    return lines + ["plot " + ", ".join(plots(chart.series, colours))]


def axes(chart: Lines, y_axis: Axis) -> list[str]:
    """Ranges, numbers where something was measured, and what they are."""
    xs = chart.xs()
    x_axis = Axis.along(xs, chart.log_x)
    tics = ", ".join(f"{quoted(format(x, 'g'))} {x}" for x in xs)
    scales = [f"set logscale {axis}" for axis, log in (("x", chart.log_x), ("y", chart.log_y))
              if log]
    return [f"set xlabel {quoted(chart.x_label)}",
            text(2, chart.y_label, "screen 0.02,0.89", "left"),
            f"set xrange [{x_axis.low}:{x_axis.high}]", f"set yrange [{y_axis.low}:{y_axis.high}]",
            f"set xtics ({tics})", 'set format y "%g"', *scales]


def ends(chart: Lines, y_axis: Axis, colours: Mapping[str, str]) -> list[str]:
    """The servers' names at the right, each tied to the end of its line."""
    last = [points[-1] for points in chart.series.values()]
    at = [y_axis.fraction(found.median) for _, found in last]
    lines = []
    for tag, (server, (x, found), placed) in enumerate(
            zip(chart.series, last, spread_apart(at, NAME_GAP), strict=True), start=100):
        lines += [f"set arrow {tag} from {x},{found.median} to graph 1.03,{placed} nohead lw 2 "
                  f'dt {names.dash(server)} lc rgb "{colour_of(server, colours)}"',
                  text(tag, names.label(server), f"graph 1.04,{placed}", f"left {bold(server)}")]
    return lines


def plots(series: Series, colours: Mapping[str, str]) -> list[str]:
    """Below, thin bars from the lowest run to the highest; above them the lines."""
    under = [f'$s{number} using 1:2:3:4 with yerrorbars lc rgb "{colour_of(server, colours)}" '
             "pt 7 ps 0.1 lw 1.5" for number, server in enumerate(series)]
    over = [f'$s{number} using 1:2 with linespoints lc rgb "{colour_of(server, colours)}" '
            f"pt 7 ps 0.7 lw 4 dt {names.dash(server)}" for number, server in enumerate(series)]
    return under + over
