"""Load, made by wrk, with its findings as numbers."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from machine import Cores

SCRIPT = Path(__file__).with_name("wrk.lua")
PATIENCE_S = 20  # wrk ends by itself; this long after its time something is wrong


@dataclass(frozen=True)
class Load:
    """What wrk did in one run. Latencies are None where no reply came."""

    command: str
    requests: int
    failed: int
    seconds: float
    bytes: int
    p50_us: float | None
    p90_us: float | None
    p99_us: float | None
    max_us: float | None

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds

    def figures(self) -> dict[str, float | None]:
        """The findings under the names of the results' fields."""
        return {"requests": self.requests, "failed": self.failed, "seconds": self.seconds,
                "requests_per_s": self.per_second, "p50_us": self.p50_us, "p90_us": self.p90_us,
                "p99_us": self.p99_us, "max_us": self.max_us}


class Numbered:
    """Files to be asked for in turn. Runs go on where the last one ended, so that nobody asks
    again for a file that is still in somebody's page cache."""

    def __init__(self, pattern: str, count: int, nth: int = 1):
        self.pattern, self.count, self.nth = pattern, count, nth
        self.next = 0

    def arguments(self) -> list[str]:
        """For wrk.lua."""
        return ["cycle", self.pattern, str(self.count), str(self.next), str(self.nth)]

    def advance(self, requests: int) -> None:
        """Remembers that so many requests have been made."""
        self.next = (self.next + requests // self.nth) % self.count


def parse(output: str, command: str) -> Load:
    """Reads the line that wrk.lua prints."""
    line = re.search(r"^RESULT (.*)$", output, re.MULTILINE)
    if line is None:
        raise RuntimeError(f"wrk did not say what it found: {command}\n{output}")
    found = json.loads(line[1])
    latencies = {name: found[name] if found["requests"] else None
                 for name in ("p50_us", "p90_us", "p99_us", "max_us")}
    return Load(command=command, requests=found["requests"], failed=found["failed"],
                seconds=found["duration_us"] / 1e6, bytes=found["bytes"], **latencies)


class Wrk:
    """A wrk that is under way: two can run side by side."""

    def __init__(self, url: str, connections: int, seconds: int, cores: Cores,
                 arguments: list[str] | None = None, options: tuple[str, ...] = ()):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *options,
                   "-s", str(SCRIPT), url]
        if arguments:
            command += ["--", *arguments]
        self.command = shlex.join(command)
        self.deadline_s = seconds + PATIENCE_S
        self.process = subprocess.Popen(cores.for_load(command), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)

    def result(self) -> Load:
        """Waits for the end, and tells what was found."""
        try:
            output, _ = self.process.communicate(timeout=self.deadline_s)
        except BaseException:  # also Ctrl-C: leave no wrk behind
            self.process.kill()
            self.process.wait()
            raise
        return parse(output, self.command)
