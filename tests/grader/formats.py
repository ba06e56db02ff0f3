"""Checks what the grader writes for machines, with parsers that are not ours.

usage: formats.py RESULTS.json JUNIT.xml CLASSROOM50.json TERMINAL.txt

What is demanded stands in: "Autograder Specifications" (gradescope-autograders.readthedocs.io), the
schema of Jenkins' JUnit plugin, "The result.json contract" (Classroom 50's wiki), and "Guide for
Lab Authors" (docs.autolabproject.com).
"""

import json
import re
import sys
import xml.etree.ElementTree as xml

POINTS = {"passes": (20, 20), "fails": (0, 5), "fails_at_length": (0, 5), "times_out": (0, 10),
          "server_crashes": (0, 10), "server_crashes_at_its_end": (0, 10),
          "server_does_not_start": (0, 10), "test_crashes": (0, 10), "test_exits": (0, 10),
          "test_never_ends": (0, 10)}
ERRORS = {"times_out", "server_crashes", "server_crashes_at_its_end", "test_never_ends"}


def check_gradescope(path):
    results = json.load(open(path, encoding="utf-8"))
    assert set(results) <= {"score", "execution_time", "output", "output_format", "visibility",
                            "stdout_visibility", "extra_data", "tests", "leaderboard"}
    assert isinstance(results["execution_time"], (int, float))
    for test in results["tests"]:
        assert set(test) <= {"score", "max_score", "status", "name", "name_format", "number",
                             "output", "output_format", "tags", "visibility", "extra_data"}
        assert (test["score"], test["max_score"]) == POINTS[test["name"]], test
        assert test["status"] == ("passed" if test["score"] else "failed")
        assert test["output_format"] == "text" and isinstance(test["output"], str)
    assert [test["name"] for test in results["tests"]] == list(POINTS)
    fails = results["tests"][1]["output"]
    assert "\"quoted\" \\ <tag> & 'so'" in fails and "\ttab ]]> \u00fc ??" in fails, fails
    assert "TEST=fails" in fails


def check_junit(path):
    suite = xml.parse(path).getroot().find("testsuite")
    cases = suite.findall("testcase")
    assert suite.get("name") == "00-verdicts"
    assert [case.get("name") for case in cases] == list(POINTS)
    assert int(suite.get("tests")) == len(cases)
    assert int(suite.get("errors")) == len(suite.findall("testcase/error")) == len(ERRORS)
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    for case in cases:
        name = case.get("name")
        assert float(case.get("time")) >= 0 and case.get("classname") == "00-verdicts"
        children = [child.tag for child in case]
        expected = [] if POINTS[name][0] else ["error" if name in ERRORS else "failure"]
        assert children == expected, (name, children)
    fails = suite.find("testcase[@name='fails']/failure")
    assert "\"quoted\" \\ <tag> & 'so'\n" in fails.text and "]]> \u00fc ??\n" in fails.text


def check_classroom50(path):
    result = json.load(open(path, encoding="utf-8"))
    assert result["schema"] == "classroom50/result/v1"
    assert (result["classroom"], result["assignment"]) == ("cs", "lab")
    assert result["submission"] == "submit/2026" and result["commit"] == "https://c/1"
    assert result["release"] == "https://r/1" and result["review"] == "https://c/1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["datetime"])
    tests = result["tests"]
    for test in tests:
        assert (test["score"], test["max-score"]) == POINTS[test["test-name"]]
        assert test["passed"] is (test["score"] > 0)
    assert result["score"] == sum(test["score"] for test in tests) == 20
    assert result["max-score"] == sum(test["max-score"] for test in tests) == 100


def check_autolab(path):
    lines = open(path, encoding="utf-8", errors="replace").read().splitlines()
    scores = json.loads(lines[-1])
    assert scores == {"scores": {name: points for name, (points, _) in POINTS.items()}}
    assert lines[-2] == "Score: 20/100"


for check, argument in zip((check_gradescope, check_junit, check_classroom50, check_autolab),
                           sys.argv[1:], strict=True):
    check(argument)
