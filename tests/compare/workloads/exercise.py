"""Workload 0: the textbook's exercise, measured beside its arithmetic."""

from __future__ import annotations

import names
from cases import Case
from charts import Bar, Bars
from load import Numbered
from measure import under_load
from report import Exhibit
from results import Results
from sentences import Reader
from servers import Running, SlowDisk
from session import Session

NUMBER, NAME, TITLE = "0", "exercise", "The textbook's exercise"
ASKED = ("15 ms of CPU time for each request, and 75 ms more for every third, which has to wait "
         "for the disk. A single thread can do nothing meanwhile: 15 ms + 75 ms / 3 = 40 ms for a "
         "request, 25 requests/s. Who does other work while the disk is busy needs 15 ms: "
         "66 2/3 requests/s on one core. With two cores threads do twice as much; one event loop "
         "does not. Concurrency is not parallelism.")
WORK_S, DISK_S, NTH, CONNECTIONS, SIZE = 0.015, 0.075, 3, 32, 1024
COLD_FILES = 2000
DISK = SlowDisk("75ms")


def expected(model: str, cores: int) -> float:
    """Requests per second by the textbook's arithmetic."""
    if model == "single":
        return 1 / (WORK_S + DISK_S / NTH)
    return (cores if model == "threads" else 1) / WORK_S


def cases(session: Session) -> list[Case]:
    """Every model, on one core and on two."""
    models = session.ours.models()
    if not session.ours.has("work"):
        session.gap(NAME, "", "this build of the server has no option --work yet")
        return []
    counts = [1] if session.quick or session.cores.server is None else [1, 2]
    return [Case(model.with_options("--work=15ms"), {"cores": cores}, 2 if session.quick else 3,
                 DISK, cores) for cores in counts for model in models]


def measure(session: Session, server: Running, case: Case, run: int) -> None:
    """Two requests of three are for one file, the third for one that nobody has asked for yet."""
    path = session.files.hot(SIZE)
    cold = Numbered(session.files.numbered("cold", COLD_FILES, SIZE), COLD_FILES, NTH)
    load, used = under_load(server, path, CONNECTIONS, case.seconds, session.cores,
                            cold.arguments())
    session.record_load(NAME, server, run, {"size_bytes": SIZE, "connections": CONNECTIONS,
                                            "delay_ms": DISK_S * 1000, **case.parameters},
                        load, used, expected_per_s=expected(server.program.name,
                                                            case.number("cores")))


def exhibits(results: Results) -> list[Exhibit]:
    """The bars, and the arithmetic as a line across each."""
    found = Reader(results, NAME)
    groups = {f"on {name}": [Bar(model, found.get(model, "requests_per_s", cores=cores),
                                 expected(model, cores)) for model in names.OURS]
              for cores, name in ((1, "one core"), (2, "two cores"))}
    text = (f"On one core: {found.each('requests_per_s', 'requests/s', cores=1)}. "
            f"On two cores: {found.each('requests_per_s', 'requests/s', cores=2)}. "
            "The black lines are the arithmetic: 25 for single, 66.7 for the others, and 133 for "
            "threads on two cores.")
    return [Exhibit("0-exercise", Bars("The textbook's exercise: measured, and the arithmetic",
                                       "requests per second (black line: the arithmetic)",
                                       groups), text)]
