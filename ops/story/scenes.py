"""What a guard is beside its main road, scene by scene, by people who type: one duty head, an ultrasound
that is refused, a stroke phoned in, a colleague's opinion, an agreement that begins with the guard, a
hand-over. Every line is said by a real `vigie` process."""
import datetime
import json
import os
import subprocess
import threading
import time
import tomllib
import zoneinfo

from federation import Federation, Trouble, wait_until

HOSPITAL = "ch-gap"
EVENING_AGREEMENT = "compiegne-scanner-garde"


class Typist:
    """`vigie VERB` with somebody typing."""

    def __init__(self, federation: Federation, *words: str):
        self.said: list[dict] = []
        self.log = federation.path("people", f"{words[0]}-typed.log")
        self.process = subprocess.Popen(
            [os.path.join(federation.bin, "vigie"), "-C", federation.path("client.toml"), "--json",
             "--history", federation.path("histories"), "--patience", "30", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()
        self.hears("attached")

    def listen(self) -> None:
        with open(self.log, "a", encoding="utf-8") as log:
            for line in self.process.stdout:
                log.write(line)
                self.said.append(json.loads(line))

    def type(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hears(self, op: str, seconds: float = 30, **wanted) -> dict:
        def heard():
            return next((row for row in list(self.said)
                         if row["op"] == op and all(row.get(k) == v for k, v in wanted.items())), None)
        return wait_until(f"`{op}` {wanted or ''} at a desk", seconds, heard, self.log, 0.02)

    def leave(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.thread.join(2)


class Scenes:
    def __init__(self, federation: Federation, tell):
        self.federation, self.tell = federation, tell
        self.desks: list[Typist] = []
        self.number = 0
        self.regulator: Typist | None = None

    def play(self) -> None:
        try:
            guard_begins = self.agree_with_compiegne()
            self.take_the_duty()
            self.refuse_an_ultrasound()
            self.phone_a_stroke_in()
            self.begin_the_guard(guard_begins)
            self.hand_the_duty_over()
        finally:
            for desk in self.desks:
                desk.leave()

    # --- what scenes are made of ------------------------------------------------------------------

    def desk(self, *words: str) -> Typist:
        desk = Typist(self.federation, *words)
        self.desks.append(desk)
        return desk

    def leave(self, desk: Typist) -> None:
        self.desks.remove(desk)
        desk.leave()

    def order(self) -> str:
        self.number += 1
        return f"GARDE-{self.number}"

    def submit(self, *words: str) -> dict:
        rows = self.federation.vigie("submit", "--json", *words).splitlines()
        return json.loads(rows[0])

    def accept(self, regulator: Typist, exam: str, protocol: str, urgency: str = "") -> None:
        regulator.hears("request", exam=exam)
        regulator.type(f"prendre {exam}")
        regulator.hears("claimed", exam=exam)
        regulator.type(f"accepter {protocol} {urgency}".strip())
        regulator.hears("accepted", exam=exam)

    def make(self, exam: str) -> None:
        """Its images are there."""
        technologist = self.desk("acquire", "--person", self.technologist())
        technologist.type(f"debut {exam}")
        technologist.hears("acquisition_started", exam=exam)
        technologist.type(f"complet {exam} 300")
        technologist.hears("images_complete", exam=exam)
        self.leave(technologist)

    def technologist(self) -> str:
        for person in self.directory()["person"]:
            if "technologist" in person["roles"] and person.get("establishment") == HOSPITAL:
                return str(person["id"])
        raise Trouble(f"no technologist of {HOSPITAL} in the directory")

    def directory(self) -> dict:
        with open(self.federation.path("directory.toml"), "rb") as file:
            return tomllib.load(file)

    def state(self, exam: str) -> dict:
        return self.federation.ask("exam", exam)

    # --- scenes -----------------------------------------------------------------------------------

    def take_the_duty(self) -> None:
        self.federation.vigie("duty", "--person", "401", "--say", "adjoint 405")
        duty = self.federation.ask("status")["duty"]
        self.tell("lyon", f"{duty['head']} has the duty of the federation, number {duty['number']}; "
                          f"deputy {duty['deputy']}")

    def refuse_an_ultrasound(self) -> None:
        row = self.submit("-e", HOSPITAL, "-o", self.order(), "--modality", "US", "--age", "child",
                          "--procedure", "ECHO ABDOMEN")
        self.tell("room", f"{row['exam']}: an ultrasound is not read at a distance: {row['text']}")
        if self.state(row["exam"])["state"] != "REFUSED" or not row["text"]:
            raise Trouble("an ultrasound was not refused with its recourse centre")

    def phone_a_stroke_in(self) -> None:
        """Three exams wait; the stroke has no order yet, and is read first, by two."""
        regulator = self.regulator = self.desk("regulate")
        waiting = [self.submit("-e", HOSPITAL, "-o", self.order())["exam"] for _ in range(3)]
        for exam in waiting:
            self.accept(regulator, exam, "THORAX-TDM v1", "p2")
            self.make(exam)
        row = self.submit("-e", HOSPITAL, "--phoned", "--procedure", "AVC", "--region", "head")
        exam = row["exam"]
        self.tell("lyon", f"the assistant notes a call: {exam}, a stroke, before its order exists")
        self.accept(regulator, exam, "AVC-TDM v3")
        self.make(exam)
        reader = self.desk("read", "--person", "104")
        offered = reader.hears("offered")
        if offered["exam"] != exam:
            raise Trouble(f"{offered['exam']} was offered before the stroke {exam}")
        self.tell("room", f"{exam} is {offered['urgency']} by its protocol and jumps {len(waiting)} "
                          "exams that wait")
        reader.type("accepter")
        reader.hears("reading", exam=exam)
        self.join_the_order(regulator, exam)
        self.ask_a_colleague(reader, exam, waiting)

    def join_the_order(self, regulator: Typist, exam: str) -> None:
        order = self.order()
        regulator.type(f"relier {exam} {HOSPITAL} {HOSPITAL}-ris {order}")
        regulator.hears("link_order", exam=exam)
        again = self.submit("-e", HOSPITAL, "-o", order, "--authority", f"{HOSPITAL}-ris")
        if again["exam"] != exam:
            raise Trouble(f"the order {order} became {again['exam']} beside {exam}")
        self.tell("hospital", f"its order {order} comes later and is the same exam {exam}")

    def ask_a_colleague(self, reader: Typist, exam: str, waiting: list[str]) -> None:
        reader.type(f"avis {exam} thrombus du tronc basilaire ?")
        child = reader.hears("ask_read")["exam"]
        colleague = self.desk("read", "--person", "102")
        offered = colleague.hears("offered")["exam"]
        if offered != child:
            raise Trouble(f"{offered} was offered to the colleague, not the opinion {child}")
        colleague.type("accepter")
        colleague.hears("reading", exam=child)
        colleague.type("signer thrombus confirmé")
        colleague.hears("signed", exam=child)
        reader.type("signer occlusion du tronc basilaire, avis concordant")
        reader.hears("signed", exam=exam)
        self.tell("room", f"{colleague.said[0]['who']} gave an opinion, {child}; the report of {exam} is "
                          f"signed by {reader.said[0]['who']} alone")
        for desk in (reader, colleague):  # what waited is read
            self.read_on(desk, waiting)

    def read_on(self, desk: Typist, waiting: list[str]) -> None:
        """Reads what he is offered until none of `waiting` waits."""
        done = {row["exam"] for row in desk.said if row["op"] == "signed"}
        while any(self.state(exam)["state"] in ("READY", "OFFERED", "READING") for exam in waiting):
            offered = next((row["exam"] for row in list(desk.said)
                            if row["op"] == "offered" and row["exam"] not in done), None)
            if not offered:
                if all(self.state(exam)["state"] != "READY" for exam in waiting):
                    return  # the other one has it
                time.sleep(0.05)
                continue
            desk.type("accepter")
            desk.hears("reading", exam=offered)
            desk.type("signer rien à signaler")
            desk.hears("signed", exam=offered)
            done.add(offered)

    def agree_with_compiegne(self) -> datetime.datetime:
        """CT in the guard only, which begins with the next minute: in a zone where that is in the
        evening. @return when."""
        now = datetime.datetime.now(datetime.timezone.utc)
        begins = now.replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
        if (begins - now).total_seconds() < 8:
            begins += datetime.timedelta(minutes=1)
        hours = (18 - begins.hour + 12) % 24 - 12  # its local time is six something
        zone = f"Etc/GMT{'-' if hours >= 0 else '+'}{abs(hours)}" if hours else "Etc/GMT"
        local = begins.astimezone(zoneinfo.ZoneInfo(zone))
        text = self.federation.vigie("directory", "show")
        shown = tomllib.loads(text)
        names = ", ".join(f'"{e["name"]}"' for e in shown["establishment"])
        text = text.replace(f"version = {shown['version']}\n", f"version = {shown['version'] + 1}\n", 1)
        common = 'name = "commune scanner et IRM"\n'
        text = text.replace(common, f"{common}establishments = [{names}]\n", 1)
        text = text.replace("[rules]", f"""[[entity]]
id = 60
name = "ch-compiegne"
kind = "public"

[[calendar]]
id = 60
name = "compiegne"
zone = "{zone}"
guard_begin = "{local.hour * 60 + local.minute} min"
guard_end = "8 h"

[[establishment]]
id = 60
name = "ch-compiegne"
legal_entity = "ch-compiegne"
calendar = "compiegne"
doors = ["lyon", "bordeaux"]

[[agreement]]
name = "{EVENING_AGREEMENT}"
kind = "provider"
legal_basis = "CSP L. 6146-2"
establishments = ["ch-compiegne"]
modalities = ["CT"]
bands = ["evening"]
group = "tous"
requester = {{ by = "direction de ch-compiegne", on = 2026-01-05 }}
provider = {{ by = "direction de la garde", on = 2026-01-05 }}

[rules]""", 1)
        path = self.federation.path("directory-compiegne.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.federation.vigie("directory", "apply", path)
        os.replace(path, self.federation.path("directory.toml"))
        by_day = self.submit("-e", "ch-compiegne", "-o", self.order())["exam"]
        exam = self.state(by_day)
        if "no_agreement" not in exam["flags"]:
            raise Trouble(f"{by_day} came before the guard and is under {exam['agreement']}")
        self.tell("room", f"{by_day}, a CT of Compiègne by day: no agreement, the regulator decides; its "
                          f"guard begins at {local:%H:%M} there, {begins:%H:%M} UTC")
        return begins

    def begin_the_guard(self, begins: datetime.datetime) -> None:
        left = (begins - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        time.sleep(max(left, 0) + 1.5)  # the federation's clock is within a second of ours
        exam = self.state(self.submit("-e", "ch-compiegne", "-o", self.order())["exam"])
        if exam["agreement"] != EVENING_AGREEMENT:
            raise Trouble(f"{exam['exam']} came in the guard and is under {exam['agreement'] or 'none'}")
        self.tell("room", f"{exam['exam']}, the same in its guard: {exam['agreement']}")

    def hand_the_duty_over(self) -> None:
        fed = self.federation
        fed.vigie("duty", "--person", "401", "--say", "passer 405")
        said = [json.loads(line) for line in
                fed.vigie("handover", "--person", "405", "--auto", "--json").splitlines()]
        exams = sorted({row["exam"] for row in said if row["op"] == "exam"})
        duty = fed.ask("status")["duty"]
        if duty["number"] != 2:
            raise Trouble(f"the duty was not handed over: {duty}")
        self.tell("bordeaux", f"{duty['head']} takes the duty, number {duty['number']}, having seen what is "
                              f"open: {', '.join(exams)}")
        regulator = self.regulator
        for exam in exams:  # Compiègne's two are no longer wanted
            regulator.hears("request", exam=exam)
            regulator.type(f"prendre {exam}")
            regulator.hears("claimed", exam=exam)
            regulator.type("refuser examen fictif de la démonstration")
            regulator.hears("refuse", exam=exam)
