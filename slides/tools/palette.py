"""The project's colours as slides need them: from server/core/colours.h, and dark enough to read.

The models' colours are made for surfaces. As letters on white some are too pale, so each also has
an ink: the same hue, darkened until it can be read (contrast 4.5:1, WCAG 2).
"""

from __future__ import annotations

from collections.abc import Mapping

GROUND, INK, SOFT, PANEL = "#FFFFFF", "#16161A", "#55555F", "#F5F5F2"
READABLE = 4.5
MARGIN = 0.1  # above it, for rounding and for a panel that is not quite white


def rgb(colour: str) -> tuple[int, int, int]:
    """#RRGGBB as numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    linear = [c / 12.92 if (c := part / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
              for part in rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """So much of the other colour in it."""
    return "#" + "".join(f"{round(a + (b - a) * share):02X}"
                         for a, b in zip(rgb(colour), rgb(other), strict=True))


def ink(colour: str, ground: str = PANEL) -> str:
    """The colour, as dark as it must be for letters."""
    share = 0.0
    while contrast(mix(colour, "#000000", share), ground) < READABLE + MARGIN:
        share += 0.02
    return mix(colour, "#000000", share)


def on(colour: str) -> str:
    """What can be read on this surface: black or white, whichever is better."""
    return max((INK, GROUND), key=lambda letters: contrast(letters, colour))


def css(colours: Mapping[str, str]) -> str:
    """All of them as CSS variables: --disk, and --disk-ink for letters, --disk-pale for areas."""
    lines = [f"    --ground: {GROUND}; --ink: {INK}; --soft: {SOFT}; --panel: {PANEL};"]
    for name, colour in colours.items():
        word = name.lower()
        lines.append(f"    --{word}: {colour}; --{word}-ink: {ink(colour)}; "
                     f"--{word}-pale: {mix(colour, GROUND, 0.82)}; --on-{word}: {on(colour)};")
    return ":root {\n" + "\n".join(lines) + "\n}\n"
