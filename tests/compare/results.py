"""What was measured, in the form in which it is kept: results.json and results.csv.

FIELDS is the schema. A parameter or figure that is not listed there cannot be recorded, and a
test sees to it that the README explains each of them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from measure import Spread, spread

SCHEMA = 1

# What was set: together with workload and server these say which measurement it is.
PARAMETERS = ("size_bytes", "connections", "cores", "cold_percent", "heads", "delay_ms",
              "data_over_cache", "slow_clients", "client", "tool")

# What was found. The unit ends the name; a name without unit is a count.
FIGURES = ("requests", "failed", "seconds", "requests_per_s", "expected_per_s", "bytes_per_s",
           "cpu_us_per_request", "cpu_s_per_gib", "cpu_ms", "cpu_ticks", "p50_us", "p90_us",
           "p99_us", "max_us", "cold_requests_per_s", "cold_failed", "tool_cpu_us_per_request",
           "us_per_request", "calls_per_request", "rss_bytes", "rss_bytes_per_connection",
           "reserved_bytes_per_connection",
           "threads", "switches_per_request", "syscalls_per_request", "lines", "functions",
           "states")

FIELDS = ("workload", "server", *PARAMETERS, "run", *FIGURES, "machine", "version", "command",
          "load")

Setting = float | str
Parameters = Mapping[str, Setting]
Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class Measurement:
    """One server, measured once, in one way."""

    workload: str
    server: str
    run: int
    parameters: Parameters
    figures: Figures
    version: str
    command: str
    load: str

    def __post_init__(self) -> None:
        unknown = set(self.parameters) - set(PARAMETERS) | set(self.figures) - set(FIGURES)
        if unknown:
            raise ValueError(f"not in the schema: {sorted(unknown)}")


@dataclass(frozen=True)
class Gap:
    """Something that could not be measured, and why."""

    workload: str
    server: str
    why: str


@dataclass
class Results:
    """All that a run found."""

    machine: dict[str, object] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def values(self, workload: str, server: str, figure: str, /,
               **parameters: Setting) -> list[float]:
        """A figure of each run, in their order; shorter where it could not be measured."""
        found = sorted((m for m in self.measurements
                        if m.workload == workload and m.server == server
                        and parameters.items() <= m.parameters.items()), key=lambda m: m.run)
        return [value for m in found if (value := m.figures.get(figure)) is not None]

    def spread(self, workload: str, server: str, figure: str, /,
               **parameters: Setting) -> Spread | None:
        """A figure's median and spread, or None if it was not measured."""
        values = self.values(workload, server, figure, **parameters)
        return spread(values) if values else None

    def median(self, workload: str, server: str, figure: str, /,
               **parameters: Setting) -> float | None:
        """A figure's median, or None if it was not measured."""
        found = self.spread(workload, server, figure, **parameters)
        return found.median if found else None

    def servers(self, workload: str) -> list[str]:
        """Who was measured in a workload, in the order in which they were."""
        return list(dict.fromkeys(m.server for m in self.measurements if m.workload == workload))

    def as_json(self) -> dict[str, object]:
        """The content of results.json."""
        return {"schema": SCHEMA, "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "machine": self.machine, "versions": self.versions, "settings": self.settings,
                "measurements": [vars(m) for m in self.measurements],
                "gaps": [vars(gap) for gap in self.gaps]}

    def rows(self) -> list[dict[str, Setting | None]]:
        """The rows of results.csv: a measurement each, with all it takes to understand it alone."""
        machine = "; ".join(f"{name} {value}" for name, value in self.machine.items())
        return [{"workload": m.workload, "server": m.server, "run": m.run, **m.parameters,
                 **m.figures, "machine": machine, "version": m.version, "command": m.command,
                 "load": m.load} for m in self.measurements]

    def write(self, directory: Path) -> None:
        """Writes both files."""
        directory.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.as_json(), indent=1)
        (directory / "results.json").write_text(text + "\n")
        with (directory / "results.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, restval="")
            writer.writeheader()
            writer.writerows(self.rows())
