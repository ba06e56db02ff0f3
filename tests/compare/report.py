"""The report: one page that needs nothing else, each chart beside a paragraph on what it shows."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from charts import Chart
from draw import draw
from results import Results

STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True)
class Exhibit:
    """A chart and what it shows. `name` is the chart's file name."""

    name: str
    chart: Chart
    text: str


def picture(path: Path, title: str) -> str:
    """A chart inside the page. As an image: the parts of two SVGs cannot get mixed up."""
    if not path.exists():
        return "<p class=gap>No chart: nothing to draw was measured, or gnuplot is missing.</p>"
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(title)}">'


def section(workload: ModuleType, results: Results, folder: Path) -> str:
    """One workload: what is asked, and its exhibits."""
    parts = [f"<section><h2>{html.escape(workload.NUMBER)}. {html.escape(workload.TITLE)}</h2>",
             f"<p class=asked>{html.escape(workload.ASKED)}</p>"]
    for exhibit in workload.exhibits(results):
        path = folder / f"{exhibit.name}.svg"
        parts.append(f"<figure>{picture(path, exhibit.chart.title)}<figcaption>"
                     f"{html.escape(exhibit.text)}</figcaption></figure>")
    gaps = dict.fromkeys(gap.why for gap in results.gaps if gap.workload == workload.NAME)
    if gaps:
        items = "".join(f"<li>{html.escape(why)}</li>" for why in gaps)
        parts.append(f"<p class=gap>Not measured here:</p><ul class=gap>{items}</ul>")
    return "\n".join([*parts, "</section>"])


def facts(results: Results) -> str:
    """The machine and the versions, which the figures belong to."""
    rows = {**results.machine, **results.versions, "runs": results.settings["runs"]}
    rows["memory"] = f"{rows.pop('memory_bytes') / 2**30:.1f} GiB"
    return "<table>" + "".join(
        f"<tr><th>{html.escape(str(name))}<td>{html.escape(str(value))}"
        for name, value in rows.items()) + "</table>"


def page(workloads: Sequence[ModuleType], results: Results, folder: Path) -> str:
    """The whole page."""
    sections = "\n".join(section(workload, results, folder) for workload in workloads)
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Three ways, compared</title><style>{STYLE.read_text()}</style>
<h1>Three ways, compared</h1>
<p>The same server, built in three ways, and others beside it, under the same load. Each figure is
the median of its runs, and the thin bars go from the lowest run to the highest. Figures belong to
the machine below; compare them with each other, not with another machine's.</p>
{sections}
<section><h2>The machine</h2>{facts(results)}</section>
</html>
"""


def write(workloads: Sequence[ModuleType], results: Results, folder: Path,
          colours: Mapping[str, str], draws: bool) -> None:
    """Draws the charts, where gnuplot is there, and writes report.html around them."""
    for old in folder.glob("*.svg"):
        old.unlink()
    for workload in workloads if draws else ():
        for exhibit in workload.exhibits(results):
            if not exhibit.chart.is_empty():
                draw(exhibit.chart, folder / f"{exhibit.name}.svg", colours)
    (folder / "report.html").write_text(page(workloads, results, folder))
