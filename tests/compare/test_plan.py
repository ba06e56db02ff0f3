"""The plan keeps its promise: 90 s with QUICK=1, 15 minutes in full, whoever is installed."""

from __future__ import annotations

import unittest
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import cases
import compare
from machine import Cores
from servers import Ours, Program

HELP = """
  -m, --model MODEL           how the server is built
                            single    one thread that blocks
                            threads   a dispatcher and workers
                            event     one thread, nonblocking calls (the default)
      --disk DISK             how files are read
                            aio       POSIX AIO (the default)
                            blocking  on the spot
                            helpers   our own threads
      --threads N             workers
      --nowait                ask first
      --work TIME             CPU time burned per request
"""


def ours_with_everything() -> Ours:
    """A build of our server with all that is to come."""
    with mock.patch("servers.subprocess.run", return_value=SimpleNamespace(stdout=HELP)), \
            mock.patch("servers.version_line", return_value="threeways 1.0"):
        return Ours(Path("build"))


def planned(quick: bool) -> float:
    """How long everything takes where everything is installed."""
    session = mock.Mock(ours=ours_with_everything(), quick=quick, cores=Cores(0, (1,)))
    session.available = lambda workload, programs: list(programs)
    session.files.folder = Path("/nonexistent")
    runs = 1 if quick else compare.COMPARE_RUNS
    with mock.patch("workloads.open_connections.find", return_value="/usr/bin/strace"):
        return sum(cases.planned_s(workload.cases(session), runs) for workload in compare.COMPARE)


class Plan(unittest.TestCase):
    """How long `make compare` takes."""

    def test_quick_run_ends_in_time(self) -> None:
        self.assertLess(planned(quick=True) + compare.REPORT_S, 90)

    def test_full_run_ends_in_time(self) -> None:
        self.assertLess(planned(quick=False) + compare.REPORT_S, 15 * 60)


class WhatThereIs(unittest.TestCase):
    """Models and disks are found by themselves."""

    def names(self, programs: Sequence[Program]) -> list[str]:
        return [program.name for program in programs]

    def test_models_in_the_textbooks_order(self) -> None:
        self.assertEqual(self.names(ours_with_everything().models()),
                         ["single", "threads", "event"])

    def test_other_disks_of_the_event_model(self) -> None:
        self.assertEqual(self.names(ours_with_everything().disks()),
                         ["event-blocking", "event-helpers"])

    def test_an_option_is_known_by_its_whole_name(self) -> None:
        self.assertTrue(ours_with_everything().has("work"))
        self.assertFalse(ours_with_everything().has("thread"))
        self.assertFalse(ours_with_everything().has("queue"))


if __name__ == "__main__":
    unittest.main()
