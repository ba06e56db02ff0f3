"""Workload 2: hot requests beside cold ones. The point of the textbook."""

from __future__ import annotations

import names
from cases import Case
from charts import Bar, Bars, Lines
from load import Load, Numbered, Wrk
from measure import Spread, spread
from process import usage
from report import Exhibit
from results import Results, Setting
from sentences import Reader
from servers import NGINX, NGINX_AIO, NODE, Program, Running, SlowDisk, Threeways
from session import Session

NUMBER, NAME, TITLE = "2", "cold", "Hot beside cold: who waits for whose disk?"
ASKED = ("Some of 32 connections ask for files that nobody has in memory, from a disk that takes "
         "20 ms; the others ask for one hot file. While the server waits for the disk, are the hot "
         "requests answered? Then cold requests alone, from a disk that serves 64 reads at a time, "
         "and from one with a single arm. The disk is slowdisk, alike for everybody.")
DELAY_MS, SIZE, CONNECTIONS, ALONE, MANY_HEADS = 20, 4096, 32, 64, 64
FULL_FILES, QUICK_FILES = 8000, 2000  # more than anybody asks for in one measurement
DISK_LINE = "requests per second (black line: what the disk can do)"
SHARE = 20  # of the connections, in percent, where one share has to stand for all


def programs(session: Session) -> list[Program]:
    """All models, the other ways of the event model to read, and the peers."""
    ours = [*session.ours.models(), *session.ours.disks()]
    return session.available(NAME, [*(prepared(session, program) for program in ours),
                                    NGINX, NGINX_AIO, NODE])


def prepared(session: Session, program: Threeways) -> Threeways:
    """With as many threads as the disk has heads, like the others."""
    threads = ("--threads", str(ALONE)) if program.model == "threads" and session.ours.has(
        "threads") else ()
    return program.with_options(*threads)


def cases(session: Session) -> list[Case]:
    """Shares of cold connections with many heads, one with a single arm, and cold ones alone."""
    shares = (0, SHARE) if session.quick else (0, 10, SHARE, 50)
    settings = [(CONNECTIONS, share, MANY_HEADS) for share in shares]
    if not session.quick:
        settings += [(CONNECTIONS, SHARE, 1), (ALONE, 100, 1), (ALONE, 100, MANY_HEADS)]
    return [Case(program, {"connections": connections, "cold_percent": share, "heads": heads}, 1,
                 SlowDisk(f"{DELAY_MS}ms", heads))
            for connections, share, heads in settings for program in programs(session)]


def measure(session: Session, server: Running, case: Case, run: int) -> None:
    """Two wrk side by side: the share is one of connections, not of requests."""
    path = session.files.hot(1024)
    server.get(path)
    tools = server.tool_pids()
    before, before_tools = server.usage(), usage(tools)
    under_way = {name: Wrk(server.url(path), count, case.seconds, session.cores, arguments)
                 for name, count, arguments in shares(session, case) if count}
    loads = {name: wrk.result() for name, wrk in under_way.items()}
    used, used_tools = server.usage().since(before), usage(tools).since(before_tools)
    record(session, server, case, run, loads, used.cpu_s, used_tools.cpu_s)


def shares(session: Session, case: Case) -> list[tuple[str, int, list[str] | None]]:
    """How many connections ask for which files."""
    files = QUICK_FILES if session.quick else FULL_FILES
    numbered = Numbered(session.files.numbered("cold", files, SIZE), files)
    connections = case.number("connections")
    cold = round(connections * case.number("cold_percent") / 100)
    return [("cold", cold, numbered.arguments()), ("hot", connections - cold, None)]


def record(session: Session, server: Running, case: Case, run: int, loads: dict[str, Load],
           cpu_s: float, tool_cpu_s: float) -> None:
    """Latencies are the hot requests'; CPU time is shared out over both kinds."""
    hot, cold = loads.get("hot"), loads.get("cold")
    both = sum(load.requests for load in loads.values())
    figures = hot.figures() if hot else {}
    figures["cpu_us_per_request"] = cpu_s * 1e6 / both if both else None
    if cold:
        figures |= {"cold_requests_per_s": cold.per_second, "cold_failed": cold.failed}
        figures["tool_cpu_us_per_request"] = (tool_cpu_s * 1e6 / cold.requests
                                              if cold.requests else None)
        figures["expected_per_s"] = expected(case.number("heads"))
    session.record(NAME, server, run, {"size_bytes": SIZE, "delay_ms": DELAY_MS, **case.parameters},
                   figures, " & ".join(load.command for load in loads.values()))


def expected(heads: int) -> float:
    """What such a disk can do at most, in reads per second."""
    return heads / (DELAY_MS / 1000)


# --- what it shows --------------------------------------------------------------------------------


