#!/usr/bin/python3
"""The desks as people type at them: a hospital, its technologist, a regulator and readers. What is
mistyped is told and does nothing; who sits at a desk keeps it; what is asked reaches who is asked."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


class Desks(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon", "bordeaux", "marseille")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.listen()
        cls.nodes.start()

    def open(self, verb, *words):
        desk = self.desk(self.nodes, verb, *words)
        desk.hears("attached")
        return desk

    def exam(self, number):
        return json.loads(self.nodes.vigie("exam", number, "--json"))

    def usage(self, desk, part):
        demo.wait_until(f"{part} in {desk.said[-3:]}", lambda: any(
            part in row["text"] for row in desk.said if row["op"] == "usage"))

    def submit(self, order, *flags):
        return self.nodes.rows("submit", "-e", "ch-gap", "-o", order, *flags)[0]["exam"]

    def ready(self, order):
        exam = self.submit(order)
        self.nodes.vigie("regulate", "--auto", "--count", "1", "--think-seconds", "0")
        self.nodes.vigie("acquire", "--auto", "--count", "1", "--acquire-seconds", "0")
        return exam

    # domain R9
    def test_1_a_question_reaches_the_hospital_and_its_answer_the_regulator(self):
        hospital = self.open("hospital", "--person", "501")
        technologist = self.open("acquire", "--person", self.technologist())
        regulator = self.open("regulate")
        exam = self.submit("D1", "--procedure", "TDM crâne", "--phone", "0492001122")
        regulator.hears("request", exam=exam)
        regulator.type("accepter AVC-TDM v3")
        regulator.hears("nothing")  # nothing is claimed
        regulator.type(f"prendre {exam}")
        regulator.hears("claimed", exam=exam)
        regulator.type("question créatinine ?")
        regulator.hears("ask_info", exam=exam)
        hospital.hears("heard", exam=exam, event="InfoRequested", reason="créatinine ?")
        technologist.hears("asked", exam=exam, event="InfoRequested", text="créatinine ?")
        hospital.type(f"repondre {exam} 80 µmol/L")
        hospital.hears("provide_info", exam=exam)
        regulator.hears("rings", exam=exam, event="InfoProvided")
        answer = {"code": "answer", "text": "80 µmol/L"}
        demo.wait_until("the regulator has the answer before him", lambda: any(
            row["op"] == "request" and answer in row["context"] for row in regulator.said))
        regulator.type(f"prendre {exam}")
        demo.wait_until("he has it again", lambda: sum(
            row["op"] == "claimed" and row["exam"] == exam for row in regulator.said) == 2)
        regulator.type(f"accepter {self.protocol()} p1")
        regulator.hears("accepted", exam=exam)
        technologist.type(f"complet {exam} 12")
        reader = self.open("read", "--person", "101")
        self.assertIn(answer, reader.hears("offered", exam=exam)["context"])
        reader.type("accepter")
        reader.hears("reading", exam=exam)
        reader.type("quitter")
        self.usage(reader, f"{exam} est en main")
        reader.type("signer normal")
        reader.hears("signed", exam=exam, code="ok")
        demo.wait_until("the hospital has its report",
                        lambda: self.exam(exam)["state"] in ("DELIVERED", "CLOSED"))

    # domain R9
    def test_1a_a_hospital_cancels_and_sees_no_other_hospital(self):
        hospital = self.open("hospital", "--person", "501")
        other = self.open("hospital", "--person", "502")
        exam = self.submit("D1C")
        hospital.type(f"annuler {exam} patient transféré")
        hospital.hears("heard", exam=exam, event="ExamCancelled", reason="patient transféré")
        self.assertEqual(self.exam(exam)["state"], "CANCELLED")
        self.assertIn("was cancelled: patient transféré", self.nodes.vigie("why", exam))
        other.type(f"voir {exam}")
        self.usage(other, "pas d'examen ouvert de ce numéro")
        pau = next(name for name in os.listdir(self.nodes.path("d", "people")) if "ch-pau" in name
                   and name.startswith("502"))
        seen = self.nodes.vigie("-C", self.nodes.path("d", "people", pau), "exams", "--json", config=False)
        self.assertEqual(json.loads(seen)["exams"], [])
        self.assertIn(exam, self.nodes.vigie("exams"))

    def technologist(self):
        folder = self.nodes.path("d", "people")
        return next(name.split("-")[0] for name in sorted(os.listdir(folder))
                    if "manipulateurs-ch-gap" in name)

    # domain R8, F4
    def test_2_a_technologist_knows_the_protocol_and_invents_no_images(self):
        technologist = self.open("acquire", "--person", self.technologist())
        exam = self.submit("D2")
        regulator = self.open("regulate")
        regulator.hears("request", exam=exam)
        regulator.type(f"prendre {exam}")
        regulator.hears("claimed", exam=exam)
        protocol = self.protocol()
        regulator.type(f"accepter {protocol} p7")
        self.assertIn("accepter", [w.split()[0] for w in self.words(regulator)])
        regulator.type(f"accepter {protocol} p1")
        regulator.hears("accepted", exam=exam, protocol=protocol, urgency="p1")
        technologist.hears("to_acquire", exam=exam, protocol=protocol)
        for line in (f"images {exam} x", f"complet {exam}", f"complet {exam} a", f"complet {exam} 3 4"):
            technologist.type(line)
        demo.wait_until("four refusals", lambda: sum(
            "des nombres suivent" in row["text"] for row in technologist.said if row["op"] == "usage") == 4)
        self.assertEqual(self.exam(exam)["images"], 0)
        reader = self.open("read", "--person", "101")
        technologist.type(f"complet {exam} 12")
        technologist.hears("images_complete", exam=exam)
        self.assertEqual(self.exam(exam)["images"], 12)
        reader.hears("offered", exam=exam)
        reader.type("decliner fatigue")
        self.usage(reader, "images, competence, conflit ou autre")
        reader.type("accepter")
        reader.hears("reading", exam=exam)
        reader.type("manque coupes fines")
        technologist.hears("asked", exam=exam, event="ImagesWanted")
        technologist.type(f"complet {exam} 20")
        demo.wait_until("it comes back to its reader", lambda: sum(
            row["op"] == "offered" and row["exam"] == exam for row in reader.said) == 2)
        reader.type("accepter")
        demo.wait_until("he reads it again", lambda: sum(
            row["op"] == "reading" and row["exam"] == exam for row in reader.said) == 2)
        reader.type("signer complet")
        reader.hears("signed", exam=exam, code="ok")

    def protocol(self):
        regulator = self.open("regulate", "--person", "404")
        regulator.type("protocoles")
        return regulator.hears("protocol")["code"]

    def words(self, desk):
        desk.type("aide")
        desk.hears("help", word="quitter")
        return [row["word"] for row in desk.said if row["op"] == "help"]

    # domain F8
    def test_3_a_report_that_may_not_be_final_yet_stays_its_readers(self):
        reader = self.open("read", "--person", "101")
        exam = self.ready("D3")
        reader.hears("offered", exam=exam)
        reader.type("signer trop tôt")
        self.usage(reader, "acceptez-le d'abord")
        reader.type("accepter")
        reader.hears("reading", exam=exam)
        reader.type(f"avis {exam} {'z' * 5000}")  # longer than its field: no node can read it
        reader.hears("refused", what="ask_read", code="too_large")
        reader.type(f"partager {exam} chest et le thorax ?")
        reader.hears("ask_read")
        reader.type("signer tête normale")
        reader.hears("refused", what="sign", exam=exam, code="wrong_state")
        child = self.exam(exam)["children"][0]
        other = self.open("read", "--person", "102")
        other.hears("offered", exam=child)
        other.hears("question", exam=child, parent=exam, purpose="region", text="et le thorax ?")
        other.type("accepter")
        other.hears("reading", exam=child)
        other.type("signer thorax normal")
        other.hears("signed", exam=child)
        reader.hears("heard", event="ChildRead")
        self.assertIn("thorax normal", self.nodes.vigie("exam", child))
        reader.type("signer tête et thorax normaux")
        reader.hears("signed", exam=exam, code="ok")
        self.assertIn("  | tête et thorax normaux", self.nodes.vigie("exam", exam))

    def test_4_why_nobody_reads_it_is_told(self):
        exam = self.ready("D4")
        self.assertRegex(self.nodes.vigie("why", exam), rf"{exam} waits since .*no reader is at a desk")
        reader = self.open("read", "--person", "103")
        reader.hears("offered", exam=exam)
        reader.type("decliner competence")
        reader.hears("decline_offer", exam=exam)
        readers = json.loads(self.nodes.vigie("why", exam, "--json"))["waits"]["readers"]
        self.assertEqual(list(readers.values()), [["lecteur os Lyon"]])
        self.assertIn("lecteur os Lyon", self.nodes.vigie("why", exam))
        reader.type("pause")
        reader.hears("mode", mode="en pause")

    # domain R10
    def test_5_support_sees_no_clinical_text(self):
        exam = self.submit("D5", "--procedure", "TDM secret")
        seen = self.nodes.vigie("-C", self.nodes.path("d", "people", "402-support-technique.toml"),
                                "--json", "exam", exam, config=False)
        self.assertNotIn("secret", seen)
        self.nodes.vigie("-C", self.nodes.path("d", "people", "402-support-technique.toml"),
                         "watch", "--count", "1", config=False, code=77)

    def test_6_a_desk_of_another_role_is_refused(self):
        self.nodes.vigie("read", "--person", "501", "--seconds", "5", code=77)
        self.nodes.vigie("finding", "LYS-0001", "aidoc", "1", "--person", "101", code=77)

    # domain F15
    def test_7_a_call_is_taken_at_the_desk_that_stays_open(self):
        assistant = self.open("regulate", "--person", "404")
        self.nodes.vigie("submit", "-e", "ch-gap", "--phoned", "--procedure", "AVC", code=75)
        assistant.type("appel ch-gap CT head p1 0492001122 AVC probable")
        number = assistant.hears("submit")["exam"]
        row = self.exam(number)
        self.assertIn("phoned", row["flags"])
        self.assertEqual((row["urgency"], row["callback_phone"]), ("p1", "0492001122"))
        assistant.type("xyzzy")
        self.usage(assistant, "mot inconnu : xyzzy")


if __name__ == "__main__":
    demo.main()
