#!/usr/bin/env python3
"""Checks that docs/guarantees.md shows every guarantee by tests that exist.

Usage: guarantees_check.py ROOT. A test is named `Suite.Name` in backquotes, as gtest prints it
(without the instance of a parameterised test), a script or ctest entry by its name in backquotes.
Prints one line per fault; exit code 1 when there is one.
"""
import pathlib
import re
import sys

PROMISED = [f"G{n}" for n in (*range(1, 8), 9, 10, 12, 13, *range(16, 22), *range(24, 29))]
MACRO = re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)"
                   r"\(\s*(\w+),\s*(\w+)", re.MULTILINE)
ROW = re.compile(r"^\| (G\d+) \|[^|]*\|([^|]*)\|$", re.MULTILINE)
NAMED = re.compile(r"`(\w+)\.(\w+)`")
ENTRY = re.compile(r"(?:add_test\(NAME |omninode_(?:integration_)?test\()(\w+)")


def tests_of(root):
    names, entries = set(), set()
    for folder in ("common", "services", "tools", "tests"):
        for path in (root / folder).rglob("*.cc"):
            names.update(f"{s}.{n}" for s, n in MACRO.findall(path.read_text(encoding="utf-8")))
        for path in (root / folder).rglob("CMakeLists.txt"):
            entries.update(ENTRY.findall(path.read_text(encoding="utf-8")))
    return names, entries


def faults_of(page, names, entries):
    faults = []
    shown = dict(ROW.findall(page))
    faults += [f"{g} has no row" for g in PROMISED if g not in shown]
    for guarantee, cell in shown.items():
        tests = [f"{suite}.{name}" for suite, name in NAMED.findall(cell)]
        runs = re.findall(r"`(\w+)`", cell)
        if not tests and not runs:
            faults.append(f"{guarantee} names no test")
        faults += [f"{guarantee}: there is no test {t}" for t in tests if t not in names]
        faults += [f"{guarantee}: there is no ctest entry {r}" for r in runs if r not in entries]
    return faults


def main():
    root = pathlib.Path(sys.argv[1])
    page = (root / "docs/guarantees.md").read_text(encoding="utf-8")
    faults = faults_of(page, *tests_of(root))
    for fault in faults:
        print(f"docs/guarantees.md: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
