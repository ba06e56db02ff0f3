"""What `compare` is going to measure, as a list: so that it can be planned, and done in turns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType

from load import Wrk
from measure import take_turns
from results import Parameters
from servers import CannotStart, Program, Running, Tool
from session import Session

OVERHEAD_S = 0.4  # to start a server, to start wrk, and to end both
WARM_UP_BYTES, WARM_UP_CONNECTIONS = 1024, 32


@dataclass(frozen=True)
class Case:
    """One server under one load. A fresh server each time, so that nobody inherits a cache."""

    program: Program
    parameters: Parameters = field(default_factory=dict)
    seconds: int = 1
    tool: Tool | None = None
    cores: int = 1
    settle_s: float = 0.0  # of quiet, after the first request

    def number(self, parameter: str) -> int:
        """A parameter that is a whole number."""
        return int(self.parameters[parameter])


def planned_s(cases: Sequence[Case], runs: int) -> float:
    """How long it will take to measure these."""
    return runs * sum(case.settle_s + case.program.warm_up_s + case.seconds + OVERHEAD_S
                      for case in cases)


def warm_up(session: Session, server: Running) -> None:
    """Lets a server that compiles as it goes see some load first."""
    if server.program.warm_up_s:
        Wrk(server.url(session.files.hot(WARM_UP_BYTES)), WARM_UP_CONNECTIONS,
            server.program.warm_up_s, session.cores).result()


def measure_all(session: Session, workload: ModuleType, cases: Sequence[Case],
                allowed_s: float) -> None:
    """Each case once in each run. One that cannot be measured is a gap, and no reason to stop. On
    a slow machine later runs are left out when the time is up; the first is always complete."""
    deadline = time.monotonic() + allowed_s
    for run, case in take_turns(cases, session.runs):
        if run > 1 and time.monotonic() > deadline:
            session.gap(workload.NAME, "", f"{workload.NAME}: the time was up in run {run}")
            break
        settings = ", ".join(f"{name} {value}" for name, value in case.parameters.items())
        session.progress(f"{workload.NAME}: run {run}, {case.program.name}, {settings}")
        try:
            with session.launcher.start(case.program, case.tool, case.cores) as server:
                warm_up(session, server)
                workload.measure(session, server, case, run)
        except (CannotStart, OSError, RuntimeError) as error:
            why = str(error).partition("\n")[0]
            session.gap(workload.NAME, case.program.name, f"{case.program.name}, {settings}: {why}")
    session.progress("")
