#!/usr/bin/python3
"""The duty passes from one head to another, a site lead steers his centre, an engine flags an exam."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


class Duty(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon", "bordeaux", "marseille")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()

    def knows(self, key, value):
        """Whichever centre is asked, a moment later."""
        duty = demo.wait_until(f"{key} {value}", lambda: next(
            (duty for duty in [json.loads(self.nodes.vigie("status", "--json"))["duty"]]
             if duty[key] == value), None))
        self.assertEqual(duty[key], value)

    def ready(self, order, urgency="p3"):
        self.nodes.vigie("submit", "-e", "mesa-xyz", "-o", order, "--urgency", urgency)
        self.nodes.vigie("regulate", "--auto", "--count", "1", "--think-seconds", "0")
        self.nodes.vigie("acquire", "--auto", "--count", "1", "--acquire-seconds", "0")
        rows = json.loads(self.nodes.vigie("exams", order, "--json"))["exams"]
        return rows[0]["exam"]

    # domain R3
    def test_the_duty_is_one_persons_and_passes_with_what_is_open(self):
        self.assertIn("nobody has the duty", self.nodes.vigie("status"))
        exam = self.ready("D1")
        self.nodes.vigie("handover", "--person", "adjoint", "--say", f"epingler {exam} motif", code=65)
        self.nodes.vigie("duty", "--person", "401", "--say", f"epingler {exam} bloc prêt")
        self.knows("head", "chef de garde")
        self.nodes.vigie("duty", "--person", "adjoint", "--say", f"epingler {exam} motif", code=65)
        self.nodes.vigie("duty", "--person", "401", "--say", "passer adjoint")
        self.knows("offered_to", "chef de garde adjoint")
        said = self.nodes.vigie("handover", "--person", "adjoint", "--auto")
        self.assertIn(exam, said)
        self.knows("head", "chef de garde adjoint")
        self.knows("number", 2)
        self.nodes.vigie("duty", "--person", "401", "--say", f"desepingler {exam} motif", code=65)
        self.nodes.vigie("duty", "--person", "adjoint", "--say", f"desepingler {exam} opéré",
                         "--say", "adjoint 401")
        self.knows("deputy", "chef de garde")
        self.assertIn("deputy chef de garde", self.nodes.vigie("status"))

    # domain R4
    def test_a_site_lead_steers_his_own_centre(self):
        self.nodes.vigie("lead", "--say", "centre bordeaux 1 degrade inondation")
        demo.wait_until("it to be known", lambda: "posts closed: 1" in self.nodes.vigie("status"))
        self.assertIn("bordeaux: works degraded", self.nodes.vigie("status"))
        self.nodes.vigie("lead", "--say", "centre lyon 1 normal motif", code=65)
        self.nodes.vigie("lead", "--say", "centre bordeaux 0 normal séché")
        demo.wait_until("it to be known", lambda: "degraded" not in self.nodes.vigie("status"))

    # domain A1, A2
    def test_an_engines_finding_raises_an_exam_and_is_kept(self):
        exam = self.ready("D2")
        self.nodes.vigie("finding", exam, "aidoc", "3.1", "haemorrhage")
        self.nodes.vigie("finding", exam, "aidoc", "3.1", "haemorrhage")
        self.nodes.vigie("finding", exam, "nobody", "1", "x", code=65)
        self.assertIn("aidoc 3.1: haemorrhage, raised it", self.nodes.vigie("exam", exam))
        row = json.loads(self.nodes.vigie("exams", "D2", "--json"))["exams"][0]
        self.assertEqual(row["urgency"], "p1")


if __name__ == "__main__":
    demo.main()
