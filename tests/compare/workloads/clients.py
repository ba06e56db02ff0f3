"""Other people's clients: do all of them get all that they ask for?"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable

from load import Wrk
from machine import find, how_to_get
from servers import Running
from session import Session

NAME = "clients"
TITLE = "Requests made and failed by curl, wrk, h2load --h1 -m 10 (pipelining) and Chromium"
SIZE, FILES, PICTURES = 4096, 200, 40
PATIENCE_S = 60

# Chromium loads the page's pictures, and the page itself counts what became of them.
PAGE = """<!doctype html><title>pictures</title><body><script>
let loaded = 0, failed = 0;
function tell() { document.body.dataset.told = `loaded=${loaded} failed=${failed}`; }
for (let n = 0; n < COUNT; n++) {
    const picture = new Image();
    picture.onload = () => { loaded++; tell(); };
    picture.onerror = () => { failed++; tell(); };
    picture.src = `picture-${n}.svg`;
    document.body.append(picture);
}
</script>"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'

Outcome = tuple[int, int, str]  # requests, of them failed, command


def run(session: Session, command: list[str]) -> str:
    """What a client prints."""
    return subprocess.run(session.cores.for_load(command), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          timeout=PATIENCE_S, check=False).stdout


def by_curl(session: Session, server: Running) -> Outcome:
    """Two hundred files over one connection."""
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}\\n",
               server.url(f"/few/[00000-{FILES - 1:05d}].bin")]
    good = run(session, command).split("\n").count(f"200 {SIZE}")
    return FILES, FILES - good, shlex.join(command)


def by_wrk(session: Session, server: Running) -> Outcome:
    """As many as it can in two seconds."""
    load = Wrk(server.url("/few/00000.bin"), 64, 2, session.cores).result()
    return load.requests, load.failed, load.command


def by_h2load(session: Session, server: Running) -> Outcome:
    """Ten requests on the way on each connection."""
    command = ["h2load", "--h1", "-n20000", "-c32", "-m10", server.url("/few/00000.bin")]
    output = run(session, command)
    good = re.search(r"^status codes: (\d+) 2xx", output, re.MULTILINE)
    return 20000, 20000 - (int(good[1]) if good else 0), shlex.join(command)


def by_chromium(session: Session, server: Running) -> Outcome:
    """A page with forty pictures, over as many connections as a browser likes."""
    root = session.files.root
    (root / "pictures.html").write_text(PAGE.replace("COUNT", str(PICTURES)))
    for number in range(PICTURES):
        (root / f"picture-{number}.svg").write_text(PICTURE)
    profile = session.files.scratch("chromium")
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []  # it refuses to have one as root
    command = ["chromium", "--headless", *sandbox, "--disable-gpu", f"--user-data-dir={profile}",
               "--virtual-time-budget=10000", "--dump-dom", server.url("/pictures.html")]
    found = re.search(r'data-told="loaded=(\d+) failed=\d+"', run(session, command))
    return PICTURES + 1, PICTURES - int(found[1]) if found else PICTURES + 1, shlex.join(command)


CLIENTS: dict[str, Callable[[Session, Running], Outcome]] = {
    "curl": by_curl, "wrk": by_wrk, "h2load": by_h2load, "chromium": by_chromium}


def measure(session: Session) -> None:
    """Each client once: whether, not how fast."""
    session.files.numbered("few", FILES, SIZE)
    with session.serving([session.ours.program("event")]) as (server,):
        for client, fetch in CLIENTS.items():
            if find(client) is None:
                session.gap(NAME, "event", how_to_get(client))
                continue
            requests, failed, command = fetch(session, server)
            session.record(NAME, server, 1, {"client": client, "size_bytes": SIZE},
                           {"requests": requests, "failed": failed}, command)


def tell(session: Session) -> None:
    """A line for each client."""
    for measurement in session.results.measurements:
        if measurement.workload == NAME:
            session.say(f"  {measurement.parameters['client']:13} "
                        f"{measurement.figures['requests']:8} requests, "
                        f"{measurement.figures['failed']} failed")
