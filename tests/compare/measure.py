"""Taking figures: runs that take turns, medians with their spread, ratios run by run.

A figure by itself says more about the machine than about the server: two runs of one program
differ by some percent. So servers take turns, and what is compared was measured side by side.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from load import Load, Wrk
from machine import Cores
from process import Usage
from servers import Running

T = TypeVar("T")


@dataclass(frozen=True)
class Spread:
    """The median of some runs, the lowest and the highest."""

    median: float
    low: float
    high: float
    runs: int


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours over theirs, run by run: what disturbed both in one run cancels out."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def take_turns(subjects: Sequence[T], runs: int) -> Iterator[tuple[int, T]]:
    """Each subject once in each run, and every other run in the opposite order."""
    for run in range(1, runs + 1):
        for subject in subjects if run % 2 else reversed(subjects):
            yield run, subject


def under_load(server: Running, path: str, connections: int, seconds: int, cores: Cores,
               arguments: list[str] | None = None,
               options: tuple[str, ...] = ()) -> tuple[Load, Usage]:
    """Lets wrk ask a server for a file, and tells what either found and used."""
    before = server.usage()
    load = Wrk(server.url(path), connections, seconds, cores, arguments, options).result()
    return load, server.usage().since(before)


def cpu_us_per_request(load: Load, used: Usage) -> float | None:
    """CPU time for one reply; None where there was none."""
    return used.cpu_s * 1e6 / load.requests if load.requests else None
