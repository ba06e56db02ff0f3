"""Workload 6: the code. How much of it does each model need, beyond what all share?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from cases import Case
from charts import Bar, Bars
from report import Exhibit
from results import Measurement, Results
from sentences import Reader
from servers import Ours, choices
from session import Session

NUMBER, NAME, TITLE = "6", "code", "Code: what each way costs to write"
ASKED = ("Lines of C (without blank lines and comments), functions, and states of a request, from "
         "the sources: what each model needs beyond the core that all share. A file that two "
         "models use is counted for both.")
SERVER = Path(__file__).parents[3] / "server"
SHARED = "core"
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def code_lines(text: str) -> int:
    """Lines that are neither blank nor comment."""
    return sum(1 for line in COMMENT.sub("", text).splitlines() if line.strip())


def functions(text: str) -> int:
    """Functions: in our layout a brace at the beginning of a line opens one, and nothing else."""
    return len(re.findall(r"^\{", text, re.MULTILINE))


def states(printed: str) -> int:
    """States in the machine as --print-fsm prints it: names in the first column."""
    return len(set(re.findall(r"^[A-Z_]+\b", printed, re.MULTILINE)))


def files_of(model: str, session: Session) -> list[Path]:
    """A model's files: its own, and those whose headers it includes, and theirs; no core."""
    found: dict[Path, None] = {}
    to_read = [SERVER / f"models/{model}.c"]
    while to_read:
        path = to_read.pop()
        if path in found or not path.exists():
            continue
        found[path] = None
        for name in INCLUDE.findall(path.read_text()):
            if not name.startswith(f"{SHARED}/"):
                header = SERVER / name
                to_read += [header, *implementation(header, session)]
    return sorted(found)


def implementation(header: Path, session: Session) -> list[Path]:
    """The file behind a header; of several twins the one that was built, and the default."""
    own = header.with_suffix(".c")
    if own.exists():
        return [own]
    objects = session.build / "obj/server"
    built = [twin for twin in sorted(header.parent.glob(f"{header.stem}_*.c"))
             if (objects / twin.relative_to(SERVER).with_suffix(".o")).exists()]
    default = choices(session.ours.help, header.stem)[:1]
    chosen = [twin for twin in built if twin.stem.removeprefix(f"{header.stem}_") in default]
    return (chosen or built)[:1]


def cases(_: Session) -> list[Case]:
    """Nothing is run."""
    return []


def read(session: Session) -> None:
    """The sources are read instead."""
    machine = printed_machine(session.ours)
    for model in session.ours.models():
        text = {path: path.read_text() for path in files_of(model.name, session)}
        session.results.measurements.append(Measurement(
            NAME, model.name, 1, {}, {
                "lines": sum(map(code_lines, text.values())),
                "functions": sum(map(functions, text.values())),
                "states": states(machine) if model.name == "event" else None,
            }, session.ours.version, " ".join(str(path.relative_to(SERVER)) for path in text), ""))


def printed_machine(ours: Ours) -> str:
    """The finite-state machine in words."""
    return subprocess.run([ours.executable, "--print-fsm"], capture_output=True, text=True,
                          check=True).stdout


def exhibits(results: Results) -> list[Exhibit]:
    """Lines and functions."""
    found = Reader(results, NAME)
    chart = Bars("What each model needs beyond the shared core", "lines of C", {
        "": [Bar(server, found.get(server, "lines")) for server in found.servers()]}, whole=True)
    machine = found.get("event", "states")
    text = ("Lines of C: " + found.each("lines", "") + ". Functions: " +
            found.each("functions", "") + ". event has a machine of "
            f"{machine.median:.0f} states; " if machine else "") + (
            "in a blocking model the same state is the place in the code where a thread stands, "
            "and the variables on its stack.")
    return [Exhibit("6-code", chart, text)]
