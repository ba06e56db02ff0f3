"""One client that fetches a large file: bytes per second, and what they cost."""

from __future__ import annotations

import shlex
import subprocess

from files import warm, write
from machine import find, how_to_get
from measure import take_turns
from servers import NGINX, Running
from session import Session

NAME = "large"
TITLE = "One client (curl) fetching a file of 1 GiB, which was written and then read once (warm)"
GIB = 1 << 30
PATIENCE_S = 120


def measure(session: Session) -> None:
    """nginx with sendfile, which hands pages to the socket without copying them."""
    if find("curl") is None:
        session.gap(NAME, "", how_to_get("curl"))
        return
    file = session.files.root / "large.bin"
    write(file, GIB)
    warm(file)
    with session.serving(session.available(
            NAME, [session.ours.program("event"), NGINX])) as servers:
        for run, server in take_turns(servers, session.runs):
            fetch(session, server, run)
    file.unlink()


def fetch(session: Session, server: Running, run: int) -> None:
    """Fetches the file once."""
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{time_total}",
               server.url("/large.bin")]
    before = server.usage()
    output = subprocess.run(session.cores.for_load(command), capture_output=True, text=True,
                            timeout=PATIENCE_S, check=False).stdout
    used = server.usage().since(before)
    status, size, seconds = output.split()
    complete = status == "200" and int(size) == GIB
    session.record(NAME, server, run, {"size_bytes": GIB, "connections": 1}, {
        "requests": 1, "failed": 0 if complete else 1, "seconds": float(seconds),
        "bytes_per_s": int(size) / float(seconds),
        "cpu_s_per_gib": used.cpu_s * GIB / int(size) if int(size) else None,
    }, shlex.join(command))


def tell(session: Session) -> None:
    """Throughput, and CPU time per GiB."""
    session.table(NAME, "bytes_per_s", "Throughput in MB/s", scale=1e-6,
                  compare=[("event", "nginx")])
    session.table(NAME, "cpu_s_per_gib", "CPU time in s per GiB", compare=[("event", "nginx")])
