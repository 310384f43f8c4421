#!/usr/bin/python3
"""The pages that say what proves what: every test and story that they name exists, every row names one
or says why not yet, and a test that proves a requirement names it in a comment above itself."""
import glob
import itertools
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAME = re.compile(r"`([A-Z]\w+\.[A-Z]\w+|test_\w+|scenarios/\w+\.txt)`")
DEFINED = re.compile(r"TEST(?:_F|_P)?\((\w+), *(\w+)|    def (test_\w+)")
WHY_NOT = "not yet, because"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def defined():
    """Name of each test and story: the comments that stand directly above it, or on its top."""
    tests = {}
    for path in glob.glob(os.path.join(ROOT, "tests", "**", "*_test.*"), recursive=True):
        above = []
        for line in read(path).splitlines():
            found = DEFINED.match(line)
            if found:
                tests[found[3] or f"{found[1]}.{found[2]}"] = " ".join(above)
            above = above + [line] if re.match(r" *(//|#)", line) else []
    for path in glob.glob(os.path.join(ROOT, "tests", "scenarios", "*.txt")):
        top = itertools.takewhile(lambda line: line.startswith("#"), read(path).splitlines())
        tests["scenarios/" + os.path.basename(path)] = " ".join(top)
    return tests


def rows(page):
    """Cells of each row of a page's tables, but for headers and headings."""
    for line in read(os.path.join(ROOT, "ops", "docs", page)).splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells and not re.match(r"---|id$|no\.$|item$|\*\*", cells[0]):
            yield cells


def ids(**counts):
    return [letter + str(i) for letter, count in counts.items() for i in range(1, count + 1)]


class Proofs(unittest.TestCase):
    tests = defined()

    def check(self, page, wanted=None):
        """Returns (id, name) of each proof."""
        seen, proofs = [], []
        for cells in rows(page):
            names = NAME.findall(" ".join(cells))
            with self.subTest(page=page, row=cells[0]):
                self.assertTrue(names or WHY_NOT in cells[-1], "names no test and no reason")
                for name in names:
                    self.assertTrue(name in self.tests, f"there is no {name}")
            seen.append(cells[0])
            proofs += [(cells[0], name) for name in names]
        if wanted:
            self.assertEqual(seen, wanted)
        return proofs

    def test_faults(self):
        self.assertGreater(len(self.check("faults.md", ids(F=38))), 100)

    def test_bad_input(self):
        self.assertGreater(len(self.check("bad-input.md")), 50)

    def test_requirements(self):
        proofs = self.check("requirements.md", ids(N=11, R=14, F=16, A=2, O=22, Q=13))
        for row, name in proofs:
            with self.subTest(row=row, name=name):
                self.assertRegex(self.tests.get(name, ""), rf"\bdomain\b[^.]*\b{row}\b")


if __name__ == "__main__":
    unittest.main()
