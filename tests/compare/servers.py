"""The servers to be measured: how each is started, how one knows that it is ready, and its end.

A `Program` makes a command line. `Running` is one that has been started; it never outlives the
`with` that started it, whatever happens there.
"""

from __future__ import annotations

import http.client
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import process
from files import Files
from machine import Cores, find, version_line, how_to_get, version

HERE = Path(__file__).parent
START_DEADLINE_S = 10
STOP_DEADLINE_S = 3
POLL_S = 0.005
PORT_ATTEMPTS = 3
TOOLS = ("slowdisk", "strace", "taskset")  # parents of a server, and no part of it


class CannotStart(RuntimeError):
    """A server did not come up; the text says what it printed."""


# How the servers read files. read(2) is not among it: they read signals, pipes and sockets with it,
# and the one thread of an event loop would stop at the gate each time it hears of a reply.
READS_OF_FILES = "pread64,preadv,preadv2,sendfile"


@dataclass(frozen=True)
class SlowDisk:
    """A disk made slow by slowdisk, alike for every server. Only `root/cold` is slow: what a
    server keeps in its own page cache, others keep in the kernel's, and both are memory."""

    delay: str
    heads: int | None = None
    tool: tuple[str, ...] = ()  # more options, for measuring slowdisk itself

    def around(self, command: list[str], build: Path, files: Files) -> list[str]:
        """The command, with the slow disk around it."""
        heads = ["--heads", str(self.heads)] if self.heads else []
        return [str(build / "slowdisk"), "--delay", self.delay, "--calls", READS_OF_FILES,
                *heads, *self.tool, "--under", str(files.cold.resolve()), "--", *command]


@dataclass(frozen=True)
class CountCalls:
    """strace, which counts the system calls of all threads and tells them at the end. It starts
    the server, because many systems forbid it to come in later."""

    report: Path

    def around(self, command: list[str], build: Path, files: Files) -> list[str]:
        """The command, with strace around it."""
        return [str(find("strace")), "-f", "-c", "-o", str(self.report), *command]

    def calls(self) -> int:
        """How many there were. The report's last line: percent, seconds, us/call, calls."""
        found = re.search(r"^100\.00 +\S+ +\S+ +(\d+) .*total$", self.report.read_text(),
                          re.MULTILINE)
        if found is None:
            raise RuntimeError("strace did not say how many calls it saw")
        return int(found[1])


Tool = SlowDisk | CountCalls


@dataclass(frozen=True)
class Program:
    """A server that could be started. `name` is its key in the results and on charts."""

    name: str
    executable: str
    announces = True  # prints LISTENING ADDRESS:PORT, on a port that it chose itself
    warm_up_s = 0  # of load, before it is as fast as it gets

    def missing(self) -> str | None:
        """Why it cannot be started here, or None."""
        return None if find(self.executable) else how_to_get(self.executable)

    def version(self) -> str:
        """What it says of its version."""
        return version(self.executable) or "unknown"

    def command(self, root: Path, scratch: Path, port: int) -> list[str]:
        """The command line that serves `root` in the foreground."""
        raise NotImplementedError


@dataclass(frozen=True)
class Threeways(Program):
    """Ours, in one of its models."""

    model: str = "event"
    options: tuple[str, ...] = ()

    def missing(self) -> str | None:
        return None if Path(self.executable).exists() else f"{self.executable} has not been built"

    def with_options(self, *options: str) -> Threeways:
        """The same, with more options."""
        return replace(self, options=self.options + options)

    def command(self, root: Path, scratch: Path, port: int) -> list[str]:
        return [self.executable, "--port", "0", "--model", self.model, *self.options, str(root)]


@dataclass(frozen=True)
class Floor(Program):
    """The canned reply that nobody who uses select() can beat."""

    body_bytes: int = 1024

    def missing(self) -> str | None:
        return None if Path(self.executable).exists() else f"{self.executable} has not been built"

    def version(self) -> str:
        return "tests/compare/floor.c"

    def command(self, root: Path, scratch: Path, port: int) -> list[str]:
        return [self.executable, str(self.body_bytes)]


@dataclass(frozen=True)
class Node(Program):
    """The plain static server of static_server.js. Its compiler has to see first what is hot."""

    warm_up_s = 1

    def command(self, root: Path, scratch: Path, port: int) -> list[str]:
        return [str(find("node")), str(HERE / "static_server.js"), str(root)]


@dataclass(frozen=True)
class Nginx(Program):
    """nginx with one worker."""

    directives: str = "open_file_cache off;"
    threads: str = ""
    announces = False

    def command(self, root: Path, scratch: Path, port: int) -> list[str]:
        text = (HERE / "nginx.conf").read_text()
        text = text.replace("@DIRECTIVES@", self.directives).replace("@THREADS@", self.threads)
        return [str(find("nginx")), "-c", configure(text, root, scratch, port)]


@dataclass(frozen=True)
class Lighttpd(Program):
    """lighttpd as it comes: one process."""

    announces = False

    def command(self, root: Path, scratch: Path, port: int) -> list[str]:
        text = (HERE / "lighttpd.conf").read_text()
        return [str(find("lighttpd")), "-D", "-f", configure(text, root, scratch, port)]


def configure(text: str, root: Path, scratch: Path, port: int) -> str:
    """Fills in a configuration file; returns its name."""
    for name, value in (("ROOT", root), ("SCRATCH", scratch), ("PORT", port)):
        text = text.replace(f"@{name}@", str(value))
    path = scratch / "server.conf"
    path.write_text(text)
    return str(path)


