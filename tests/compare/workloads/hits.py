"""CPU time per page-cache hit, beside nginx and beside the floor."""

from __future__ import annotations

from measure import take_turns, under_load
from servers import NGINX_CACHING
from session import Session

NAME = "hits"
TITLE = "CPU time per page-cache hit: 1 KiB, 64 keep-alive connections, wrk -t1 -c64"
SIZE, CONNECTIONS, SECONDS = 1024, 64, 2


def measure(session: Session) -> None:
    """Servers take turns, all of them warm."""
    path = session.files.hot(SIZE)
    programs = session.available(
        NAME, [session.ours.program("event"), session.floor(SIZE), NGINX_CACHING])
    with session.serving(programs) as servers:
        for server in servers:
            server.get(path)
        for run, server in take_turns(servers, session.runs):
            load, used = under_load(server, path, CONNECTIONS, SECONDS, session.cores)
            session.record_load(NAME, server, run,
                                {"size_bytes": SIZE, "connections": CONNECTIONS}, load, used)


def tell(session: Session) -> None:
    """Microseconds, and the two ratios that are held to a limit."""
    session.table(NAME, "cpu_us_per_request", "CPU time per request in us",
                  compare=[("event", "floor"), ("event", "nginx")])
