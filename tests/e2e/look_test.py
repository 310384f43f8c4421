#!/usr/bin/python3
"""What the verbs say to people: status with a centre missing, exams by a filter, submit by flags."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


class Look(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon", "bordeaux", "marseille")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()  # a federation is founded with all its voters
        cls.nodes.stop("marseille")

    def test_status_names_what_is_amiss(self):
        self.nodes.vigie("status", "--check", code=None)
        said = demo.wait_until("a silent centre", lambda: next(
            (said for said in [self.nodes.vigie("status", "--check", code=None)]
             if "marseille: UNREACHABLE" in said), None))
        self.assertEqual([line for line in said.splitlines() if line.startswith("look at: ")],
                         ["look at: marseille: UNREACHABLE"])
        self.nodes.vigie("status", "--check", code=75)

    def test_exams_takes_a_state_in_any_case_and_says_when_there_is_none(self):
        self.nodes.vigie("submit", "-e", "mesa-xyz", "-o", "L1")
        self.assertIn("  L1  ", self.nodes.vigie("exams", "requested"))
        self.assertIn("  L1  ", self.nodes.vigie("exams", "L1"))
        self.assertIn("  L1  ", self.nodes.vigie("exams", "p2"))
        self.assertIn("  L1  ", self.nodes.vigie("exams", "mesa-xyz"))
        number = self.nodes.rows("submit", "-e", "mesa-xyz", "-o", "L1")[0]["exam"]
        self.assertIn("  L1  ", self.nodes.vigie("exams", number))
        self.assertEqual(self.nodes.vigie("exams", "reading"), "no exam: reading\n")

    def test_submit_takes_a_hospital_as_people_write_it_and_names_those_there_are(self):
        self.assertIn(" at index ", self.nodes.vigie("submit", "-e", "MESA XYZ", "-o", "L2"))
        for flags in (["-e", "CH Nowhere"], ["-e", "mesa-xyz", "--modality", "ZZ"]):
            self.nodes.vigie("submit", *flags, "-o", "L3", code=65)
        self.assertIn("no exam: L3", self.nodes.vigie("exams", "L3"))

    # domain O5
    def test_submit_says_why_ultrasound_goes_elsewhere(self):
        said = self.nodes.vigie("submit", "-e", "mesa-xyz", "-o", "L4", "--modality", "US")
        self.assertIn("; ultrasound is not read at a distance: ", said)


if __name__ == "__main__":
    demo.main()