def free_port() -> int:
    """A port that the system gave us just now. nginx and lighttpd cannot choose one themselves."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Running:
    """A server that runs and has said, or shown, that it is ready."""

    def __init__(self, program: Program, command: list[str], port: int, log: Path):
        self.program, self.port, self.log = program, port, log
        self.command = shlex.join(command)
        with log.open("wb") as output:
            # In a session of its own: Ctrl-C is for us, and we end it in order.
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL, start_new_session=True)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, path: str) -> str:
        """The address of a file."""
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_until_ready(self) -> None:
        """Waits for LISTENING, or until somebody answers at the port that we chose."""
        deadline = time.monotonic() + START_DEADLINE_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"{self.command}\n{self.log.read_text(errors='replace')}")
            time.sleep(POLL_S)

    def is_ready(self) -> bool:
        """Looks once."""
        if self.program.announces:
            found = re.search(r"^LISTENING .*:(\d+)$", self.log.read_text(errors="replace"),
                              re.MULTILINE)
            self.port = int(found[1]) if found else 0
            return found is not None
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def pids(self) -> list[int]:
        """The server's processes, without the tools that it runs under."""
        return [pid for pid in process.tree(self.process.pid)
                if process.command_name(pid) not in TOOLS]

    def tool_pids(self) -> list[int]:
        """The processes of the tools that it runs under."""
        return [pid for pid in process.tree(self.process.pid)
                if process.command_name(pid) in TOOLS]

    def usage(self) -> process.Usage:
        """What the server has used so far."""
        return process.usage(self.pids())

    def get(self, path: str) -> bytes:
        """Asks for one file, and complains if it is refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_DEADLINE_S)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            body = reply.read()
        finally:
            connection.close()
        if reply.status != http.client.OK:
            raise RuntimeError(f"{self.program.name} answers {reply.status} to GET {path}")
        return body

    def wait(self) -> None:
        """Waits until it has ended by itself."""
        self.process.wait(START_DEADLINE_S)

    def stop(self) -> None:
        """Asks it to end, twice, and then makes it; takes along whom it has left behind."""
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                self.kill_group(number)
                try:
                    self.process.wait(STOP_DEADLINE_S)
                except subprocess.TimeoutExpired:
                    continue
        self.kill_group(signal.SIGKILL)

    def kill_group(self, number: signal.Signals) -> None:
        """Signals the whole session, or only its leader while that can pass the signal on."""
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass


@dataclass(frozen=True)
class Launcher:
    """Starts programs in this build and with these files."""

    build: Path
    files: Files
    cores: Cores

    def start(self, program: Program, tool: Tool | None = None, cores: int = 1) -> Running:
        """Starts one, and returns it when it is ready. Another may have taken the port that the
        system gave us for it: then once more, with another."""
        for attempt in range(PORT_ATTEMPTS):
            try:
                return self.start_once(program, tool, cores)
            except CannotStart:
                if program.announces or attempt == PORT_ATTEMPTS - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def start_once(self, program: Program, tool: Tool | None, cores: int) -> Running:
        """One attempt. The tool is outside: it does not run on the server's core."""
        scratch = self.files.scratch(program.name)
        port = 0 if program.announces else free_port()
        command = program.command(self.files.root, scratch, port)
        command = self.cores.for_server(command, cores)
        if tool is not None:
            command = self.cores.for_load(tool.around(command, self.build, self.files))
        running = Running(program, command, port, scratch / "output")
        try:
            running.wait_until_ready()
        except BaseException:
            running.stop()
            raise
        return running


# --- which there are ----------------------------------------------------------------------------

NGINX = Nginx("nginx", "nginx")
NGINX_CACHING = replace(NGINX, directives="open_file_cache max=1000;")  # keeps files open
NGINX_AIO = Nginx("nginx-aio", "nginx", "open_file_cache off; aio threads=disk;",
                  "thread_pool disk threads=64 max_queue=65536;")
NODE = Node("node", "node")
LIGHTTPD = Lighttpd("lighttpd", "lighttpd")
PEERS = (NGINX, NODE, LIGHTTPD)


def choices(help_text: str, option: str) -> list[str]:
    """What an option of ours lets one choose, as the help lists it below the option."""
    found = re.search(rf"^ +(?:-\w, )? *--{option} .*\n((?: {{20,}}\S.*\n)*)", help_text,
                      re.MULTILINE)
    return [line.split()[0] for line in found[1].splitlines()] if found else []


class Ours:
    """What this build of our server offers. A model that is added tomorrow is found by itself."""

    def __init__(self, build: Path):
        self.executable = str(build / "threeways")
        self.help = subprocess.run([self.executable, "--help-all"], capture_output=True, text=True,
                                   timeout=START_DEADLINE_S, check=True).stdout
        self.version = version_line(self.executable, "--version")

    def has(self, option: str) -> bool:
        """Whether there is such an option."""
        return re.search(rf"--{option}\b", self.help) is not None

    def program(self, model: str, *options: str, name: str | None = None) -> Threeways:
        """One model, perhaps with options, and then perhaps under a name of its own."""
        return Threeways(name or model, self.executable, model, options)

    def models(self) -> list[Threeways]:
        """Every model there is, the textbook's order first."""
        order = ["single", "threads", "event"]
        found = choices(self.help, "model")
        return [self.program(model) for model in sorted(
            found, key=lambda model: order.index(model) if model in order else len(order))]

    def disks(self) -> list[Threeways]:
        """The event model with its other ways to read files."""
        return [self.program("event", "--disk", disk, name=f"event-{disk}")
                for disk in choices(self.help, "disk") if disk != "aio"]

    def nowait(self) -> list[Threeways]:
        """The event model that asks first whether the kernel has the bytes in memory."""
        if not self.has("nowait"):
            return []
        return [self.program("event", "--nowait", name="event-nowait")]
