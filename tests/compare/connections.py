"""Clients that wrk cannot play: those that are connected and do nothing, or read very slowly."""

from __future__ import annotations

import re
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

PATIENCE_S = 10
SLOW_BUFFER, SLOW_BYTES = 4096, 1024


def allow_descriptors() -> None:
    """As many descriptors as the system lets us have: each client is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def ask(client: socket.socket, path: str) -> None:
    """Sends a request."""
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())


def read_reply(client: socket.socket) -> None:
    """Reads a whole reply, by its Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(client)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        missing -= len(received(client))


def received(client: socket.socket) -> bytes:
    """What has come; the end of the stream comes too early here."""
    data = client.recv(1 << 16)
    if not data:
        raise ConnectionError("the server closed a connection that was to stay open")
    return data


@contextmanager
def idle(port: int, count: int, path: str) -> Iterator[None]:
    """Keeps connections open that have had one reply each and then ask for nothing."""
    with ExitStack() as stack:
        for _ in range(count):
            client = stack.enter_context(
                socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
            ask(client, path)
            read_reply(client)
        yield


@contextmanager
def slow_readers(port: int, count: int, path: str) -> Iterator[None]:
    """Clients that ask for a large file and read 1 KiB of it in a second.

    Their receive buffers are small, so that the server cannot leave the file with the kernel and
    forget them.
    """
    stop = threading.Event()
    with ExitStack() as stack:
        clients = []
        for _ in range(count):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER)
            client.connect(("127.0.0.1", port))
            client.setblocking(False)
            ask(client, path)
            clients.append(client)
        reader = threading.Thread(target=read_slowly, args=(clients, stop), daemon=True)
        reader.start()
        try:
            yield
        finally:
            stop.set()
            reader.join()


def read_slowly(clients: list[socket.socket], stop: threading.Event) -> None:
    """Takes a KiB from each client, once a second."""
    while not stop.wait(1):
        for client in clients:
            try:
                client.recv(SLOW_BYTES)
            except OSError:  # nothing there yet, or the server has closed it
                pass
