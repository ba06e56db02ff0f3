"""The machine: what it is, which programs it has, and who runs on which core."""

from __future__ import annotations

import functools
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

SYSTEM_PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin"
ONE_LINE_S = 10


def find(program: str) -> str | None:
    """Where a program is. Servers live in sbin, which is not on everybody's path."""
    return shutil.which(program, path=SYSTEM_PATH)


def how_to_get(program: str) -> str:
    """What to say where a program is missing. tests/setup knows its package."""
    return f"{program} is not installed: left out (to get it: sh tests/setup {program})"


def version_line(*command: str) -> str:
    """The first line that looks like a version, on whichever stream."""
    try:
        told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=ONE_LINE_S, stdin=subprocess.DEVNULL, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return next((line.strip() for line in told.splitlines() if re.search(r"\d+\.\d+", line)),
                "unknown")


VERSION_OPTIONS = {"nginx": "-v", "lighttpd": "-v", "wrk": "-v"}


@functools.cache
def version(program: str) -> str | None:
    """What a program says about its version; None where it is missing."""
    path = find(program)
    if path is None:
        return None
    line = version_line(path, VERSION_OPTIONS.get(program, "--version"))
    return re.split(r" \(| Copyright| \[", line)[0].removeprefix("nginx version: ")


def processor() -> str:
    """The processor's name, where the kernel tells."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


@dataclass(frozen=True)
class Cores:
    """Who runs where. The server has one core for itself, the load and the slow disk the others;
    on a machine with one core everybody shares it."""

    server: int | None
    load: tuple[int, ...]

    @staticmethod
    def of_this_machine() -> Cores:
        """Gives the first core we may use to the server, all others to the load."""
        ours = sorted(os.sched_getaffinity(0))
        if len(ours) < 2 or find("taskset") is None:
            return Cores.shared()
        return Cores(ours[0], tuple(ours[1:]))

    @staticmethod
    def shared() -> Cores:
        """Nobody is kept anywhere: the kernel moves them about."""
        return Cores(None, ())

    def for_server(self, command: list[str], how_many: int = 1) -> list[str]:
        """The command, kept to one core, or to that one and some of the load's."""
        if self.server is None:
            return command
        return pin(command, (self.server, *self.load)[:how_many])

    def for_load(self, command: list[str]) -> list[str]:
        """The command, kept off the server's core."""
        return command if self.server is None else pin(command, self.load)

    def __str__(self) -> str:
        if self.server is None:
            return "server and load share the cores"
        return f"server on core {self.server}, load on {','.join(map(str, self.load))}"


def pin(command: list[str], cores: tuple[int, ...]) -> list[str]:
    """taskset replaces itself by the command: no process more, and the number stays."""
    return ["taskset", "-c", ",".join(map(str, cores)), *command]


def describe(cores: Cores) -> dict[str, object]:
    """The facts that explain why another machine's figures differ."""
    return {"date": date.today().isoformat(),
            "system": f"{platform.system()} {platform.release()}", "processor": processor(),
            "cores": len(os.sched_getaffinity(0)), "pinned": str(cores),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "python": platform.python_version()}
