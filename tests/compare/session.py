"""What every workload needs at hand while figures are taken, and how it tells them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import machine
from files import Files
from load import Load
from measure import Spread, cpu_us_per_request, ratios, spread
from process import Usage
from results import Figures, Gap, Measurement, Parameters, Results
from servers import Floor, Launcher, Ours, Program, Running, SlowDisk

TREE = Path(__file__).resolve().parents[2]
TOOLS = ("wrk", "curl", "h2load", "chromium", "strace", "gnuplot")


class Session:
    """One run of the harness: programs, files, cores, and what was found."""

    def __init__(self, build: Path, files: Files, runs: int, quick: bool, pinned: bool):
        self.build, self.runs, self.quick = build.resolve(), runs, quick
        self.cores = machine.Cores.of_this_machine() if pinned else machine.Cores.shared()
        self.ours = Ours(self.build)
        self.files = files
        self.launcher = Launcher(self.build, self.files, self.cores)
        self.results = Results(machine=machine.describe(self.cores),
                               settings={"runs": runs, "quick": quick})
        self.results.versions = {tool: version for tool in TOOLS
                                 if (version := machine.version(tool)) is not None}
        self.results.versions["threeways"] = self.ours.version
        self.told: set[str] = set()

    # --- servers ---------------------------------------------------------------------------------

    def floor(self, body_bytes: int) -> Floor:
        """The canned reply, of this size."""
        return Floor("floor", str(self.build / "floor"), body_bytes)

    def available(self, workload: str, programs: Sequence[Program]) -> list[Program]:
        """Those that can be started here. For the others a line says how to get them."""
        found = []
        for program in programs:
            why = program.missing()
            if why is None:
                self.results.versions.setdefault(program.executable.rpartition("/")[2],
                                                 program.version())
                found.append(program)
            else:
                self.gap(workload, program.name, why)
        return found

    @contextmanager
    def serving(self, programs: Sequence[Program], disk: SlowDisk | None = None,
                cores: int = 1) -> Iterator[list[Running]]:
        """All of them at once, to take turns. Who waits its turn is idle and costs nothing."""
        with ExitStack() as stack:
            yield [stack.enter_context(self.launcher.start(program, disk, cores))
                   for program in programs]

    # --- what was found --------------------------------------------------------------------------

    def gap(self, workload: str, server: str, why: str) -> None:
        """Notes what could not be measured, and says why, once."""
        self.results.gaps.append(Gap(workload, server, why))
        if why not in self.told:
            self.told.add(why)
            self.say(f"  {why}")

    def record(self, workload: str, server: Running, run: int, parameters: Parameters,
               figures: Figures, load: str) -> None:
        """Keeps a measurement."""
        self.results.measurements.append(Measurement(
            workload, server.program.name, run, parameters, figures, server.program.version(),
            self.anywhere(server.command), self.anywhere(load)))

    def anywhere(self, command: str) -> str:
        """A command without the names of this machine's directories."""
        return command.replace(f"{TREE}/", "").replace(str(self.files.folder), "SCRATCH")

    def record_load(self, workload: str, server: Running, run: int, parameters: Parameters,
                    load: Load, used: Usage, **more: float | None) -> None:
        """Keeps a measurement that wrk made."""
        figures = load.figures() | {"cpu_us_per_request": cpu_us_per_request(load, used)} | more
        self.record(workload, server, run, parameters, figures, load.command)

    def failures(self) -> int:
        """Requests that failed in all measurements."""
        return sum(int(m.figures.get("failed") or 0) for m in self.results.measurements)

    # --- what is told ----------------------------------------------------------------------------

    def say(self, line: str = "") -> None:
        """Prints a line at once."""
        print(line, flush=True)

    def progress(self, text: str) -> None:
        """Shows on a terminal what is being measured."""
        if sys.stderr.isatty():
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{text[:width]:{width}}\r", end="", file=sys.stderr, flush=True)

    def table(self, workload: str, figure: str, caption: str, scale: float = 1.0,
              compare: Sequence[tuple[str, str]] = ()) -> None:
        """Prints a figure run by run, with ratios, and then medians and spread."""
        columns = {server: [value * scale for value in values]
                   for server in self.results.servers(workload)
                   if (values := self.results.values(workload, server, figure))}
        for ours, theirs in compare:
            if ours in columns and theirs in columns:
                columns[f"{ours}/{theirs}"] = ratios(columns[ours], columns[theirs])
        self.say(caption)
        self.say("  run " + "".join(f"{name:>13}" for name in columns))
        for run, row in enumerate(zip(*columns.values(), strict=True), start=1):
            self.say(f"  {run:3} " + "".join(f"{value:13.2f}" for value in row))
        for name, values in columns.items():
            self.say(f"  {name:13} {told(spread(values))}")


def told(figure: Spread | None, unit: str = "") -> str:
    """A median and its spread in words."""
    if figure is None:
        return "not measured"
    unit = f" {unit}" if unit else ""
    return f"median {figure.median:.2f}{unit}  ({figure.low:.2f} to {figure.high:.2f})"
