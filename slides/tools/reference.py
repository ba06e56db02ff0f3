"""The committed reference run: its charts, its figures, and whose they are.

Charts are made by the comparison's own code (tests/compare), so that slides and report agree.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/compare"))

# pylint: disable=wrong-import-position
import compare  # noqa: E402
import gnuplot  # noqa: E402
import names  # noqa: E402
from draw import draw  # noqa: E402
from results import FIGURES, SCHEMA, Gap, Measurement, Results  # noqa: E402

CROP_TOP = 44  # of a chart: its title stands on the slide already
BELOW = 18  # gnuplot's sheet is too low for the letters of the axis

# A slide has room for less than the report's page: on a smaller sheet letters are larger.
gnuplot.WIDTH, gnuplot.HEIGHT = 1120, 616


class Missing(Exception):
    """A figure that the reference run does not have."""


@dataclass(frozen=True)
class Reference:
    """One run of `make compare`."""

    results: Results
    made: datetime

    def machine(self) -> str:
        """Which machine, in a few words."""
        machine = self.results.machine
        pinned = machine.get("pinned")
        return (f"{machine['processor']}, {machine['cores']} cores"
                + (f", {pinned}" if pinned else ""))

    def date(self) -> str:
        """When."""
        return f"{self.made:%Y-%m-%d}"

    def runs(self) -> str:
        """How often."""
        quick = " (QUICK=1)" if self.results.settings.get("quick") else ""
        return f"median of {self.results.settings.get('runs')} runs{quick}"

    def caption(self) -> str:
        """What stands below each chart."""
        return f"{self.machine()}; {self.date()}; {self.runs()}"


def load(path: Path) -> Reference:
    """From its results.json."""
    if not path.exists():
        raise Missing(f"{path} is missing: take it from `make compare`, "
                      "or name another: make slides RESULTS=FILE")
    found = json.loads(path.read_text())
    if found["schema"] != SCHEMA:
        raise Missing(f"{path} has schema {found['schema']}, and this is {SCHEMA}")
    results = Results(found["machine"], found["versions"], found["settings"],
                      [Measurement(**m) for m in found["measurements"]],
                      [Gap(**gap) for gap in found["gaps"]])
    return Reference(results, datetime.fromisoformat(found["made"]))


# --- figures --------------------------------------------------------------------------------------


def setting(word: str) -> float | str:
    """What a parameter is set to: a number, if it can be one."""
    try:
        return float(word)
    except ValueError:
        return word


def median(reference: Reference, workload: str, server: str, figure: str,
           parameters: Mapping[str, str]) -> float:
    """One figure. Parameters that are left out must not leave it open which is meant."""
    if figure not in FIGURES:
        raise Missing(f"no figure is called {figure}")
    wanted = {name: setting(value) for name, value in parameters.items()}
    found = [m for m in reference.results.measurements
             if m.workload == workload and m.server == server
             and m.figures.get(figure) is not None and wanted.items() <= m.parameters.items()]
    if not found:
        raise Missing(f"the reference run has no {figure} of {server} in {workload} "
                      f"with {dict(parameters)}")
    kinds = {tuple(sorted(m.parameters.items())) for m in found}
    if len(kinds) > 1:
        raise Missing(f"{figure} of {server} in {workload}: {len(kinds)} settings fit; say which")
    value = reference.results.median(workload, server, figure, **wanted)
    assert value is not None
    return value


def told(value: float, scale: float, unit: str) -> str:
    """As the report writes figures."""
    return names.number(value * scale) + (f" {unit}" if unit else "")


# --- charts ---------------------------------------------------------------------------------------


def chart(reference: Reference, name: str, colours: Mapping[str, str]) -> tuple[str, str]:
    """A chart of the report as a picture for a page, and what it shows."""
    exhibits = {exhibit.name: exhibit for workload in compare.COMPARE
                for exhibit in workload.exhibits(reference.results)}
    if name not in exhibits:
        raise Missing(f"no chart is called {name}; there are {', '.join(exhibits)}")
    shown = exhibits[name].chart
    if shown.is_empty():
        raise Missing(f"the reference run has nothing for the chart {name}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chart.svg"
        draw(replace(shown, title=" "), path, colours)
        picture = cropped(path.read_text())
    data = base64.b64encode(picture.encode()).decode()
    return f"data:image/svg+xml;base64,{data}", shown.title


def cropped(picture: str) -> str:
    """Without the room for its title."""
    def crop(box: re.Match[str]) -> str:
        width, height = int(box[1]), int(box[2])
        height += BELOW - CROP_TOP
        return f'width="{width}" height="{height}" viewBox="0 {CROP_TOP} {width} {height}"'
    return re.sub(r'width="(\d+)"\s+height="(\d+)"\s+viewBox="[^"]*"', crop, picture, count=1)
