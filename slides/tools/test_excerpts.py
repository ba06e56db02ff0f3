"""What is cut out of sources, and that nothing is cut that is not there."""

import tempfile
import unittest
from pathlib import Path

import excerpts
import highlight

C = """\
/* A file. */
static int helper(int n);

/*
 * Doubles.
 */
static int helper(int n)
{
    if (n < 0)
        return 0;
    return 2 * n;
}

struct pair {
    int a, b;
};

#define BOTH(x) \\
    x, x

const int table[] = {
    [ONE] = { 1,
              2 },

    [TWO] = { 3 },
};

int main(void) {
    /* >>> middle */
    return helper(1);
    /* <<< middle */
}
"""


class Cutting(unittest.TestCase):
    """By name."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "a.c").write_text(C)

    def cut(self, what: str) -> str:
        """The text of a piece."""
        return excerpts.cut(self.root, what).text()

    def test_function_not_its_prototype(self) -> None:
        piece = excerpts.cut(self.root, "a.c:helper")
        self.assertEqual(piece.first, 7)
        self.assertTrue(piece.text().endswith("return 2 * n;\n}"))

    def test_function_with_its_brace_on_the_same_line(self) -> None:
        self.assertTrue(self.cut("a.c:main").startswith("int main(void) {"))

    def test_structure_macro_and_variable(self) -> None:
        self.assertEqual(self.cut("a.c:pair"), "struct pair {\n    int a, b;\n};")
        self.assertEqual(self.cut("a.c:BOTH"), "#define BOTH(x) \\\n    x, x")
        self.assertTrue(self.cut("a.c:table").startswith("const int table[]"))

    def test_element_without_the_blank_line_behind_it(self) -> None:
        self.assertEqual(self.cut("a.c:table[ONE]"), "[ONE] = { 1,\n          2 },")
        self.assertEqual(self.cut("a.c:table[TWO]"), "[TWO] = { 3 },")

    def test_region(self) -> None:
        self.assertEqual(self.cut("a.c#middle"), "return helper(1);")

    def test_whole_file(self) -> None:
        self.assertEqual(self.cut("a.c"), C.strip("\n"))

    def test_what_is_not_there(self) -> None:
        for what in ("a.c:nobody", "a.c:table[THREE]", "a.c#nowhere", "b.c", "a.c:help"):
            with self.subTest(what), self.assertRaises(excerpts.NotFound):
                excerpts.cut(self.root, what)

    def test_narrowing(self) -> None:
        piece = excerpts.narrow(excerpts.cut(self.root, "a.c:helper"), "if (n", "return 0")
        self.assertEqual(piece.text(), "if (n < 0)\n    return 0;")
        with self.assertRaises(excerpts.NotFound):
            excerpts.narrow(piece, "else", None)

    def test_leaving_out_takes_along_what_belongs_to_a_line(self) -> None:
        piece = excerpts.without(excerpts.cut(self.root, "a.c:helper"), "if (n")
        self.assertEqual(piece.text(), "static int helper(int n)\n{\n    return 2 * n;\n}")
        with self.assertRaises(excerpts.NotFound):
            excerpts.without(piece, "if (n")

    def test_leaving_out_columns(self) -> None:
        piece = excerpts.Excerpt("x", 1, ["slot state for", "   1 IDLE   2s", "two"])
        self.assertEqual(excerpts.cut_columns(piece, 5, 10).lines,
                         ["slot for", "   1  2s", "two"])

    def test_leaving_out_a_block(self) -> None:
        piece = excerpts.Excerpt("x", 1, ["{", "  if (a) {", "    b;", "  }", "  c;", "}"])
        self.assertEqual(excerpts.without(piece, "if (a)").lines, ["{", "  c;", "}"])


class Highlighting(unittest.TestCase):
    """Spans around words."""

    def test_kinds(self) -> None:
        shown = highlight.c_to_html('#include "x.h"\nreturn READY; /* a < b */')
        self.assertIn('<span class="directive">#include</span>', shown)
        self.assertIn('<span class="string">"x.h"</span>', shown)
        self.assertIn('<span class="word">return</span>', shown)
        self.assertIn('<span class="name">READY</span>', shown)
        self.assertIn('<span class="comment">/* a &lt; b */</span>', shown)

    def test_a_comment_of_two_lines_is_two_spans(self) -> None:
        self.assertEqual(highlight.c_to_html("/* a\n b */").count("<span"), 2)

    def test_no_blank_line_in_a_block(self) -> None:
        shown = highlight.block("a\n\nb", ["b"], True)
        self.assertNotIn("\n\n", shown)
        self.assertIn('<span class="mark">b</span>', shown)


if __name__ == "__main__":
    unittest.main()
