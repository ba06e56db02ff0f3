"""What a process and its children have used: CPU time, memory, threads, context switches.

Everything comes from the kernel (proc(5), clock_getcpuclockid(3)), so that it is measured in the
same way for every server, and from outside.
"""

from __future__ import annotations

import ctypes
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Usage:
    """What some processes have used since they began, or between two moments (see `since`)."""

    cpu_s: float
    rss_bytes: int
    threads: int
    switches: int

    def since(self, before: Usage) -> Usage:
        """CPU time and context switches since then; memory and threads are as they are now."""
        return Usage(self.cpu_s - before.cpu_s, self.rss_bytes, self.threads,
                     self.switches - before.switches)


def parents() -> dict[int, int]:
    """Each process of the machine, and its parent."""
    found = {}
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            # The command's name stands in parentheses and may contain anything, even ")".
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has gone meanwhile
            continue
        found[int(stat.parent.name)] = int(fields[1])
    return found


def tree(root: int) -> list[int]:
    """A process and its descendants."""
    parent_of = parents()
    found = [root] if root in parent_of else []
    for pid in found:  # grows as it is walked along
        found += [child for child, parent in parent_of.items() if parent == pid]
    return found


def command_name(pid: int) -> str:
    """The name of a process's program; empty if the process has gone."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with all its threads, also of those that have ended.

    /proc counts in ticks of 10 ms, which is a percent of a short run. This clock counts ns.
    """
    clock = ctypes.c_int()
    if LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)) != 0:
        raise ProcessLookupError(f"process {pid} has gone")
    return time.clock_gettime(clock.value)


def cpu_ticks(pids: Iterable[int]) -> int:
    """User and system time in the kernel's ticks, as top(1) and ps(1) would show it."""
    stats = [(PROC / str(pid) / "stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(user) + int(system) for user, system in (stat[11:13] for stat in stats))


def rss_bytes(pid: int) -> int:
    """Resident memory. smaps_rollup counts page by page; status lags behind by some pages."""
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
        found = re.search(r"^Rss:\s+(\d+)", text, re.MULTILINE)
    except OSError:
        text = (PROC / str(pid) / "status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def switches(status: Path) -> int:
    """Context switches of one thread, those it wanted and those it did not."""
    try:
        return sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", status.read_text())))
    except OSError:  # the thread has ended meanwhile
        return 0


def usage(pids: Iterable[int]) -> Usage:
    """What these processes have used so far, together."""
    pids = list(pids)
    threads = [status for pid in pids for status in (PROC / str(pid)).glob("task/*/status")]
    return Usage(cpu_s=sum(map(cpu_seconds, pids)), rss_bytes=sum(map(rss_bytes, pids)),
                 threads=len(threads), switches=sum(map(switches, threads)))
