"""Distinct small files with the page cache off: every request is a disk read."""

from __future__ import annotations

from load import Numbered
from measure import take_turns, under_load
from servers import NGINX
from session import Session

NAME = "uncached"
TITLE = ("64 connections asking for 20,000 distinct files of 4 KiB, no page cache (--cache-size 0, "
         "open_file_cache off); the kernel has the files in memory")
FILES, SIZE, CONNECTIONS, SECONDS = 20_000, 4096, 64, 3


def measure(session: Session) -> None:
    """What a read costs by way of AIO, where nobody would have had to wait."""
    numbered = Numbered(session.files.numbered("many", FILES, SIZE), FILES)
    programs = session.available(
        NAME, [session.ours.program("event", "--cache-size", "0"), NGINX])
    with session.serving(programs) as servers:
        for run, server in take_turns(servers, session.runs):
            load, used = under_load(server, "/", CONNECTIONS, SECONDS, session.cores,
                                    numbered.arguments())
            session.record_load(NAME, server, run,
                                {"size_bytes": SIZE, "connections": CONNECTIONS}, load, used)


def tell(session: Session) -> None:
    """Requests per second, and CPU time per request."""
    session.table(NAME, "requests_per_s", "Requests per second", compare=[("event", "nginx")])
    session.table(NAME, "cpu_us_per_request", "CPU time per request in us",
                  compare=[("event", "nginx")])
