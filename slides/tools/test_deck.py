"""What a deck can ask for, and how it is told that something is not there."""

import json
import tempfile
import unittest
from pathlib import Path

import build
import deck
import reference

ROOT = Path(__file__).parents[2]

RESULTS = {
    "schema": 1, "made": "2026-01-31T12:00:00+00:00",
    "machine": {"processor": "A processor", "cores": 2, "pinned": "server on core 0"},
    "versions": {}, "settings": {"runs": 3, "quick": False}, "gaps": [],
    "measurements": [
        {"workload": "exercise", "server": server, "run": run, "parameters": {"cores": cores},
         "figures": {"requests_per_s": figure}, "version": "", "command": "", "load": ""}
        for server, cores, figures in (("event", 1, (60, 64, 62)), ("threads", 2, (124, 124, 124)),
                                       ("event", 2, (62, 62, 62)))
        for run, figure in enumerate(figures, start=1)],
}


class Decks(unittest.TestCase):
    """Directives."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        results = Path(folder.name) / "results.json"
        results.write_text(json.dumps(RESULTS))
        self.sources = deck.Sources(ROOT, None, results, {"EVENT": "#009E73"})

    def build(self, text: str) -> str:
        """The Markdown of a deck."""
        return deck.build(text, "deck.md", self.sources)

    def assert_broken(self, text: str, why: str) -> None:
        """A deck that cannot be built, and what it says."""
        with self.assertRaisesRegex(deck.Broken, why):
            self.build(text)

    def test_plain_text_stays(self) -> None:
        self.assertEqual(self.build("# a\n\nb"), "# a\n\nb\n")

    def test_code(self) -> None:
        built = self.build('{{code server/event/fsm.c:fsm_step mark "enter("}}')
        self.assertIn('<span class="mark">', built)
        self.assertIn("<figcaption>server/event/fsm.c</figcaption>", built)

    def test_code_with_its_comment(self) -> None:
        self.assertIn("The one place where a state is set",
                      self.build("{{code server/event/fsm.c:enter comment}}"))

    def test_what_is_missing_is_told_with_its_line(self) -> None:
        self.assert_broken("a\n\n{{code server/event/fsm.c:gone}}", r"deck.md:3: .*defines no gone")
        self.assert_broken('{{code server/event/fsm.c:enter mark "gone"}}', "deck.md:1: .*gone")
        self.assert_broken("{{code server/event/fsm.c:enter bold}}", "'bold' is none of")
        self.assert_broken('{{screenshot gone "nothing"}}', "make screenshots")
        self.assert_broken("{{diagram gone}}", "deck.md:1: .*gone.txt")
        self.assert_broken("{{sing}}", "there is no {{sing}}")
        self.assert_broken("text {{diagram race}}", "a line of its own")
        self.assert_broken("{{state LOADING}}", "no server")

    def test_figures(self) -> None:
        self.assertEqual(self.build("{{figure exercise event requests_per_s cores=1}}"), "62\n")
        self.assertEqual(
            self.build("{{figure exercise event requests_per_s cores=1 scale=0.001 unit=k}}"),
            "0.062 k\n")
        self.assertEqual(
            self.build("<!-- {{ratio exercise threads event requests_per_s cores=2}} -->"),
            "<!-- 2 -->\n")
        self.assertEqual(self.build("{{reference date}}"), "2026-01-31\n")

    def test_figures_that_are_not_there(self) -> None:
        self.assert_broken("{{figure exercise event p99_us cores=1}}", "has no p99_us of event")
        self.assert_broken("{{figure exercise event speed cores=1}}", "no figure is called speed")
        self.assert_broken("{{figure exercise event requests_per_s}}", "2 settings fit; say which")
        self.assert_broken("{{chart gone}}", "no chart is called gone; there are 0-exercise")

    def test_without_a_reference_run(self) -> None:
        with self.assertRaisesRegex(reference.Missing, "make compare"):
            reference.load(Path("nowhere.json"))

    def test_caption(self) -> None:
        self.assertEqual(self.sources.run.caption(),
                         "A processor, 2 cores, server on core 0; 2026-01-31; median of 3 runs")

    def test_chart_without_the_room_of_its_title(self) -> None:
        drawn = ('<svg \n width="1120" height="616"\n viewBox="0 0 1120 616">')
        self.assertIn('viewBox="0 44 1120 590"', reference.cropped(drawn))


class Theme(unittest.TestCase):
    """Marp reads the name of a theme in its first comment."""

    def test_name_first(self) -> None:
        self.assertEqual(build.theme("/* @theme x */\nb {}", ":root {}\n", "@font-face {}\n"),
                         "/* @theme x */\n@font-face {}\n:root {}\n\nb {}")

    def test_without_a_name(self) -> None:
        with self.assertRaises(deck.Broken):
            build.theme("b {}", "", "")


if __name__ == "__main__":
    unittest.main()
