"""What the slow disk itself costs: each call stops at its gate even when the disk takes no time."""

from __future__ import annotations

from dataclasses import replace

import process
from load import Numbered
from machine import Cores, find, how_to_get
from measure import take_turns, under_load
from servers import Launcher, Running, SlowDisk, Threeways
from session import Session, told

NAME = "slowdisk"
TITLE = ("Cost per call of slowdisk --delay 0ms, and of strace's injection: one connection, "
         "4 KiB, no cache, nobody pinned")
FILES, SIZE, SECONDS, LOGGED = 1000, 4096, 2, 100
DISKS = {"none": None, "slowdisk": SlowDisk("0ms"), "strace": SlowDisk("0ms", tool=("--strace",))}


def measure(session: Session) -> None:
    """The same server under each tool. One connection: the time of a request is all there is."""
    if not (session.build / "slowdisk").exists():
        session.gap(NAME, "event", "slowdisk has not been built (it needs Linux)")
        return
    numbered = Numbered(session.files.numbered("cold", FILES, SIZE), FILES)
    program = session.ours.program("event", "--cache-size", "0")
    tools = [tool for tool in DISKS if tool != "strace" or find("strace")]
    if "strace" not in tools:
        session.gap(NAME, "event", how_to_get("strace"))
    calls = calls_per_request(session, program)
    for run, tool in take_turns(tools, session.runs):
        with launcher(session).start(program, DISKS[tool]) as server:
            measure_once(session, server, run, tool, numbered, calls)


def launcher(session: Session) -> Launcher:
    """Nobody is kept to a core: a call and its gate wake each other up, which is several times
    dearer from one core to another, and here that is all that would be measured."""
    return replace(session.launcher, cores=Cores.shared())


def calls_per_request(session: Session, program: Threeways) -> float:
    """Counts the calls that stop at the gate, by slowdisk's own log."""
    with launcher(session).start(program, SlowDisk("0ms", tool=("--log",))) as server:
        for number in range(LOGGED):
            server.get(f"/cold/{number:05d}.bin")
        log = server.log
    return log.read_text(errors="replace").count("  done  ") / LOGGED


def measure_once(session: Session, server: Running, run: int, tool: str, numbered: Numbered,
                 calls: float) -> None:
    """One connection; what the tool uses itself is measured beside."""
    tools = server.tool_pids()
    before = process.usage(tools).cpu_s
    load, used = under_load(server, "/", 1, SECONDS, Cores.shared(), numbered.arguments())
    own_us = (process.usage(tools).cpu_s - before) * 1e6
    session.record_load(NAME, server, run,
                        {"size_bytes": SIZE, "connections": 1, "tool": tool}, load, used,
                        us_per_request=load.seconds * 1e6 / load.requests,
                        calls_per_request=calls,
                        tool_cpu_us_per_request=own_us / load.requests if tools else None)


def tell(session: Session) -> None:
    """How much longer a request takes under a tool, for each of its calls."""
    plain = session.results.median(NAME, "event", "us_per_request", tool="none")
    calls = session.results.median(NAME, "event", "calls_per_request", tool="none")
    for tool in DISKS:
        found = session.results.spread(NAME, "event", "us_per_request", tool=tool)
        own = session.results.median(NAME, "event", "tool_cpu_us_per_request", tool=tool)
        line = f"  {tool:9} {told(found, 'us per request')}"
        if found and plain and calls and tool != "none":
            line += f": {(found.median - plain) / calls:.1f} us per call"
        if own is not None:
            line += f"; the tool's own CPU time {own:.1f} us per request"
        session.say(line)
    session.say(f"  {calls} calls per request stop at the gate")
