"""Draws charts, by handing gnuplot a script."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import gnuplot_bars
import gnuplot_lines
from charts import Chart, Lines

DRAW_DEADLINE_S = 30


def draw(chart: Chart, path: Path, colours: Mapping[str, str]) -> None:
    """Draws a chart into an SVG file."""
    if isinstance(chart, Lines) and len(chart.xs()) == 1:
        chart = chart.as_bars()
    script = (gnuplot_lines.script(chart, colours) if isinstance(chart, Lines)
              else gnuplot_bars.script(chart, colours))
    drawn = subprocess.run(["gnuplot"], input="\n".join(script) + "\n", capture_output=True,
                           text=True, timeout=DRAW_DEADLINE_S, check=False)
    if drawn.returncode != 0:
        raise RuntimeError(f"gnuplot could not draw {path.name}: {drawn.stderr}")
    # Other systems have no DejaVu: name what may stand in for it.
    path.write_text(drawn.stdout.replace('"DejaVu Sans"', '"DejaVu Sans, Verdana, sans-serif"'))
