"""Colours C for a slide: comments, words of the language, strings. Anything else stays ink."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

WORDS = ("auto bool break case char const continue default do double else enum extern float for "
         "goto if inline int int64_t long NULL register return short signed size_t sizeof ssize_t "
         "static struct switch true false typedef uint32_t uint64_t uint8_t union unsigned void "
         "volatile while").split()

TOKEN = re.compile("|".join((
    r"(?P<comment>/\*.*?\*/|//[^\n]*)",
    r'(?P<string>"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')',
    r"(?P<directive>^[ \t]*\#[ \t]*\w+)",
    r"(?P<word>\b(?:" + "|".join(WORDS) + r")\b)",
    r"(?P<name>\b[A-Z][A-Z0-9_]{2,}\b)",
)), re.DOTALL | re.MULTILINE)


def c_to_html(code: str) -> str:
    """Spans around what has a colour. No span goes over the end of a line."""
    parts, at = [], 0
    for token in TOKEN.finditer(code):
        parts.append(html.escape(code[at:token.start()], quote=False))
        parts += spans(token.group(), str(token.lastgroup))
        at = token.end()
    parts.append(html.escape(code[at:], quote=False))
    return "".join(parts)


def spans(text: str, kind: str) -> list[str]:
    """A span for each line of a token."""
    lines = [f'<span class="{kind}">{html.escape(line, quote=False)}</span>' if line else ""
             for line in text.split("\n")]
    return ["\n".join(lines)]


def block(code: str, marked: Sequence[str], is_c: bool, size: str = "") -> str:
    """A whole listing on one line of HTML: each row is a block (theme.css). Rows that hold one of
    the `marked` words stand out."""
    shown = c_to_html(code) if is_c else html.escape(code, quote=False)
    rows = []
    for plain, line in zip(code.split("\n"), shown.split("\n"), strict=True):
        kind = ' class="mark"' if any(word in plain for word in marked) else ""
        rows.append(f"<span{kind}>{line or ' '}</span>")
    return f'<pre class="listing {size}"><code>' + "".join(rows) + "</code></pre>"
