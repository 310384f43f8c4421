#!/usr/bin/python3
"""The roster as it is lived, and what else organises a guard: who did not come is seen, shifts are
swapped, an exam goes to the readers without a protocol, a closed one is opened once more; a regulator
and his assistant are one unit; support sees incidents, an agency figures."""
import datetime
import json
import os
import sys
import zoneinfo

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402

os.environ["TZ"] = "Europe/Paris"  # of the desks
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
HOUR = datetime.timedelta(hours=1)
NO_SHOW_S = 25  # after the nodes began; who is on the roster sits down meanwhile


def clock(moment):
    return moment.astimezone(PARIS).strftime("%H:%M")


class Roster(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon", "bordeaux", "marseille")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.listen()
        cls.publish()
        cls.nodes.start()

    @classmethod
    def publish(cls):
        """Two of Lyon are on guard since an hour; nobody knows yet that one of them does not come."""
        now = datetime.datetime.now(datetime.timezone.utc)
        cls.since = now.replace(second=0, microsecond=0) - HOUR
        cls.until = cls.since + 8 * HOUR
        no_show_ms = int((now - cls.since).total_seconds() * 1000) + 1000 * NO_SHOW_S
        with open(cls.nodes.path("d", "directory.toml"), encoding="utf-8") as file:
            text = file.read()
        text = cls.with_rule(text, "no_show", f"{no_show_ms} ms")
        text = cls.with_rule(text, "close_after", "1 s")
        for person in ("lecteur neuro Lyon", "lecteur thorax Lyon"):
            text += (f'\n[[shift]]\nperson = "{person}"\nsite = "lyon"\n'
                     f"from = {cls.since.isoformat()}\nuntil = {cls.until.isoformat()}\n")
        with open(cls.nodes.path("d", "directory.toml"), "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def with_rule(text, rule, value):
        kept = [line for line in text.splitlines() if not line.startswith(f"{rule} = ")]
        at = kept.index("[rules]")
        return "\n".join([*kept[:at + 1], f'{rule} = "{value}"', *kept[at + 1:]]) + "\n"

    def submit(self, order, *flags):
        return self.nodes.rows("submit", "-e", "mesa-xyz", "-o", order, *flags)[0]["exam"]

    def ready(self, order):
        exam = self.submit(order)
        self.nodes.vigie("regulate", "--auto", "--count", "1", "--think-seconds", "0")
        self.nodes.vigie("acquire", "--auto", "--count", "1", "--acquire-seconds", "0")
        return exam

    def exam(self, number, code=0):
        said = self.nodes.vigie("exam", number, "--json", code=code)
        return json.loads(said) if said else None

    def shifts(self):
        return json.loads(self.nodes.vigie("roster", "--json"))["shifts"]

    def shift_of(self, reader):
        return next((row for row in self.shifts() if row["reader"] == reader), None)

    def reads(self, reader, exam):
        reader.hears("offered", exam=exam)
        reader.type("accepter")
        reader.hears("reading", exam=exam)
        reader.type("signer rien de neuf")
        reader.hears("signed", exam=exam, code="ok")

    def reports(self, order):
        """How many of it the hospital has received."""
        with open(self.nodes.path("h.log"), encoding="utf-8") as file:
            return sum(json.loads(line).get("order") == order for line in file)

    # domain O21
    def test_1_who_does_not_come_is_seen_by_the_duty_head(self):
        head = self.desk(self.nodes, "duty")
        reader = self.desk(self.nodes, "read", "--person", "101")
        reader.hears("attached")
        row = demo.wait_until("the no-show", lambda: next(
            (r for r in head.said if r.get("event") == "ShiftMissed"), None), 4 * NO_SHOW_S)
        self.assertEqual((row["by"], row["site"]), ("lecteur thorax Lyon", "lyon"))
        self.assertEqual(row["since"][:16], self.since.isoformat()[:16])
        self.assertEqual([r["by"] for r in head.said if r.get("event") == "ShiftMissed"],
                         ["lecteur thorax Lyon"])
        table = self.nodes.vigie("roster")
        self.assertRegex(table, rf"lecteur thorax Lyon +lyon +\S+ {clock(self.since)} .*absent")
        self.assertRegex(table, r"lecteur neuro Lyon .*present")
        self.assertIn("who is not on it is offered nothing", table)

    # domain O21
    def test_2_who_is_not_on_the_roster_gets_nothing_until_he_is_called_in(self):
        reader = self.desk(self.nodes, "read", "--person", "104")
        reader.hears("attached")
        exam = self.ready("G1")
        self.assertEqual(self.exam(exam)["state"], "READY")
        hours = f"{clock(self.since)}-{clock(self.until)}"
        self.nodes.vigie("lead", "--say", f"renfort 104 lyon {hours} motif", code=65)
        self.assertEqual([r for r in reader.said if r["op"] == "offered"], [])
        self.nodes.vigie("lead", "--say", f"renfort 104 bordeaux {hours} absence à Lyon")
        self.reads(reader, exam)

    # domain O21
    def test_3_a_shift_is_swapped_moved_and_struck(self):
        head = self.desk(self.nodes, "duty")
        head.hears("attached")
        head.type("remplacer 102 103 malade")
        head.hears("rings", event="ShiftSet", by="lecteur os Lyon", site="lyon", text="malade")
        self.assertIsNone(self.shift_of("lecteur thorax Lyon"))
        was = self.shift_of("lecteur os Lyon")
        self.assertEqual((was["site"], was["from"][:16]), ("lyon", self.since.isoformat()[:16]))
        head.type(f"horaires 103 {clock(self.since)}-{clock(self.until + HOUR)} prolongé")
        head.hears("rings", event="ShiftSet", text="prolongé")
        self.assertEqual(self.shift_of("lecteur os Lyon")["until_ms"] - was["until_ms"], 3600_000)
        later = self.until + 2 * HOUR
        day = later.astimezone(PARIS).strftime("%Y-%m-%d")
        hours = f"{clock(later)}-{clock(later + HOUR)}"
        head.type(f"renfort 103 lyon {day} {hours} pic")
        head.hears("rings", event="ShiftSet", text="pic")
        head.type("rayer 103 erreur")
        demo.wait_until("which of them", lambda: any(
            "plusieurs gardes de lecteur os Lyon" in row["text"] and f"{day} {hours}" in row["text"]
            for row in head.said if row["op"] == "usage"))
        head.type(f"rayer 103@{clock(later)} erreur")
        head.hears("rings", event="ShiftSet", text="erreur")
        self.assertEqual(self.shift_of("lecteur os Lyon")["from"], was["from"])
        self.nodes.vigie("duty", "--say", "tableau")  # it only looks: his desk stays open
        self.nodes.vigie("duty", "--say", "rayer 109 motif", code=75)
        self.nodes.vigie("duty", "--take", "--say", "rayer 109 motif", code=65)
        head.hears("lost")
        self.nodes.vigie("duty", "--say", "renfort 109 lyon 25:00-08:00 motif", code=65)

    # domain F3, F16, O6
    def test_4_an_exam_goes_to_the_readers_without_a_protocol(self):
        reader = self.desk(self.nodes, "read", "--person", "106")
        reader.hears("attached")
        self.nodes.vigie("lead", "--say", f"renfort 106 bordeaux {clock(self.since)}-"
                         f"{clock(self.until)} un enfant")
        exam = self.submit("G4", "--region", "abdomen_pelvis", "--age", "child",
                           "--prior", "1.2.250.1.7", "--prior", "1.2.250.1.8",
                           "--instead-of-ultrasound")
        self.assertIn("instead_of_ultrasound", self.exam(exam)["flags"])
        self.nodes.vigie("duty", "--person", "405", "--say", f"sans-protocole {exam} motif", code=65)
        self.nodes.vigie("duty", "--say", f"sans-protocole {exam} déchocage")
        offer = reader.hears("offered", exam=exam)
        self.assertEqual(offer["priors"], ["1.2.250.1.7", "1.2.250.1.8"])
        self.assertEqual(offer["flags"], ["bypassed", "partial"])
        self.assertIn("ExamBypassed: déchocage", self.nodes.vigie("exam", exam))
        self.reads(reader, exam)

    # domain F3
    def test_5_what_was_closed_is_opened_once_more(self):
        reader = self.desk(self.nodes, "read", "--person", "101")
        reader.hears("attached")
        exam = self.ready("G7")
        self.reads(reader, exam)
        self.nodes.vigie("duty", "--say", f"rouvrir {exam} trop tôt", code=65)
        demo.wait_until("it to be closed", lambda: "G7" not in self.nodes.vigie("exams"))
        self.nodes.vigie("duty", "--say", f"rouvrir {exam} fracture oubliée")
        self.assertIn("ExamReopened: fracture oubliée", self.nodes.vigie("exam", exam))
        reader.type(f"rectifier {exam} fracture costale")
        reader.hears("revise_report", exam=exam)
        demo.wait_until("it to be delivered", lambda: self.reports("G7") == 2)

    # domain R1
    def test_6_a_regulator_and_his_assistant_are_one_unit(self):
        post = ("--post", "binôme-1")
        assistant = self.desk(self.nodes, "regulate", "--person", "404", *post)
        physician = self.desk(self.nodes, "regulate", "--person", "201", *post)
        other = self.desk(self.nodes, "regulate", "--person", "202", "--post", "binôme-2")
        for desk in (assistant, physician, other):
            desk.hears("attached")
        exam = self.submit("G5")
        self.claims(assistant, exam)
        assistant.type("accepter CRANE-TDM v2")
        assistant.hears("usage", text="accepter : c'est au régulateur")
        self.other_may_not(other, exam)
        self.accepts(physician, exam)
        left = self.submit("G6")
        self.claims(assistant, left)
        assistant.type("quitter")
        demo.wait_until("he is told what he leaves", lambda: any(
            f"{left} est prise" in row["text"] for row in assistant.said if row["op"] == "usage"))
        assistant.type("quitter")
        assistant.process.wait(20)
        self.assertEqual(self.exam(left)["state"], "IN_REGULATION")
        self.other_may_not(other, left)
        self.accepts(physician, left)

    def claims(self, desk, exam):
        desk.hears("request", exam=exam)
        desk.type(f"prendre {exam}")
        desk.hears("claimed", exam=exam)

    def other_may_not(self, desk, exam):
        desk.hears("taken", exam=exam)
        desk.type(f"prendre {exam}")
        desk.hears("refused", what="claim", exam=exam, code="not_holder")

    def accepts(self, desk, exam):
        desk.hears("taken", exam=exam, by="assistant de régulation")
        desk.type(f"prendre {exam}")
        desk.hears("claimed", exam=exam)
        desk.type("accepter CRANE-TDM v2 p2")
        desk.hears("accepted", exam=exam)

    # domain R10
    def test_7_support_sees_incidents_and_steers_nothing(self):
        support = ("incidents", "--person", "402")
        self.nodes.vigie("lead", "--say", "centre bordeaux 1 degrade inondation")
        demo.wait_until("it to be an incident", lambda: "centre bordeaux: works degraded, posts "
                        "closed: 1" in self.nodes.vigie(*support))
        self.nodes.vigie("lead", "--say", "centre bordeaux 0 normal séché")
        demo.wait_until("none", lambda: self.nodes.vigie(*support) == "no incident\n")
        exam = self.submit("G8")
        self.nodes.vigie("duty", "--person", "402", "--say", f"epingler {exam} motif", code=77)
        self.assertNotIn("pinned", self.exam(exam)["flags"])

    # domain R14
    def test_8_an_agency_sees_figures_of_its_area_and_nothing_else(self):
        agency = ("-C", self.nodes.path("d", "people", "407-agence-paca.toml"))
        figures = json.loads(self.nodes.vigie("figures", *agency, "--json", config=False))
        self.assertEqual(figures["area"], "paca")
        self.assertEqual(set(figures["classes"]), {"p0", "p1", "p2", "p3"})
        self.submit("G9")
        another = ("figures", "nouvelle-aquitaine", *agency, "--json")
        figures = json.loads(self.nodes.vigie(*another, config=False))
        self.assertEqual((figures["area"], figures["classes"]["p2"]["requests"]), ("paca", "<5"))
        self.assertIn("paca, establishments:", self.nodes.vigie("figures", *agency, config=False))
        for verb in (["exams"], ["exam", "G1"], ["why", "G1"], ["status"], ["roster"], ["incidents"],
                     ["directory", "show"], ["watch"]):
            with self.subTest(verb=verb):
                self.nodes.vigie(*verb, *agency, config=False, code=77)


if __name__ == "__main__":
    demo.main()
