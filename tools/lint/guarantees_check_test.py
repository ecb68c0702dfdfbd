#!/usr/bin/env python3
"""Shows that guarantees_check.py finds what it is there for."""
import unittest

from guarantees_check import MACRO, PROMISED, faults_of

NAMES, ENTRIES = {"CohortTest.WakesOnlyWhoWaits"}, {"quickstart_once"}


def page(cells):
    return "".join(f"| {g} | something | {cells.get(g, '`quickstart_once`')} |\n" for g in PROMISED)


class GuaranteesCheckTest(unittest.TestCase):
    def test_a_full_page_has_no_fault(self):
        self.assertEqual(faults_of(page({"G1": "`CohortTest.WakesOnlyWhoWaits`"}), NAMES, ENTRIES), [])

    def test_a_missing_guarantee_is_found(self):
        text = page({}).replace("| G9 |", "| G99 |")
        self.assertEqual(faults_of(text, NAMES, ENTRIES), ["G9 has no row"])

    def test_a_test_that_does_not_exist_is_found(self):
        faults = faults_of(page({"G1": "`CohortTest.Gone`", "G2": "`gone`"}), NAMES, ENTRIES)
        self.assertEqual(faults, ["G1: there is no test CohortTest.Gone",
                                  "G2: there is no ctest entry gone"])

    def test_a_guarantee_without_a_test_is_found(self):
        self.assertEqual(faults_of(page({"G1": "trust us"}), NAMES, ENTRIES), ["G1 names no test"])

    def test_reads_tests_over_two_lines(self):
        source = "RC_GTEST_PROP(Some,\n              Thing,\n              (int n)) {"
        self.assertEqual(MACRO.findall(source), [("Some", "Thing")])


if __name__ == "__main__":
    unittest.main()
