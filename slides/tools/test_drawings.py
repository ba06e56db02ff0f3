"""Diagrams, the machine's picture, and colours that can be read."""

import unittest
from pathlib import Path

import reference  # noqa: F401  (finds tests/compare)
import colours
import diagrams
import fsm_picture
import palette
from svg import text_width

ROOT = Path(__file__).parents[2]
COLOURS = colours.load()
DOT = """\
digraph request {
  A [pos="0.0,0.0!", fillcolor="#FFFFFF"];
  B [pos="4.0,0.0!", fillcolor="#E69F00", label=<B<BR/>stays>];
  A -> B;
  A_B [shape=plain, style="", fixedsize=false, fontsize=16, pos="2.0,0.3!", label="GO\\nRUN"];
  B -> A [color="#BBBBBB", penwidth=1];
}
"""


def draw(text: str) -> str:
    """A diagram's SVG."""
    return diagrams.draw_text(text, "test.txt", ROOT, COLOURS)


class Diagrams(unittest.TestCase):
    """The text format."""

    def test_timeline(self) -> None:
        svg = draw('timeline\nabout "x"\naxis 0 30 ms 15\nlane a single "thread"\n'
                   'bar 0 15 cpu "A"\nlane d - "disk"\nbar 15 30 disk "reads"\n'
                   'arrow a 15 d 16\nline 15\nkey')
        self.assertIn(COLOURS["SINGLE"], svg)
        self.assertIn(">30 ms<", svg)
        self.assertNotIn("\n", svg)

    def test_stacks_look_functions_up(self) -> None:
        head = 'stacks\nabout "x"\nstack s threads "stack"\n'
        self.assertIn(">main()<", draw(head + 'cell m "@server/main.c:main"'))
        with self.assertRaisesRegex(diagrams.Broken, "test.txt:4: .*defines no nobody"):
            draw(head + 'cell m "@server/main.c:nobody"')

    def test_faults_say_their_line(self) -> None:
        for text in ("nothing\n", "timeline\nsing 1\n", "timeline\naxis 0\n",
                     'timeline\nlane a - "x"\nbar 0 1 nap "x"\n', "timeline\nbar 0 1 cpu\n"):
            with self.subTest(text), self.assertRaises(diagrams.Broken):
                draw('about "x"\n' + text)

    def test_an_arrow_to_nowhere(self) -> None:
        with self.assertRaises(diagrams.Broken):
            draw('timeline\nabout "x"\nlane a - "x"\narrow a 1 b 2')

    def test_a_label_that_does_not_fit(self) -> None:
        with self.assertRaisesRegex(diagrams.Broken, "needs"):
            draw('timeline\nabout "x"\naxis 0 100\nlane a - "x"\nbar 0 2 cpu "much too long"')

    def test_a_diagram_says_what_it_shows(self) -> None:
        with self.assertRaisesRegex(diagrams.Broken, "about"):
            draw('timeline\nlane a - "x"')

    def test_all_that_are_there(self) -> None:
        for path in sorted((ROOT / "slides/diagrams").glob("*.txt")):
            with self.subTest(path.name):
                self.assertTrue(diagrams.draw(path, ROOT, COLOURS).startswith("<svg"))

    def test_two_pictures_on_a_page_do_not_share_names(self) -> None:
        text = 'timeline\nabout "x"\nlane a - "x"\nbar 0 9 queue "waits"'
        self.assertNotEqual(draw(text), draw(text))

    def test_wide_letters_are_wider(self) -> None:
        self.assertGreater(text_width("mmm", 20), text_width("iii", 20))


class MachinePicture(unittest.TestCase):
    """From the server's own dot."""

    def test_parse(self) -> None:
        machine = fsm_picture.parse(DOT)
        self.assertEqual(machine.states["B"], (4.0, 0.0, "#E69F00"))
        self.assertEqual(machine.edges, {("A", "B"): False, ("B", "A"): True})
        self.assertEqual(machine.labels["A", "B"][2], "GO\\nRUN")

    def test_a_label_gives_way_to_a_state(self) -> None:
        self.assertEqual(fsm_picture.beside_states(0, 0, 50, [(500, 0)]), (0, 0))
        x, y = fsm_picture.beside_states(0, 0, 50, [(0, 0)])
        self.assertEqual(x, 0)
        self.assertLess(y, -26)

    def test_lit_path(self) -> None:
        drawn = fsm_picture.redraw(DOT, ["A>B"])
        self.assertIn("penwidth=5", drawn)
        self.assertIn('A -> B [color="#16161A"', drawn)

    def test_labels_stand_where_the_dot_has_them(self) -> None:
        shown = fsm_picture.labels(DOT, '<text text-anchor="middle" x="100" y="-50">A</text>')
        self.assertIn(f'x="{100 + 2 * 72 * fsm_picture.SCALE_X:.1f}"', shown)
        self.assertIn(">GO</text>", shown)
        self.assertEqual(fsm_picture.labels(DOT, '<text x="1" y="2">A</text>', only=["A"]), "")

    def test_the_usual_event_of_an_arrow(self) -> None:
        usual = fsm_picture.usual_events(fsm_picture.OBSERVER.read_text())
        self.assertEqual(fsm_picture.shortest("TIMED_OUT\\nMALFORMED\\nHIT", usual), "HIT")
        self.assertEqual(fsm_picture.shortest("HUNG_UP\\nTIMED_OUT", usual), "HUNG_UP")
        with self.assertRaises(fsm_picture.Unknown):
            fsm_picture.usual_events("")

    def test_only_some_states(self) -> None:
        self.assertNotIn("  B [", fsm_picture.redraw(DOT, only=["A"]))

    def test_what_the_table_does_not_have(self) -> None:
        for path, only in ((["A>C"], []), ([], ["C"])):
            with self.assertRaises(fsm_picture.Unknown):
                fsm_picture.redraw(DOT, path, only)
        with self.assertRaises(fsm_picture.Unknown):
            fsm_picture.parse("digraph {}")


class Colours(unittest.TestCase):
    """Readable, and the project's own."""

    def test_contrast(self) -> None:
        self.assertAlmostEqual(palette.contrast("#000000", "#FFFFFF"), 21)
        self.assertAlmostEqual(palette.contrast("#777777", "#FFFFFF"), 4.48, places=2)

    def test_every_ink_can_be_read(self) -> None:
        for name, colour in COLOURS.items():
            with self.subTest(name):
                for ground in (palette.GROUND, palette.PANEL):
                    self.assertGreaterEqual(palette.contrast(palette.ink(colour), ground), 4.5)
                self.assertGreaterEqual(palette.contrast(palette.on(colour), colour), 4.5)

    def test_variables(self) -> None:
        css = palette.css(COLOURS)
        self.assertIn(f"--event: {COLOURS['EVENT']};", css)
        self.assertIn("--disk-ink: #", css)


if __name__ == "__main__":
    unittest.main()
