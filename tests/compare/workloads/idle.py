"""Idle connections: they should cost some memory, and no CPU time at all."""

from __future__ import annotations

import time
from contextlib import ExitStack

import process
from connections import allow_descriptors, idle
from servers import NGINX_CACHING, Running
from session import Session, told

NAME = "idle"
TITLE = "500 idle keep-alive connections for 10 s, each after one reply"
SIZE, CONNECTIONS, SECONDS = 1024, 500, 10
TOLD = {"cpu_ticks": "ticks of CPU time in 10 s", "cpu_ms": "ms of CPU time in 10 s",
        "rss_bytes_per_connection": "bytes of memory that came with each connection",
        "reserved_bytes_per_connection": "bytes per seat, reserved at the start"}


def measure(session: Session) -> None:
    """All servers side by side: who is idle does not disturb the others. Fresh servers in each
    run, because memory that was taken once is there for the next who asks."""
    allow_descriptors()
    reserved = reserved_bytes(session)
    path = session.files.hot(SIZE)
    programs = session.available(NAME, [session.ours.program("event"), NGINX_CACHING])
    for run in range(1, session.runs + 1):
        with session.serving(programs) as servers, ExitStack() as clients:
            grown = {}
            for server in servers:
                server.get(path)
                before = server.usage().rss_bytes
                clients.enter_context(idle(server.port, CONNECTIONS, path))
                grown[server.port] = server.usage().rss_bytes - before
            watch(session, servers, run, grown, reserved)


def reserved_bytes(session: Session) -> float:
    """What a seat of ours costs before anybody sits there. The request table and its fellows are
    made when the server starts, so idle connections add little to them later; it is memory all
    the same. Two servers that differ only in their seats tell how much."""
    sizes = []
    for seats in (1, CONNECTIONS + 1):
        program = session.ours.program("event", "--max-connections", str(seats))
        with session.launcher.start(program) as server:
            sizes.append(server.usage().rss_bytes)
    return (sizes[1] - sizes[0]) / CONNECTIONS


def watch(session: Session, servers: list[Running], run: int, grown: dict[int, int],
          reserved: float) -> None:
    """Lets ten seconds pass in which nobody asks for anything."""
    before = [(server.usage(), process.cpu_ticks(server.pids())) for server in servers]
    time.sleep(SECONDS)
    for server, (usage, ticks) in zip(servers, before, strict=True):
        used = server.usage().since(usage)
        session.record(NAME, server, run, {"connections": CONNECTIONS, "size_bytes": SIZE}, {
            "seconds": SECONDS, "cpu_ms": used.cpu_s * 1e3,
            "cpu_ticks": process.cpu_ticks(server.pids()) - ticks, "rss_bytes": used.rss_bytes,
            "rss_bytes_per_connection": grown[server.port] / CONNECTIONS,
            "reserved_bytes_per_connection":
                reserved if server.program.name == "event" else None,
        }, f"{CONNECTIONS} connections by connections.py")


def tell(session: Session) -> None:
    """CPU time in all, memory for each."""
    for server in session.results.servers(NAME):
        for figure, what in TOLD.items():
            found = session.results.spread(NAME, server, figure)
            if found is not None:
                session.say(f"  {server:13} {told(found)}  {what}")
