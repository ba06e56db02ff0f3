"""What all charts have in common, in gnuplot's language."""

from __future__ import annotations

from collections.abc import Mapping

import names

WIDTH, HEIGHT, FONT_SIZE, TITLE_SIZE = 1280, 720, 24, 28
INK, GRID = "#222222", "#DDDDDD"
FONT = "DejaVu Sans"


def quoted(words: str) -> str:
    """Text for gnuplot, with nothing special in it."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text(tag: int, what: str, where: str, more: str = "") -> str:
    """Words somewhere on the chart."""
    return f'set label {tag} {quoted(what)} at {where} tc rgb "{INK}" {more}'


def bold(server: str) -> str:
    """Ours stand out among the others."""
    return f'font "{FONT} Bold,{FONT_SIZE}"' if server in names.OURS else ""


def colour_of(server: str, colours: Mapping[str, str]) -> str:
    """The colour of a server's family. One that the file of colours does not know is ink."""
    return colours.get(names.family(server).upper(), INK)


def head(title: str, left: float, right: float, top: float, bottom: float) -> list[str]:
    """The sheet, its title, and where on it the plot is."""
    return [f'set terminal svg noenhanced size {WIDTH},{HEIGHT} font "{FONT},{FONT_SIZE}" '
            'background "#FFFFFF"',
            f'set border 3 lc rgb "{INK}"', "set tics nomirror", "unset key",
            f'set grid lc rgb "{GRID}" lt 1 dt solid lw 1',
            f"set lmargin at screen {left}", f"set rmargin at screen {right}",
            f"set tmargin at screen {top}", f"set bmargin at screen {bottom}",
            text(1, title, "screen 0.02,0.95", f'left font "{FONT} Bold,{TITLE_SIZE}"')]
