#!/usr/bin/env python3
"""Measures the server: `bench` beside nginx and the floor, `compare` the models and their peers.

See README.md for what each workload means, and for the schema of what is written.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import ModuleType

import cases
import colours
import report
from files import Files
from machine import find, how_to_get
from session import Session
from workloads import (clients, cold, exercise, hits, hot, idle, large, open_connections,
                       slow_clients, slowdisk, sources, uncached, working_set)

BENCH: tuple[ModuleType, ...] = (hits, large, uncached, idle, clients, slowdisk)
COMPARE: tuple[ModuleType, ...] = (exercise, hot, cold, working_set, slow_clients,
                                   open_connections, sources)
ENDING = (signal.SIGINT, signal.SIGTERM)
BENCH_RUNS, COMPARE_RUNS = 9, 3
QUICK_S, FULL_S = 90, 15 * 60  # what `compare` may take
REPORT_S = 12  # of it for the files, the charts and the page


def chosen(workloads: tuple[ModuleType, ...], names: str) -> list[ModuleType]:
    """The workloads with these names (commas between them); all if there are none."""
    wanted = [name for name in names.split(",") if name]
    known = {workload.NAME: workload for workload in workloads}
    wanted = [name_of_number(workloads, name) for name in wanted]
    unknown = set(wanted) - set(known)
    if unknown:
        sys.exit(f"compare: no workload is called {', '.join(sorted(unknown))}; "
                 f"there are {', '.join(known)}")
    return [known[name] for name in wanted] or list(workloads)


def name_of_number(workloads: tuple[ModuleType, ...], name: str) -> str:
    """Workloads of `compare` may be called by their numbers, too."""
    return next((workload.NAME for workload in workloads
                 if getattr(workload, "NUMBER", None) == name), name)


def bench(session: Session, workloads: list[ModuleType]) -> int:
    """Takes the figures and prints them. Fails if a request did."""
    for workload in workloads:
        session.say(f"\n{workload.NAME}: {workload.TITLE}")
        workload.measure(session)
        workload.tell(session)
    session.results.write(session.build / "bench")
    session.say(f"\n{session.build / 'bench'}: results.json, results.csv")
    if session.failures():
        session.say(f"{session.failures()} requests failed")
    return 1 if session.failures() else 0


def compare(session: Session, workloads: list[ModuleType], palette: dict[str, str]) -> int:
    """Measures, and writes results, charts and the report."""
    planned = {workload: workload.cases(session) for workload in workloads}
    seconds = {workload: cases.planned_s(found, session.runs)
               for workload, found in planned.items()}
    total = sum(seconds.values())
    spare = max(0.0, (QUICK_S if session.quick else FULL_S) - REPORT_S - total)
    session.say(f"{sum(map(len, planned.values()))} cases, {session.runs} times each, "
                f"in some {total:.0f} s")
    for workload, found in planned.items():
        session.say(f"{workload.NUMBER}. {workload.TITLE}: {len(found)} cases, "
                    f"{seconds[workload]:.0f} s")
        if workload is sources:
            sources.read(session)
        share = seconds[workload] / total if total else 0
        cases.measure_all(session, workload, found, seconds[workload] + spare * share)
    folder = session.build / "compare"
    session.results.write(folder)
    if find("gnuplot") is None:
        session.say(f"no charts: {how_to_get('gnuplot')}")
    report.write(workloads, session.results, folder, palette, find("gnuplot") is not None)
    session.say(f"{folder}: report.html, its charts, results.json, results.csv")
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="compare.py", description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["bench", "compare"])
    parser.add_argument("--build", type=Path, default=Path("build"), help="where the server is")
    parser.add_argument("--runs", type=int, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="compare: in 90 s, and roughly")
    parser.add_argument("--colours", type=Path, default=colours.COLOURS_H, metavar="FILE",
                        help="where the colours come from (server/core/colours.h)")
    parser.add_argument("--no-pin", action="store_true", help="let the kernel choose the cores")
    parser.add_argument("--workload", default="", help="names, with commas between them")
    return parser.parse_args()


def end(*_: object) -> None:
    """Stops all that was started, on the way out, and lets nobody interrupt that."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def heed_signals() -> None:
    """Ctrl-C and SIGTERM end us in order. In the background of a shell Ctrl-C is not for us."""
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)


def main() -> int:
    """Runs what was asked for."""
    options = arguments()
    benches = options.what == "bench"
    runs = options.runs or (BENCH_RUNS if benches else 1 if options.quick else COMPARE_RUNS)
    workloads = chosen(BENCH if benches else COMPARE, options.workload)
    heed_signals()
    try:
        with Files() as files:
            session = Session(options.build, files, runs, options.quick, not options.no_pin)
            if benches:
                return bench(session, workloads)
            return compare(session, workloads, colours.load(options.colours))
    except KeyboardInterrupt:
        print("\ncompare: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
