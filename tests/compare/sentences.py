"""Parts of the report's paragraphs, made from what a run found."""

from __future__ import annotations

import names
from measure import Spread
from results import Results, Setting


class Reader:
    """The results of one workload, asked for in the words of its paragraphs."""

    def __init__(self, results: Results, workload: str):
        self.results, self.workload = results, workload

    def servers(self) -> list[str]:
        """Who was measured."""
        return self.results.servers(self.workload)

    def get(self, server: str, figure: str, /, **parameters: Setting) -> Spread | None:
        """A figure, or None."""
        return self.results.spread(self.workload, server, figure, **parameters)

    def series(self, figure: str, over: str, scale: float = 1.0, /,
               **parameters: Setting) -> dict[str, list[tuple[float, Spread]]]:
        """For each server a figure over a parameter."""
        found: dict[str, list[tuple[float, Spread]]] = {}
        for server in self.servers():
            for x in self.settings(over, **parameters):
                value = self.get(server, figure, **parameters, **{over: x})
                if value is not None:
                    found.setdefault(server, []).append((x, scaled(value, scale)))
        return found

    def settings(self, parameter: str, /, **parameters: Setting) -> list[float]:
        """Which values of a parameter were measured."""
        return sorted({value for m in self.results.measurements
                       if m.workload == self.workload
                       and isinstance(value := m.parameters.get(parameter), (int, float))
                       and parameters.items() <= m.parameters.items()})

    def each(self, figure: str, unit: str, scale: float = 1.0, /,
             **parameters: Setting) -> str:
        """A figure of every server in a row of words."""
        told = [f"{names.label(server)} {names.figure(found, unit, scale)}"
                for server in self.servers()
                if (found := self.get(server, figure, **parameters)) is not None]
        return ", ".join(told) or "nothing could be measured"

    def ratio(self, ours: str, theirs: str, figure: str, /, **parameters: Setting) -> str:
        """How many times theirs ours is."""
        a, b = self.get(ours, figure, **parameters), self.get(theirs, figure, **parameters)
        return names.number(a.median / b.median) if a and b and b.median else "not measured"


def scaled(found: Spread, scale: float) -> Spread:
    """The same in another unit."""
    return Spread(found.median * scale, found.low * scale, found.high * scale, found.runs)
