"""The files that servers serve while they are measured: in a temp folder, removed at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

BLOCK_BYTES = 1 << 20


class Files:
    """A temp folder. `root` is what is served; `root/cold` is what a slow disk makes slow."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="threeways-compare-"))
        self.folder.chmod(0o755)  # nginx, started by root, reads as another user
        self.root = self.folder / "root"
        self.cold = self.root / "cold"
        self.cold.mkdir(parents=True)

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def scratch(self, name: str) -> Path:
        """A folder of its own for one server's configuration and logs."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    def hot(self, size: int) -> str:
        """One file of `size` bytes; returns the path to ask for."""
        name = f"hot-{size}.bin"
        write(self.root / name, size)
        return f"/{name}"

    def numbered(self, folder: str, count: int, size: int) -> str:
        """`count` files of `size` bytes; returns their names as a pattern for wrk.lua."""
        directory = self.root / folder
        directory.mkdir(exist_ok=True)
        content = os.urandom(size)
        for number in range(count):
            path = directory / f"{number:05d}.bin"
            if not path.exists():
                path.write_bytes(content)
        return f"/{folder}/%05d.bin"


def write(path: Path, size: int) -> None:
    """Writes bytes that do not compress, so that no part of the way can cheat."""
    if path.exists() and path.stat().st_size == size:
        return
    block = os.urandom(min(size, BLOCK_BYTES))
    with path.open("wb") as file:
        for offset in range(0, size, BLOCK_BYTES):
            file.write(block[:size - offset])


def warm(path: Path) -> None:
    """Reads a file once, so that the kernel has it in memory."""
    with path.open("rb", buffering=0) as file:
        while file.read(BLOCK_BYTES):
            pass
