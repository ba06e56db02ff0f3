"""Charts for a projector: big letters, and names beside the lines themselves.

Two kinds are enough: lines over a number that grows, and bars side by side. What a chart shows is
data; how it looks is decided in gnuplot_lines.py and gnuplot_bars.py, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from measure import Spread


@dataclass(frozen=True)
class Lines:
    """A figure over a parameter, one line for each server."""

    title: str
    x_label: str
    y_label: str
    series: Mapping[str, Sequence[tuple[float, Spread]]]
    log_x: bool = False
    log_y: bool = False

    def xs(self) -> list[float]:
        """The values of the parameter that were measured."""
        return sorted({x for points in self.series.values() for x, _ in points})

    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.xs()

    def as_bars(self) -> Bars:
        """A line needs two points; with one it is bars."""
        at = f"{self.x_label}: {self.xs()[0]:g}"
        return Bars(self.title, self.y_label.removesuffix(" (logarithmic)"),
                    {at: [Bar(server, points[0][1]) for server, points in self.series.items()]})


@dataclass(frozen=True)
class Bar:
    """One bar. Without a value it says that there is none. `expected` is drawn as a black line."""

    server: str
    value: Spread | None
    expected: float | None = None


@dataclass(frozen=True)
class Bars:
    """Figures side by side, in groups."""

    title: str
    x_label: str
    groups: Mapping[str, Sequence[Bar]]
    whole: bool = False  # even where one bar makes dwarfs of the others

    def bars(self) -> list[Bar]:
        """Those of all groups."""
        return [bar for bars in self.groups.values() for bar in bars]

    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(bar.value or bar.expected for bar in self.bars())


Chart = Lines | Bars
