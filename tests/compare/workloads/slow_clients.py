"""Workload 4: clients that read very slowly, beside hot requests."""

from __future__ import annotations

from cases import Case
from charts import Lines
from connections import allow_descriptors, slow_readers
from measure import under_load
from report import Exhibit
from results import Results
from sentences import Reader
from servers import PEERS, Running
from session import Session

NUMBER, NAME, TITLE = "4", "slow-clients", "Slow clients"
ASKED = ("Up to 200 clients fetch 8 MiB each and read 1 KiB of it in a second, as from behind a "
         "bad line. Beside them 32 connections ask for a hot file. A thread that sends to a slow "
         "client is busy until it has its file; threads has 32 of them.")
SIZE, LARGE, CONNECTIONS = 1024, 8 << 20, 32
FULL, QUICK = (0, 50, 200), (100,)


def cases(session: Session) -> list[Case]:
    """Models and peers."""
    programs = session.available(NAME, [*session.ours.models(), *PEERS])
    return [Case(program, {"slow_clients": count})
            for count in (QUICK if session.quick else FULL) for program in programs]


def measure(session: Session, server: Running, case: Case, run: int) -> None:
    """The slow ones come first."""
    allow_descriptors()
    path, large = session.files.hot(SIZE), session.files.hot(LARGE)
    server.get(path)
    with slow_readers(server.port, case.number("slow_clients"), large):
        load, used = under_load(server, path, CONNECTIONS, case.seconds, session.cores)
    session.record_load(NAME, server, run, {"size_bytes": SIZE, "connections": CONNECTIONS,
                                            **case.parameters}, load, used)


def exhibits(results: Results) -> list[Exhibit]:
    """Who still answers."""
    found = Reader(results, NAME)
    most = max(found.settings("slow_clients"), default=200)
    chart = Lines("Hot requests beside slow clients", "slow clients (1 KiB/s each)",
                  "thousand requests per second",
                  found.series("requests_per_s", "slow_clients", 1e-3))
    text = (f"Hot requests beside {most:g} slow clients, in thousands per second: " +
            found.each("requests_per_s", "", 1e-3, slow_clients=most) +
            ". The slowest of a hundred took: " +
            found.each("p99_us", "ms", 1e-3, slow_clients=most) +
            ". Who is missing here gave no reply at all.")
    return [Exhibit("4-slow-clients", chart, text)]
