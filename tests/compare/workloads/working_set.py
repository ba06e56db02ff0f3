"""Workload 3: Flash's figure. What happens as the files outgrow the page cache."""

from __future__ import annotations

import names
from cases import Case
from charts import Lines
from measure import under_load
from report import Exhibit
from results import Results
from sentences import Reader
from servers import NGINX, Running
from session import Session

NUMBER, NAME, TITLE = "3", "working-set", "The working set outgrows the page cache"
ASKED = ("Files of 16 KiB, asked for at random; together they have from half to eight times the "
         "size of the server's page cache (8 MiB). The disk is the real one, and the kernel has "
         "the files in its own cache: a read costs little, but it has to be made. nginx has no "
         "cache of its own and reads every time.")
CACHE_BYTES, SIZE, CONNECTIONS = 8 << 20, 16 << 10, 32
FULL, QUICK = (0.5, 1, 2, 8), (4,)


def cases(session: Session) -> list[Case]:
    """Models, the event model's other ways to read, and nginx."""
    ours = [*session.ours.models(), *session.ours.disks(), *session.ours.nowait()]
    programs = session.available(NAME, [
        *(program.with_options("--cache-size", "8M") for program in ours), NGINX])
    return [Case(program, {"data_over_cache": ratio})
            for ratio in (QUICK if session.quick else FULL) for program in programs]


def measure(session: Session, server: Running, case: Case, run: int) -> None:
    """The first requests fill the page cache; that takes a small part of a second."""
    most = int(max(QUICK if session.quick else FULL) * CACHE_BYTES / SIZE)
    count = int(float(case.parameters["data_over_cache"]) * CACHE_BYTES / SIZE)
    pattern = session.files.numbered("set", most, SIZE)
    load, used = under_load(server, "/", CONNECTIONS, case.seconds, session.cores,
                            ["random", pattern, str(count)])
    session.record_load(NAME, server, run, {"size_bytes": SIZE, "connections": CONNECTIONS,
                                            **case.parameters}, load, used)


def winner(found: Reader, ratio: float) -> str:
    """Who is ahead where most requests have to be read."""
    rates = {server: rate.median for server in found.servers()
             if (rate := found.get(server, "requests_per_s", data_over_cache=ratio))}
    if "event" not in rates or len(rates) < 2:
        return ""
    first = max(rates, key=lambda server: rates[server])
    if first == "event":
        return "event, with its asynchronous reads, is ahead."
    return (f"{names.label(first)} is ahead, with {names.number(rates[first] / rates['event'])} "
            "times as many as event with its asynchronous reads.")


def exhibits(results: Results) -> list[Exhibit]:
    """Where a plain read wins: the kernel's cache is warm, and nobody has to wait."""
    found = Reader(results, NAME)
    largest = max(found.settings("data_over_cache"), default=8)
    text = (f"With {largest:g} times as much data as page cache, in thousands of requests/s: " +
            found.each("requests_per_s", "", 1e-3, data_over_cache=largest) +
            f". {winner(found, largest)} Here the kernel has every file in memory, and blocking "
            "is no mistake: a plain read takes microseconds, and an asynchronous one pays for "
            "a helper thread and a signal as well.")
    return [Exhibit("3-working-set", Lines(
        "From half to eight times the page cache, warm kernel", "data / page cache",
        "thousand requests per second",
        found.series("requests_per_s", "data_over_cache", 1e-3), log_x=True), text),
        Exhibit("3-working-set-cpu", Lines(
            "From half to eight times the page cache: CPU time", "data / page cache",
            "us per request", found.series("cpu_us_per_request", "data_over_cache"), log_x=True),
            f"CPU time per request with {largest:g} times as much data as page cache: " +
            found.each("cpu_us_per_request", "us", data_over_cache=largest) + ".")]
