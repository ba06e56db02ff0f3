"""Workload 1: requests that the page cache satisfies."""

from __future__ import annotations

import time

import names
from cases import Case
from charts import Bar, Bars, Lines
from measure import under_load
from report import Exhibit
from results import Results
from sentences import Reader
from servers import PEERS, Running
from session import Session

NUMBER, NAME, TITLE = "1", "hot", "Hot: every file is in memory"
ASKED = ("One file that is in the page cache, asked for over 1 to 512 connections. Nobody has to "
         "wait for a disk: what is measured is the work itself, and how the models share it out. "
         "single closes the connection after each reply, so that it also pays for a new one; "
         "threads does so when there are more connections than its 32 workers.")
KIB = 1024
FULL: dict[int, tuple[int, ...]] = {KIB: (1, 64, 512), 100 * KIB: (64, 512)}
QUICK: dict[int, tuple[int, ...]] = {KIB: (64,)}
PEAK = 64
SETTLE_S = 1.5  # AIO's helper of the first request has gone then: it makes each system call dearer


def cases(session: Session) -> list[Case]:
    """Models and peers, for each size and number of connections."""
    programs = session.available(NAME, [*session.ours.models(), *PEERS])
    return [Case(program, {"size_bytes": size, "connections": connections},
                 settle_s=SETTLE_S if connections == PEAK else 0.0)
            for size, counts in (QUICK if session.quick else FULL).items()
            for connections in counts for program in programs]


def measure(session: Session, server: Running, case: Case, run: int) -> None:
    """After a first request, which fills the page cache."""
    path = session.files.hot(case.number("size_bytes"))
    server.get(path)
    time.sleep(case.settle_s)
    load, used = under_load(server, path, case.number("connections"), case.seconds,
                            session.cores)
    session.record_load(NAME, server, run, case.parameters, load, used)


def exhibits(results: Results) -> list[Exhibit]:
    """Throughput, its price, and how long the unlucky wait."""
    found = Reader(results, NAME)
    shown = [cost(found)]
    if len(found.settings("connections")) > 1:
        shown += [throughput(found, KIB, "1 KiB"), throughput(found, 100 * KIB, "100 KiB"),
                  latency(found)]
    return shown


def throughput(found: Reader, size: int, name: str) -> Exhibit:
    """Requests per second over connections."""
    text = (f"Files of {name}, {PEAK} connections, in thousands of requests/s: " +
            found.each("requests_per_s", "", 1e-3, size_bytes=size, connections=PEAK) + ".")
    return Exhibit(f"1-hot-{name.replace(' ', '').lower()}", Lines(
        f"Hot files of {name}: throughput", "connections", "thousand requests per second",
        found.series("requests_per_s", "connections", 1e-3, size_bytes=size), log_x=True), text)


def cost(found: Reader) -> Exhibit:
    """CPU time per request, the figure that depends least on the machine's load."""
    groups = {f"{size // KIB:.0f} KiB": cost_bars(found, size)
              for size in found.settings("size_bytes")}
    small, large = (found.each("cpu_us_per_request", "us", size_bytes=size, connections=PEAK)
                    for size in (KIB, 100 * KIB))
    ratios = [f"{compared(found, peer)} of {names.label(peer)}'s"
              for peer in ("nginx", "lighttpd", "node") if peer in found.servers()]
    text = (f"CPU time for a file of 1 KiB: {small}" +
            (f". event needs {', '.join(ratios)}" if ratios else "") +
            f". Of 100 KiB: {large}. nginx lets the kernel send the file without copying it "
            "(sendfile), which tells with large ones. It opens the file for each request, as it "
            "does when nobody tells it otherwise; make bench has it with open_file_cache.")
    return Exhibit("1-hot-cpu", Bars(f"Hot files: CPU time per request, {PEAK} connections",
                                     "us per request", groups), text)


def cost_bars(found: Reader, size: float) -> list[Bar]:
    """A bar for each server."""
    return [Bar(server, found.get(server, "cpu_us_per_request", size_bytes=size, connections=PEAK))
            for server in found.servers()]


def compared(found: Reader, peer: str) -> str:
    """How much of a peer's CPU time ours needs for a small file."""
    return found.ratio("event", peer, "cpu_us_per_request", size_bytes=KIB, connections=PEAK)


def latency(found: Reader) -> Exhibit:
    """The slowest request of a hundred."""
    text = ("The slowest of a hundred requests (p99) for 1 KiB, with 512 connections: " +
            found.each("p99_us", "ms", 1e-3, size_bytes=KIB, connections=512) +
            ". With so many at once everybody queues, here or in the kernel.")
    return Exhibit("1-hot-p99", Lines(
        "Hot files of 1 KiB: the slowest of a hundred", "connections", "p99 in ms (logarithmic)",
        found.series("p99_us", "connections", 1e-3, size_bytes=KIB), log_x=True, log_y=True), text)