def exhibits(results: Results) -> list[Exhibit]:
    """How long hot requests wait, what gets done, and the disk's own limit."""
    found = Reader(results, NAME)
    alone_too = [alone(found), one_arm(found)] if 1 in found.settings("heads") else []
    return [waiting(found), total(found), *alone_too]


def waiting(found: Reader) -> Exhibit:
    """The slowest of a hundred hot requests, as cold ones are mixed in."""
    where = {"connections": CONNECTIONS, "heads": MANY_HEADS}
    p50 = [found.get("event", "p50_us", cold_percent=share, **where) for share in (0, SHARE)]
    text = (f"With {SHARE} % of the connections cold, the slowest of a hundred hot requests "
            "takes: " +
            found.each("p99_us", "ms", 1e-3, cold_percent=SHARE, **where) +
            ". Half of event's hot requests are answered within "
            f"{names.figure(p50[1], 'ms', 1e-3)}, and within {names.figure(p50[0], 'ms', 1e-3)} "
            "when there are no cold ones. Whoever blocks in a read makes everybody wait who comes "
            "after. (nginx and Node.js read hot files, too, from the kernel's cache, and each such "
            "call stops at slowdisk's gate for a moment: for them compare the two ends of a line.)")
    return Exhibit("2-cold-p99", Lines(
        "Hot requests beside cold ones: the slowest of a hundred", "cold connections in percent",
        "p99 of hot requests in ms (logarithmic)",
        found.series("p99_us", "cold_percent", 1e-3, **where), log_y=True), text)


def total(found: Reader) -> Exhibit:
    """Hot and cold requests together."""
    series: dict[str, list[tuple[float, Spread]]] = {}
    for server in found.servers():
        for share in found.settings("cold_percent", connections=CONNECTIONS):
            values = added(found, server, {"connections": CONNECTIONS, "cold_percent": share,
                                           "heads": MANY_HEADS})
            if values:
                series.setdefault(server, []).append((share, spread(values)))
    at_share = [f"{names.label(server)} {names.number(value.median)}"
                for server, points in series.items() for x, value in points if x == SHARE]
    text = (f"All replies together, hot and cold, in thousands per second with {SHARE} % of the "
            f"connections cold: {', '.join(at_share) or 'nothing could be measured'}. Hot replies "
            "are a thousand times faster than the disk, so nearly all of these are hot: the total "
            "tells who lets the hot ones pass.")
    return Exhibit("2-cold-total", Lines(
        "Hot and cold together: throughput", "cold connections in percent",
        "thousand replies per second", series), text)


def added(found: Reader, server: str, where: dict[str, Setting]) -> list[float]:
    """Thousands of hot and cold replies per second, run by run."""
    hot = found.results.values(NAME, server, "requests_per_s", **where)
    cold = found.results.values(NAME, server, "cold_requests_per_s", **where)
    return [(a + b) / 1e3 for a, b in zip(hot, cold or [0.0] * len(hot), strict=True)]


def alone(found: Reader) -> Exhibit:
    """Cold requests alone: how much of the disk is used?"""
    bars = [Bar(server, found.get(server, "cold_requests_per_s", connections=ALONE,
                                  heads=MANY_HEADS), expected(MANY_HEADS))
            for server in found.servers()]
    where = {"connections": ALONE, "heads": MANY_HEADS}
    own = found.get("event", "tool_cpu_us_per_request", **where)
    text = (f"64 connections that ask for cold files only, {MANY_HEADS} heads: " +
            found.each("cold_requests_per_s", "requests/s", **where) +
            f". The disk can do {names.number(expected(MANY_HEADS))}. slowdisk itself takes "
            f"{names.figure(own, 'us')} of CPU time for each. Node.js reads once more to see the "
            "end of a file, so that it waits twice.")
    return Exhibit("2-cold-alone", Bars("Cold requests alone, a disk with 64 heads", DISK_LINE,
                                        {"": bars}), text)


def one_arm(found: Reader) -> Exhibit:
    """With one arm nobody gets more out of the disk, but hot requests need not wait."""
    where = {"connections": CONNECTIONS, "cold_percent": SHARE, "heads": 1}
    bars = [Bar(server, found.get(server, "cold_requests_per_s", connections=ALONE, heads=1),
                expected(1)) for server in found.servers()]
    text = ("A disk with one arm reads 50 files in a second, whoever asks: " +
            found.each("cold_requests_per_s", "requests/s", connections=ALONE, heads=1) +
            f". But hot requests beside it ({SHARE} % of the connections cold) need not wait; the "
            "slowest of a hundred takes: " + found.each("p99_us", "ms", 1e-3, **where) + ".")
    return Exhibit("2-cold-one-arm", Bars("A disk with one arm: cold requests", DISK_LINE,
                                          {"": bars}), text)
