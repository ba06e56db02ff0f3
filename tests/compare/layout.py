"""Where things go on a chart, as fractions of the plot: arithmetic that gnuplot leaves to us."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

AIR = 1.08  # above the highest value
LOG_AIR = 1.6
MARGIN = 0.03  # beside the first and the last value
CUT_RATIO = 3  # a bar that is so many times the next is cut off,
CUT_SHARE = 1 / 3  # if it is one of few
CUT_AT = 1.5  # so much further than the longest of the others


def spread_apart(positions: Sequence[float], gap: float) -> list[float]:
    """Moves names that would overlap apart, keeping their order: push up from below, and then, if
    that leaves the plot, down from above."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = list(positions)
    for below, above in zip(order, order[1:]):
        placed[above] = max(placed[above], placed[below] + gap)
    limit = 1.0
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed


def bars_end(values: Sequence[float]) -> float:
    """How far an axis for bars must go. One giant would make dwarfs of all others: it is cut."""
    ordered = sorted((value for value in values if value > 0), reverse=True)
    if not ordered:
        return 1.0
    for giants, (longer, shorter) in enumerate(zip(ordered, ordered[1:]), start=1):
        if longer > CUT_RATIO * shorter and giants <= CUT_SHARE * len(values):
            return shorter * CUT_AT
    return ordered[0] * AIR


@dataclass(frozen=True)
class Axis:
    """The range of an axis, with some air above."""

    low: float
    high: float
    log: bool

    @staticmethod
    def along(values: Sequence[float], log: bool) -> Axis:
        """From the first value to the last, with a margin, so that what stands there is seen."""
        low, high = min(values), max(values)
        if log:
            margin = (high / low) ** MARGIN
            return Axis(low / margin, high * margin, True)
        margin = (high - low) * MARGIN
        return Axis(low - margin, high + margin, False)

    @staticmethod
    def around(values: Sequence[float], log: bool) -> Axis:
        """From zero, or from the power of ten below the smallest."""
        positive = [value for value in values if value > 0] or [1.0]
        if log:
            return Axis(10 ** math.floor(math.log10(min(positive))), max(positive) * LOG_AIR, True)
        return Axis(0, max(positive) * AIR, False)

    def fraction(self, value: float) -> float:
        """Where a value is, from 0 to 1."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        return math.log10(max(value, self.low) / self.low) / math.log10(self.high / self.low)
