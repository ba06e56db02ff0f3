"""The parts that only calculate: medians, ratios, schema, colours, layout, and reading output."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import tempfile
import unittest
from pathlib import Path

import colours
import load
import measure
import names
import process
import results
from layout import Axis, bars_end, spread_apart
from workloads import sources

README = Path(__file__).with_name("README.md")


def measurement(run: int, **figures: float | None) -> results.Measurement:
    """One of the workload hits."""
    return results.Measurement("hits", "event", run, {"connections": 64}, figures, "0.1",
                               "threeways root", "wrk")


class Medians(unittest.TestCase):
    """Middle, spread and ratios."""

    def test_median_of_an_odd_number_is_the_middle_one(self) -> None:
        self.assertEqual(measure.spread([3, 1, 2]), measure.Spread(2, 1, 3, 3))

    def test_median_of_an_even_number_is_between_the_two_in_the_middle(self) -> None:
        self.assertEqual(measure.spread([4, 1, 2, 3]).median, 2.5)

    def test_ratios_are_taken_run_by_run(self) -> None:
        self.assertEqual(measure.ratios([2, 9], [4, 3]), [0.5, 3])

    def test_ratios_of_unequal_numbers_of_runs_are_refused(self) -> None:
        with self.assertRaises(ValueError):
            measure.ratios([1, 2], [1])

    def test_every_subject_has_its_turn_in_every_run(self) -> None:
        self.assertEqual(list(measure.take_turns("ab", 2)),
                         [(1, "a"), (1, "b"), (2, "b"), (2, "a")])


class Schema(unittest.TestCase):
    """results.json and results.csv."""

    def written(self) -> Path:
        """A folder with the results of two runs."""
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        found = results.Results(machine={"cores": 2}, measurements=[
            measurement(1, requests=10, cpu_us_per_request=11.5), measurement(2, requests=None)])
        found.write(folder)
        return folder

    def test_unknown_names_cannot_be_recorded(self) -> None:
        with self.assertRaises(ValueError):
            measurement(1, speed=1)

    def test_no_name_is_both_parameter_and_figure(self) -> None:
        self.assertEqual(len(set(results.FIELDS)), len(results.FIELDS))

    def test_json_has_what_the_readme_promises(self) -> None:
        content = json.loads((self.written() / "results.json").read_text())
        self.assertEqual(content["schema"], results.SCHEMA)
        self.assertEqual(set(content), {"schema", "made", "machine", "versions", "settings",
                                        "measurements", "gaps"})
        self.assertEqual(content["measurements"][0]["figures"]["cpu_us_per_request"], 11.5)

    def test_csv_has_a_row_for_each_measurement(self) -> None:
        with (self.written() / "results.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(tuple(rows[0]), results.FIELDS)
        self.assertEqual([row["requests"] for row in rows], ["10", ""])
        self.assertEqual(rows[0]["machine"], "cores 2")

    def test_a_figure_that_was_not_measured_is_left_out_of_the_median(self) -> None:
        found = results.Results(measurements=[measurement(1, requests=10),
                                              measurement(2, requests=None)])
        self.assertEqual(found.spread("hits", "event", "requests", connections=64),
                         measure.Spread(10, 10, 10, 1))
        self.assertIsNone(found.spread("hits", "event", "p99_us"))

    def test_readme_explains_every_field(self) -> None:
        explained = set(re.findall(r"^\| `(\w+)` \|", README.read_text(), re.MULTILINE))
        self.assertEqual(set(results.FIELDS) - explained, set())


class Colours(unittest.TestCase):
    """The one file of colours."""

    def test_definitions_are_read_and_comments_are_not(self) -> None:
        self.assertEqual(colours.parse('/* #define COLOUR_OLD "#000000" */\n'
                                       '#define COLOUR_EVENT   "#009E73"\n#define OTHER 1\n'),
                         {"EVENT": "#009E73"})

    def test_every_model_has_a_colour_of_its_own(self) -> None:
        found = colours.load()
        self.assertEqual(len({found[model.upper()] for model in names.OURS}), len(names.OURS))


class Layout(unittest.TestCase):
    """Where names and bars go."""

    def test_names_that_do_not_overlap_stay_where_they_are(self) -> None:
        self.assertEqual(spread_apart([0.2, 0.9, 0.5], 0.1), [0.2, 0.9, 0.5])

    def test_names_that_overlap_are_moved_apart_in_their_order(self) -> None:
        placed = spread_apart([0.5, 0.49, 0.51], 0.1)
        for index, wanted in enumerate([0.59, 0.49, 0.69]):
            self.assertAlmostEqual(placed[index], wanted)

    def test_names_stay_on_the_chart(self) -> None:
        placed = spread_apart([1.0, 1.0], 0.1)
        self.assertEqual(max(placed), 1.0)
        self.assertAlmostEqual(min(placed), 0.9)

    def test_one_giant_is_cut(self) -> None:
        self.assertLess(bars_end([11, 16, 13, 363]), 30)

    def test_half_of_the_bars_are_no_giants(self) -> None:
        self.assertGreater(bars_end([50, 50, 3000, 3000]), 3000)

    def test_positions_on_a_logarithmic_axis(self) -> None:
        self.assertAlmostEqual(Axis(1, 100, True).fraction(10), 0.5)

    def test_figures_have_few_digits(self) -> None:
        self.assertEqual([names.number(value) for value in (0, 2.0, 0.0123, 1.234, 12.34, 1234.5)],
                         ["0", "2", "0.012", "1.23", "12.3", "1,234"])

    def test_a_missing_figure_says_so(self) -> None:
        self.assertEqual(names.figure(None, "us"), "not measured")


class ReadingOutput(unittest.TestCase):
    """What other programs print."""

    LINE = ('RESULT {"requests": %d, "bytes": 1, "duration_us": 2000000, "failed": 3, '
            '"p50_us": 1, "p90_us": 2, "p99_us": 3, "max_us": 4}\n')

    def test_wrk(self) -> None:
        found = load.parse("Running 2s test\n" + self.LINE % 100, "wrk")
        self.assertEqual((found.per_second, found.failed, found.p99_us), (50, 3, 3))

    def test_without_a_reply_there_are_no_latencies(self) -> None:
        self.assertIsNone(load.parse(self.LINE % 0, "wrk").p50_us)

    def test_silence_is_no_result(self) -> None:
        with self.assertRaises(RuntimeError):
            load.parse("unable to connect", "wrk")

    def test_the_next_run_goes_on_where_the_last_one_ended(self) -> None:
        files = load.Numbered("/%05d.bin", 100, nth=3)
        files.advance(330)
        self.assertEqual(files.arguments(), ["cycle", "/%05d.bin", "100", "10", "3"])


class Code(unittest.TestCase):
    """What is counted in the sources."""

    TEXT = ("/* About\n   it. */\nint f(void)\n{\n    return 1; // one\n}\n\n"
            "struct s {\n    int a;\n};\n")
    MACHINE = "state       watches\n\nFREE   -  X\n       -  Y\nIDLE  - Z\n"

    def test_comments_and_blank_lines_are_no_code(self) -> None:
        self.assertEqual(sources.code_lines(self.TEXT), 7)

    def test_functions(self) -> None:
        self.assertEqual(sources.functions(self.TEXT), 1)

    def test_states(self) -> None:
        self.assertEqual(sources.states(self.MACHINE), 2)


class Processes(unittest.TestCase):
    """The kernel's own figures, of this process."""

    def test_this_process_is_in_its_own_tree(self) -> None:
        self.assertIn(os.getpid(), process.tree(os.getppid()))

    def test_cpu_time_agrees_with_times(self) -> None:
        sum(range(10 ** 6))
        self.assertAlmostEqual(process.cpu_seconds(os.getpid()), sum(os.times()[:2]), delta=0.05)


if __name__ == "__main__":
    unittest.main()
