"""How servers are called and drawn, and how figures are written, everywhere in the same way."""

from __future__ import annotations

from measure import Spread

LABELS = {"event-blocking": "event, blocking disk", "event-helpers": "event, helpers",
          "event-nowait": "event, nowait", "nginx-aio": "nginx, aio threads", "node": "Node.js"}

# Variants of one server have its colour; the line tells them apart (gnuplot's dash patterns).
DASHES = {"blocking": "(8,6)", "helpers": "(2,5)", "nowait": "(12,4,2,4)", "aio": "(8,6)"}
OURS = ("single", "threads", "event")


def label(server: str) -> str:
    """A server's name for people."""
    return LABELS.get(server, server)


def family(server: str) -> str:
    """Whose variant a server is: event-blocking is event."""
    return server.partition("-")[0]


def dash(server: str) -> str:
    """The pattern of a server's line."""
    return DASHES.get(server.partition("-")[2], "solid")


def number(value: float) -> str:
    """Two or three digits that mean something, and thousands apart."""
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.2g}"


def figure(found: Spread | None, unit: str = "", scale: float = 1.0, spread: bool = False) -> str:
    """A median with its unit, perhaps with its spread; a figure that is missing says so."""
    if found is None:
        return "not measured"
    text = number(found.median * scale) + (f" {unit}" if unit else "")
    if spread and found.runs > 1:
        text += f" ({number(found.low * scale)} to {number(found.high * scale)})"
    return text
