#!/usr/bin/python3
"""A reader, a duty head and a regulator at their desks: taken over, told, reported again."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


class Steering(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon", "bordeaux", "marseille")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()

    def ready(self, order):
        self.nodes.vigie("submit", "-e", "mesa-xyz", "-o", order)
        self.nodes.vigie("regulate", "--auto", "--count", "1", "--think-seconds", "0")
        self.nodes.vigie("acquire", "--auto", "--count", "1", "--acquire-seconds", "0")

    def test_the_duty_head_takes_over_and_the_reader_is_told(self):
        reader = self.desk(self.nodes, "read")
        reader.hears("attached")
        self.ready("S1")
        exam = reader.hears("offered")["exam"]
        reader.type("accepter")
        reader.hears("reading", exam=exam)
        self.nodes.vigie("duty", "--say", f"retirer {exam} injoignable")
        reader.hears("taken_away", event="ReadTakenOver")
        self.assertIn("ReadTakenOver: injoignable", self.nodes.vigie("exam", exam))
        self.nodes.vigie("duty", "--say", f"retirer {exam} encore", code=65)
        self.nodes.vigie("duty", "--say", "epingler NOPE motif", code=65)
        reader.type("signer rien de neuf")
        reader.hears("signed", exam=exam, code="ok")  # a finished report is not thrown aside

    def test_a_critical_result_is_a_task_until_somebody_has_told_it(self):
        reader = self.desk(self.nodes, "read")
        reader.hears("attached")
        self.ready("S2")
        exam = reader.hears("offered")["exam"]
        reader.type("accepter")
        reader.hears("reading", exam=exam)
        reader.type("critique HSA saignement")
        reader.hears("signed", exam=exam)
        self.assertIn(exam, self.nodes.vigie("exams", "tasks"))
        self.assertIn("to do: critical_result, by assistant", self.nodes.vigie("exam", exam))
        self.nodes.vigie("duty", "--say", f"fait {exam} critical_result urgentiste appelé")
        self.assertNotIn(exam, self.nodes.vigie("exams", "tasks"))
        reader.type(f"completer {exam} fracture costale")
        reader.hears("revise_report", exam=exam)
        self.assertIn("report version 2", self.nodes.vigie("exam", exam))

    def test_what_is_on_hold_waits_until_it_goes_on(self):
        self.ready("S3")
        exam = next(row["exam"] for row in json.loads(self.nodes.vigie("exams", "S3", "--json"))["exams"])
        regulator = self.desk(self.nodes, "regulate")
        regulator.hears("attached")
        regulator.type(f"attente {exam} bloc occupé")
        regulator.hears("hold", exam=exam)
        self.assertIn(exam, self.nodes.vigie("exams", "held"))
        regulator.type(f"reprendre {exam}")
        regulator.hears("resume", exam=exam)
        self.assertIn(exam, self.nodes.vigie("exams", "ready"))
        regulator.type(f"attente {exam}")
        demo.wait_until("what is missing", lambda: any(
            "motif" in row["text"] for row in regulator.said if row["op"] == "usage"))

    # domain F15
    def test_what_was_phoned_in_is_joined_to_its_order(self):
        self.nodes.vigie("submit", "-e", "mesa-xyz", "--phoned", "--procedure", "AVC")
        exam = next(row["exam"] for row in json.loads(self.nodes.vigie("exams", "--json"))["exams"]
                    if "phoned" in row["flags"])
        regulator = self.desk(self.nodes, "regulate")
        regulator.hears("attached")
        regulator.type(f"relier {exam} mesa-xyz mesa-xyz-ris S9")
        regulator.hears("link_order", exam=exam)
        again = self.nodes.rows("submit", "-e", "mesa-xyz", "-o", "S9", "--authority", "mesa-xyz-ris")
        self.assertEqual(again[0]["exam"], exam)


if __name__ == "__main__":
    demo.main()
