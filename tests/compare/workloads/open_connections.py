"""Workload 5: what an open connection costs, and what a request costs the kernel."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from cases import Case
from charts import Bar, Bars
from connections import allow_descriptors, idle
from load import Load, Wrk
from machine import find, how_to_get
from measure import Spread, under_load
from process import Usage
from report import Exhibit
from results import Parameters, Results
from sentences import Reader, scaled
from servers import PEERS, CountCalls, Program, Running, Threeways
from session import Session

NUMBER, NAME, TITLE = "5", "connections", "Open connections"
ASKED = ("10 to 900 connections that have had one reply and are idle, and 8 that ask for a hot "
         "file. What does a connection cost in memory, and a request in context switches and in "
         "system calls? threads gets as many threads as there are connections: each needs one, "
         "even when it is idle. single has one connection at a time and is left out.")
SIZE, ACTIVE = 1024, 8
FULL, QUICK = (10, 100, 900), (500,)


def programs(session: Session, connections: int) -> list[Program]:
    """Those that can have idle connections; ours are prepared for just so many."""
    ours = [prepared(session, model, connections + ACTIVE) for model in session.ours.models()
            if model.name != "single"]
    return session.available(NAME, [*ours, *PEERS])


def prepared(session: Session, program: Threeways, seats: int) -> Threeways:
    """With room for so many connections, and in threads with a thread for each."""
    threads = ("--threads", str(seats)) if program.model == "threads" and session.ours.has(
        "threads") else ()
    return replace(program, options=("--max-connections", str(seats), *threads))


def cases(session: Session) -> list[Case]:
    """Numbers of connections; and once more under strace, which counts the calls."""
    counts = QUICK if session.quick else FULL
    found = [Case(program, {"connections": count}) for count in counts
             for program in programs(session, count)]
    if session.quick:
        session.gap(NAME, "", "the quick run does not count system calls")
        return found
    if find("strace") is None:
        session.gap(NAME, "", how_to_get("strace"))
        return found
    report = session.files.folder / "strace.txt"
    return found + [Case(program, {"connections": ACTIVE, "tool": "strace"}, 1, CountCalls(report))
                    for program in programs(session, ACTIVE)]


def measure(session: Session, server: Running, case: Case, run: int) -> None:
    """Memory before and after the connections come; then a little load."""
    path = session.files.hot(SIZE)
    server.get(path)
    parameters: Parameters = {"size_bytes": SIZE, **case.parameters}
    if isinstance(case.tool, CountCalls):
        count_calls(session, server, run, parameters, path, case.seconds, case.tool)
        return
    allow_descriptors()
    connections = case.number("connections")
    without = rss_without(session, server, path)
    with idle(server.port, connections, path):
        grown = server.usage().rss_bytes - without
        load, used = under_load(server, path, ACTIVE, case.seconds, session.cores)
    session.record_load(NAME, server, run, parameters, load, used, threads=used.threads,
                        rss_bytes=used.rss_bytes, rss_bytes_per_connection=grown / connections,
                        switches_per_request=per_request(used, load))


def rss_without(session: Session, server: Running, path: str) -> int:
    """Memory without the connections. Ours takes what a connection needs when it starts: so it is
    the memory of a second one, which is prepared for a single connection."""
    if not isinstance(server.program, Threeways):
        return server.usage().rss_bytes
    with session.launcher.start(prepared(session, server.program, 1)) as small:
        small.get(path)
        return small.usage().rss_bytes


def per_request(used: Usage, load: Load) -> float | None:
    """Context switches for one reply."""
    return used.switches / load.requests if load.requests else None


def count_calls(session: Session, server: Running, run: int, parameters: Parameters,
                path: str, seconds: int, tool: CountCalls) -> None:
    """strace tells its sum when the server has ended. A second one that starts, gives one reply
    and ends tells how much of that is no request's."""
    load = Wrk(server.url(path), ACTIVE, seconds, session.cores).result()
    total = calls_until_the_end(server, tool)
    with session.launcher.start(server.program, tool) as idler:
        idler.get(path)
        calls = total - calls_until_the_end(idler, tool)
    session.record(NAME, server, run, parameters, {
        "requests": load.requests, "failed": load.failed,
        "syscalls_per_request": calls / load.requests if load.requests else None,
    }, load.command)


def calls_until_the_end(server: Running, tool: CountCalls) -> int:
    """Ends a server, and asks strace."""
    os.kill(server.pids()[0], signal.SIGTERM)
    server.wait()
    return tool.calls()


def exhibits(results: Results) -> list[Exhibit]:
    """Memory and threads; switches and calls."""
    found = Reader(results, NAME)
    most = int(max(found.settings("connections"), default=max(FULL)))
    servers = found.servers()
    memory = Bars(f"Memory per idle connection, {most} of them", "KiB of resident memory",
                  {"": [Bar(server, kib(found, server, most)) for server in servers]})
    calls = Bars("System calls for one request", "system calls per request, 8 connections",
                 {"": [Bar(server, found.get(server, "syscalls_per_request", tool="strace"))
                       for server in servers]})
    switches = Bars(f"Context switches for one request, {most} idle connections",
                    "context switches per request, 8 active connections",
                    {"": [Bar(server, found.get(server, "switches_per_request", connections=most))
                          for server in servers]})
    return [
        Exhibit("5-memory", memory,
                f"With {most} idle connections, each costs: " +
                found.each("rss_bytes_per_connection", "bytes", connections=most) +
                ". Ours is prepared for so many at its start, and compared with one that is "
                "prepared for a single connection. The kernel's own memory for a socket is not "
                "counted. Threads at work: " +
                found.each("threads", "", connections=most) + "."),
        Exhibit("5-calls", calls, "Counted by strace: " +
                found.each("syscalls_per_request", "", tool="strace") +
                ". A server that waits for many connections at once spreads one wait over all that "
                "are ready."),
        Exhibit("5-switches", switches, f"With {most} idle connections beside: " +
                found.each("switches_per_request", "", connections=most) + ".")]


def kib(found: Reader, server: str, connections: int) -> Spread | None:
    """Memory per connection in KiB."""
    value = found.get(server, "rss_bytes_per_connection", connections=connections)
    return value and scaled(value, 1 / 1024)
