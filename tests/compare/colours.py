"""The project's colours, read from the one file that holds them."""

from __future__ import annotations

import re
from pathlib import Path

COLOURS_H = Path(__file__).parents[2] / "server/core/colours.h"
DEFINITION = re.compile(r'^#define COLOUR_(\w+)\s+"(#[0-9A-Fa-f]{6})"', re.MULTILINE)


def parse(header: str) -> dict[str, str]:
    """COLOUR_NAME "#RRGGBB" as {NAME: #RRGGBB}."""
    return dict(DEFINITION.findall(header))


def load(path: Path = COLOURS_H) -> dict[str, str]:
    """All colours by name."""
    return parse(path.read_text())
