"""A sheet to draw on: rectangles, letters, lines and arrows, as one SVG for the inside of a page.

Each letter says what it stands on (`data-on`), so that the slides' test can see whether it can be
read. Widths are estimates, on the safe side: a label that does not fit is an error.
"""

from __future__ import annotations

import html
import itertools

import palette

SIZE, SMALL = 24, 21  # of letters, in the units of a slide
SANS = "'IBM Plex Sans', 'DejaVu Sans', sans-serif"
MONO = "'IBM Plex Mono', 'DejaVu Sans Mono', monospace"
NARROW, WIDE = "iljtfrI.,:;'|!()[] ", "mwMW@%"

serial = itertools.count(1)  # an SVG's patterns need names of their own on the page


def text_width(text: str, size: float, mono: bool = False, bold: bool = False) -> float:
    """About how wide these letters are."""
    if mono:
        return 0.6 * size * len(text)
    em = sum(0.34 if c in NARROW else 0.9 if c in WIDE else 0.68 if c.isupper() else 0.57
             for c in text)
    return em * size * (1.05 if bold else 1)


class Sheet:
    """What has been drawn so far."""

    def __init__(self, width: float, height: float, name: str):
        self.width, self.height, self.name = width, height, name
        self.number = next(serial)
        self.parts: list[str] = []
        self.hatches: dict[tuple[str, str], str] = {}

    # --- areas ------------------------------------------------------------------------------------

    def rect(self, x: float, y: float, width: float, height: float, fill: str = "none",
             stroke: str = "none", radius: float = 4, dashed: bool = False,
             line: float = 2) -> None:
        """A rectangle."""
        more = ' stroke-dasharray="6 5"' if dashed else ""
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" '
                          f'height="{height:.1f}" rx="{radius}" fill="{fill}" stroke="{stroke}" '
                          f'stroke-width="{line}"{more}/>')

    def hatch(self, ground: str, lines: str) -> str:
        """The name of a fill with slanting lines."""
        key = (ground, lines)
        if key not in self.hatches:
            self.hatches[key] = f"hatch{self.number}-{len(self.hatches)}"
        return f"url(#{self.hatches[key]})"

    # --- letters ----------------------------------------------------------------------------------

    def text(self, x: float, y: float, words: str, size: float = SIZE, fill: str = palette.INK,
             on: str = palette.GROUND, anchor: str = "start", bold: bool = False,
             mono: bool = False) -> None:
        """Words on the line at y, which runs through their middle."""
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y + size * 0.35:.1f}" font-size="{size}" fill="{fill}" '
            f'text-anchor="{anchor}" font-family="{MONO if mono else SANS}"{weight} '
            f'data-on="{on}">{html.escape(words)}</text>')

    # --- lines ------------------------------------------------------------------------------------

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str = palette.SOFT,
             line: float = 2, dashed: bool = False) -> None:
        """A straight line."""
        more = ' stroke-dasharray="6 6"' if dashed else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{stroke}" stroke-width="{line}"{more}/>')

    def arrow(self, x1: float, y1: float, x2: float, y2: float, stroke: str = palette.INK,
              line: float = 3, curved: bool = False) -> None:
        """A line with a head; curved ones leave and arrive horizontally."""
        length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 1)
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        if curved:
            ux, uy = 1 if x2 >= x1 else -1, 0
        bx, by = x2 - ux * 14, y2 - uy * 14  # where the head begins
        bend = (x2 - x1) * 0.5
        path = (f"M{x1:.1f},{y1:.1f} C{x1 + bend:.1f},{y1:.1f} {bx - bend:.1f},{by:.1f} "
                f"{bx:.1f},{by:.1f}" if curved else f"M{x1:.1f},{y1:.1f} L{bx:.1f},{by:.1f}")
        self.parts.append(f'<path d="{path}" fill="none" stroke="{stroke}" '
                          f'stroke-width="{line}"/>')
        self.parts.append(f'<path d="M{x2:.1f},{y2:.1f} L{bx - uy * 7:.1f},{by + ux * 7:.1f} '
                          f'L{bx + uy * 7:.1f},{by - ux * 7:.1f} Z" fill="{stroke}"/>')

    # --- all of it --------------------------------------------------------------------------------

    def svg(self, description: str) -> str:
        """On one line: a blank one would end an HTML block of Markdown."""
        patterns = "".join(
            f'<pattern id="{name}" width="10" height="10" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="10" height="10" fill="{ground}"/>'
            f'<rect width="4" height="10" fill="{lines}"/></pattern>'
            for (ground, lines), name in self.hatches.items())
        return (f'<svg class="diagram" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
                f'aria-label="{html.escape(description)}"><defs>{patterns}</defs>'
                + "".join(self.parts) + "</svg>")
