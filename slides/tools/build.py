#!/usr/bin/env python3
"""Makes the Markdown that Marp reads out of the decks, and the theme out of theme.css.

What is shown of the code, the machine and the measurements is taken from where it is; what is not
there (any more) ends the build, with the deck's line. See deck.py for what a deck can ask for.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
from pathlib import Path

import deck
import palette
import reference  # noqa: F401  (finds tests/compare for the next line)
import colours

ROOT = Path(__file__).parents[2]
FONTS = (("IBM Plex Sans", "sans", 400, "normal"), ("IBM Plex Sans", "sans", 400, "italic"),
         ("IBM Plex Sans", "sans", 600, "normal"), ("IBM Plex Mono", "mono", 400, "normal"),
         ("IBM Plex Mono", "mono", 600, "normal"))


def font_face(folder: Path, family: str, kind: str, weight: int, style: str) -> str:
    """A font inside the style sheet, so that slides look alike everywhere and without a network."""
    file = folder / f"ibm-plex-{kind}/files/ibm-plex-{kind}-latin-{weight}-{style}.woff2"
    data = base64.b64encode(file.read_bytes()).decode()
    return (f"@font-face {{ font-family: '{family}'; font-weight: {weight}; font-style: {style}; "
            f"src: url(data:font/woff2;base64,{data}) format('woff2'); }}\n")


def theme(source: str, palette_css: str, faces: str) -> str:
    """Marp wants the comment with the theme's name first."""
    name = re.match(r"/\*.*?\*/", source, re.DOTALL)
    if name is None:
        raise deck.Broken("slides/theme.css: begins with no comment that names the theme")
    return f"{name[0]}\n{faces}{palette_css}{source[name.end():]}"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__.partition("\n")[0])
    parser.add_argument("decks", nargs="+", type=Path, help="Markdown files")
    parser.add_argument("--out", type=Path, required=True, help="where the result goes")
    parser.add_argument("--server", type=Path, help="the program, to be asked for its machine")
    parser.add_argument("--fonts", type=Path, help="node_modules/@fontsource")
    parser.add_argument("--results", type=Path, default=ROOT / "slides/reference/results.json",
                        help="of the reference run")
    return parser.parse_args()


def main() -> int:
    """Builds all decks, or says what is wrong with each that cannot be built."""
    options = arguments()
    project = colours.load()
    sources = deck.Sources(ROOT, options.server and options.server.resolve(), options.results,
                           project)
    options.out.mkdir(parents=True, exist_ok=True)
    broken = 0
    for path in options.decks:
        try:
            built = deck.build(path.read_text(), str(path), sources)
            (options.out / path.name).write_text(built)
        except deck.Broken as error:
            print(f"slides: {error}", file=sys.stderr)
            broken += 1
    faces = "".join(font_face(options.fonts, *font) for font in FONTS) if options.fonts else ""
    style = (ROOT / "slides/theme.css").read_text()
    (options.out / "theme.css").write_text(theme(style, palette.css(project), faces))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
