"""The story, act by act. Everything in it is done by real processes over real sockets."""
import json
import os
import subprocess
import threading
import time
import tomllib

import generator
import hl7_text
import hospital
from clients import Client, stop_all
from federation import SITES, Federation, Trouble, wait_until
from history import Failure
from report import Teller, centre_table, timeline_table
from scenes import Scenes
from senders import Senders

EVENING_SECONDS = 24
EARLY_READ = 10  # seconds: long enough that whoever has an exam is busy when Marseille's comes
STAR_READ = 9
LATE_READ = 1.2
OVER = ("DELIVERED", "CLOSED", "REFUSED", "CANCELLED")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Story:
    def __init__(self, options, teller: Teller, federation: Federation):
        self.options, self.teller, self.federation = options, teller, federation
        self.tell = teller.line
        self.senders = Senders(federation, teller)
        self.desks: list[Client] = []  # regulators and technologists
        self.early: dict[int, Client] = {}
        self.late: dict[int, Client] = {}
        self.people: dict[int, dict] = {}
        self.warm_up: list[generator.Message] = []
        self.star: generator.Message | None = None
        self.evening: list[generator.Message] = []
        self.star_exam, self.star_reader = "", 0
        self.evening_exams = self.evening_reports = 0
        self.failures: list[Failure] = []
        self.problems: list[str] = []
        self.lock = threading.Lock()
        self.signed = 0

    # --- what everybody does ----------------------------------------------------------------------

    def problem(self, text: str) -> None:
        self.problems.append(text)
        self.tell("PROBLEM", text)

    def play(self) -> dict:
        self.prepare()
        self.act_one()
        self.act_two_and_three()
        self.act_four()
        self.act_evening()
        self.evening_exams, self.evening_reports = len(self.room()), self.reports_delivered()
        self.act_guard()
        rows, by_site = self.act_five()
        return self.close(rows, by_site)

    def prepare(self) -> None:
        tell, fed = self.tell, self.federation
        self.teller.act("Three centres")
        fed.clear()
        fed.make()
        tell("", f"federation made in {fed.folder}: keys, settings and directory of {', '.join(SITES)}")
        with open(fed.path("directory.toml"), "rb") as file:
            self.people = {person["id"]: person for person in tomllib.load(file)["person"]}
        fed.start_hospital(self.options.listener)
        where = f", handed on to {self.options.listener}" if self.options.listener else ""
        tell("hospitals", f"listen for reports at {fed.listener}{where}")
        begun = time.monotonic()
        for site in SITES:
            fed.start(site)
        fed.wait_ready(SITES)
        for site in SITES:
            tell(site, f"vigied is up, pid {fed.pids[site]}, clients at "
                       f"{fed.settings[site]['client_listen']} (CURVE)")
        tell(fed.leader(), f"leads, {time.monotonic() - begun:.1f} s after the start")
        self.plan()

    def plan(self) -> None:
        if self.options.orders:
            self.plan_from_file(self.options.orders)
            return
        evening = generator.Evening(self.options.seed, generator.DEMO_HOSPITALS)
        messages = evening.write(60, EVENING_SECONDS, generator.WARM_UP, generator.STAR)
        count = len(generator.WARM_UP)
        self.warm_up, self.star = messages[:count], messages[count]
        self.evening = messages[count + 1:]
        self.tell("hospitals", f"60 orders in {len(messages)} messages tonight, seed {self.options.seed}")

    def plan_from_file(self, path: str) -> None:
        """Marseille's exam is the first new order of a hospital of Marseille; up to six new orders
        of others go first, to keep the readers of Lyon and Marseille busy."""
        with open(path, "rb") as file:
            found = [self.message_of(text) for text in hl7_text.frames_of(file.read())]
        if not found:
            raise Trouble(f"{path}: no message in it (0x0B message 0x1C 0x0D, or bare MSH lines)")
        new = [m for m in found if m.orders]
        readable = [m for m in new if b"|US" not in m.payload and b"^US^" not in m.payload] or new
        stars = [m for m in readable if m.door == "marseille"] or readable
        if not stars:
            raise Trouble(f"{path}: no new order (ORC-1 NW) in it")
        self.star = stars[0]
        first = found.index(self.star)
        alone = {m.hospital for m in found[:first]}
        self.warm_up = [m for m in new if m.door != "bordeaux" and m.hospital != self.star.hospital
                        and m is next(n for n in found if n.hospital == m.hospital)][:6]
        taken = {id(m) for m in self.warm_up} | {id(self.star)}
        self.evening = [m for m in found if id(m) not in taken]
        if self.star.hospital in alone:
            self.tell("hospitals", "what the file has before Marseille's exam is sent after it")
        self.tell("hospitals", f"{len(found)} messages with {sum(len(m.orders) for m in found)} new "
                               f"orders from {path}")

    def message_of(self, text: bytes) -> generator.Message:
        field = lambda name, n: hl7_text.field(text, name, n)
        names = [field("ORC", 21).split("^")[0], *field("ORC", 21).split("^")[9:10],
                 field("MSH", 4).split("^")[0], (field("PV1", 3).split("^") + [""] * 4)[3],
                 field("ORC", 17).split("^")[0]]
        place = self.federation.establishment_of(names) or generator.STAR
        what = " ".join(hl7_text.field(text, "MSH", 9).split("^")[:2])
        return generator.Message(0.0, place, self.federation.home_of(place),
                                 hl7_text.control_id(text), tuple(hl7_text.new_orders(text)),
                                 what, False, text)

    def name(self, person: int) -> str:
        return self.people[person]["name"]

    def history_of(self, person: int) -> str:
        """`people/104-lecteur-neuro-bordeaux.toml` writes lecteur-neuro-bordeaux.jsonl."""
        files = os.listdir(self.federation.path("people"))
        stem = next(f for f in files if f.startswith(f"{person}-") and f.endswith(".toml"))
        return stem.split("-", 1)[1].removesuffix(".toml") + ".jsonl"

    def readers_of(self, *sites: str) -> list[int]:
        return [number for number, person in self.people.items()
                if "reader" in person["roles"] and person["site"] in sites and number < 200]

    def reader(self, person: int, seconds: float, count: int = 0) -> Client:
        words = ["read", "--person", str(person), "--read-seconds", str(seconds)]
        if count:
            words += ["--count", str(count)]
        return Client(self.federation, self.name(person).replace(" ", "-"), words, self.heard)

    def heard(self, client: Client, event: dict) -> None:
        """A line for what readers do."""
        who, site = event.get("who", client.name), event.get("site", "")
        if event["op"] == "offered":
            self.tell("room", f"{event['exam']} {event.get('urgency', '')} {event.get('modality', '')} "
                              f"{event.get('protocol', '')} is offered to {who}")
        elif event["op"] == "signed":
            with self.lock:
                self.signed += 1
            self.tell(site, f"{who} signs {event['exam']}"
                            + ("" if event["code"] == "ok" else f" ({event['code']})"))
        elif event["op"] in ("taken_away", "refused", "lost"):
            reason = event.get("event") or f"{event.get('what', '')} {event.get('code', '')}"
            self.tell("room", f"{who}: {event['op']} {event.get('exam', '')} {reason}".rstrip())
        elif event["op"] == "disconnected":
            self.tell(site, f"{who} lost the connection: {event.get('why', '')}")

    def room(self) -> list[dict]:
        return self.federation.ask("exams")["exams"]

    # --- acts -------------------------------------------------------------------------------------

    def act_one(self) -> None:
        self.teller.act("Act 1: the evening begins; every reader of Lyon and Marseille is busy")
        fed = self.federation
        self.desks = [Client(fed, "regulators", ["regulate", "--think-seconds", "0.3"]),
                      Client(fed, "technologists", ["acquire", "--acquire-seconds", "0.5"])]
        count = sum(len(m.orders) for m in self.warm_up)
        for person in self.readers_of("lyon", "marseille")[:max(count, 0)]:
            self.early[person] = self.reader(person, EARLY_READ, 1)
        for client in [*self.desks, *self.early.values()]:
            client.wait("attached", 20)
        self.tell("lyon", "the regulators are at their desk; technologists of every hospital too")
        if not self.warm_up:
            return
        self.senders.start(self.warm_up)
        self.senders.wait(60)

        def all_busy():
            fed.check_alive()
            waiting = [r for r in self.room() if r["state"] not in ("READING", "PRELIMINARY",
                                                                    "VALIDATED", *OVER)]
            return not waiting or all(c.in_hand() for c in self.early.values())
        try:
            wait_until("the first orders to be read", 15, all_busy, self.desks[0].log)
        except Trouble as trouble:
            self.tell("room", f"{trouble}: the story goes on without")
        for person, client in list(self.early.items()):
            if not client.in_hand():
                client.stop()
                del self.early[person]
                self.tell(self.people[person]["site"], f"{self.name(person)} has nothing in hand and leaves")
        self.tell("room", f"{len(self.early)} readers of Lyon and Marseille, all of them reading")

    def act_two_and_three(self) -> None:
        self.teller.act("Acts 2 and 3: a Marseille patient; the free reader is in Bordeaux")
        fed, star = self.federation, self.star
        for person in self.readers_of("bordeaux"):
            self.early[person] = self.reader(person, STAR_READ, 1)
        for person in self.readers_of("bordeaux"):
            event = self.early[person].wait("attached", 20)
            self.tell("bordeaux", f"{self.name(person)} sits down (session {event['session']})")
        sent = self.senders.send(star, "marseille")
        exams = sent.ack.exams()
        if not exams:
            raise Trouble(f"Marseille's order was not taken: {sent.ack.code} {sent.ack.error}",
                          fed.log("marseille"))
        self.star_exam = exams[0]
        again = self.senders.send(star, "lyon")
        if again.ack.exams() != exams:
            self.problem(f"sent again by Lyon's door it became {again.ack.exams()}, not {exams}")
        else:
            self.tell("lyon", f"the same order by this door is the same exam: {again.ack.text}")
        judged = self.desks[0].wait("accepted", 20, exam=self.star_exam)
        self.tell("lyon", f"{judged['who']} accepts {self.star_exam}: {judged['protocol']}, "
                          f"{judged['urgency']}")
        done = self.desks[1].wait("images_complete", 20, exam=self.star_exam)
        self.tell("marseille", f"{done['who']}: images of {self.star_exam} are complete")

        def taken():
            fed.check_alive()
            return next((p for p, c in self.early.items() if c.seen("reading", exam=self.star_exam)), 0)
        self.star_reader = wait_until(f"a reader for {self.star_exam}", 30, taken,
                                      fed.log(fed.leader()), 0.02)
        event = self.early[self.star_reader].seen("reading", exam=self.star_exam)
        self.tell(self.people[self.star_reader]["site"],
                  f"{self.name(self.star_reader)} reads {self.star_exam}, "
                  f"{event['t'] - done['t']} ms after its images")
        self.tell("why", fed.ask("why", self.star_exam)["text"])

    def act_four(self) -> None:
        kill = self.options.kill or "reader"
        fed = self.federation
        client = self.early[self.star_reader]
        site = self.people[self.star_reader]["site"]
        if kill == "leader":
            self.teller.act("Act 4: whoever leads is killed under load, while Bordeaux reads")
            self.begin_evening()
            wanted = self.senders.answered + min(3, len(self.evening))
            wait_until("the evening to be under way", 30,
                       lambda: self.senders.answered >= wanted, every=0.02)
        else:
            self.teller.act("Act 4: a node is killed while Bordeaux reads")
            time.sleep(1)
        victim = {"reader": site, "origin": "marseille"}.get(kill) or fed.leader()
        failure = self.kill(victim)
        if victim == site:
            back = wait_until(f"{client.name} at another centre", 20,
                              lambda: self.attached_after(client, failure.at_ms), client.log, 0.02)
            self.tell(back["site"], f"{back['who']} goes on here {back['t'] - failure.at_ms} ms later, "
                                    f"session {back['session']}, exam in hand {back['exam']}")
        signed = client.wait("signed", STAR_READ + 40, exam=self.star_exam)
        self.star_delivered(signed)
        self.revive(victim)

    def attached_after(self, client: Client, at_ms: int):
        return next((e for e in list(client.events) if e["op"] == "attached" and e["t"] > at_ms), None)

    def star_delivered(self, signed: dict) -> None:
        fed, order = self.federation, self.star.orders[0]

        def arrived():
            return next((r for r in self.reports() if r["order"] == order and r["status"] == "F"), None)
        report = wait_until(f"the report of order {order} at {fed.listener}", 60, arrived,
                            fed.path("reports.log"))
        self.tell("hospital", f"gets the report of order {order} as ORU^R01 {report['id']}, "
                              f"{report['t'] - signed['t']} ms after the signature; acknowledged by id")
        exam = wait_until(f"{self.star_exam} to be DELIVERED", 30, lambda: next(
            (e for e in [fed.ask("exam", self.star_exam)] if e["state"] == "DELIVERED"), None))
        self.tell("room", f"{self.star_exam} is {exam['state']}")

    def reports(self) -> list[dict]:
        try:
            with open(self.federation.path("reports.log"), encoding="utf-8") as file:
                rows = [json.loads(line) for line in file.read().split("\n")[:-1]]
        except OSError:
            return []
        return [row for row in rows if row["op"] == "report"]

    def reports_delivered(self) -> int:
        return len({r["id"] for r in self.reports() if r["status"] == "F"})

    def kill(self, site: str) -> Failure:
        fed = self.federation
        leader = fed.leader()
        led = "which leads" if site == leader else f"{leader} leads"
        self.tell(site, f"KILLED: kill -9 {fed.pids[site]}; {led}")
        at = hospital.boot_ms()
        fed.kill9(site)
        failure = Failure(site, site == leader, at)
        self.failures.append(failure)
        new = fed.leader()
        if site == leader:
            self.tell(new, f"leads now, seen {hospital.boot_ms() - at} ms after the kill")
        return failure

    def revive(self, site: str) -> None:
        begun = time.monotonic()
        self.federation.start(site)
        self.federation.wait_ready([site])
        row = self.federation.status_of(site)
        self.tell(site, f"restarted from its disk in {time.monotonic() - begun:.1f} s, "
                        f"applied {row['applied_index']}")

    def begin_evening(self) -> None:
        """Those who are not busy begin the late shift; the hospitals begin to send."""
        self.late_shift()
        self.senders.start(self.evening)

    def late_shift(self) -> None:
        for person in self.readers_of(*SITES):
            early = self.early.get(person)
            if person in self.late or (early and early.is_alive() and early.in_hand()):
                continue
            if early and early.is_alive():
                early.stop()
            self.late[person] = self.reader(person, LATE_READ)

    def act_evening(self) -> None:
        kill = self.options.kill
        if kill == "leader":
            self.tell("room", "the evening goes on")
        else:
            more = "; whoever leads is killed under load" if not kill else ""
            self.teller.act(f"The evening, {len(self.evening)} messages{more}")
            self.begin_evening()
        if not kill and self.evening:
            wanted = self.senders.answered + len(self.evening) * 2 // 5
            wait_until("two fifths of the evening", 60,
                       lambda: self.senders.answered >= wanted, every=0.02)
            victim = self.federation.leader()
            self.kill(victim)
            time.sleep(3)
            self.revive(victim)
        end = time.monotonic() + 30
        while any(c.is_alive() and c.in_hand() for c in self.early.values()) and time.monotonic() < end:
            time.sleep(0.1)
        self.late_shift()
        self.senders.wait(EVENING_SECONDS + 120)
        self.wait_delivered()
        stop_all([*self.late.values(), *self.early.values(), *self.desks])
        self.tell("room", "everybody goes home")

    def act_guard(self) -> None:
        """With the evening of the demonstration, nobody killed on demand: people at their desks."""
        if self.options.kill or self.options.orders:
            return
        self.teller.act("What else a guard is: people at their desks, scene by scene")
        Scenes(self.federation, self.tell).play()
        self.wait_delivered()

    def wait_delivered(self, seconds: float = 120) -> None:
        end, shown = time.monotonic() + seconds, time.monotonic()
        while True:
            self.federation.check_alive()
            rows = self.room()
            left = [r for r in rows if r["state"] not in OVER]
            if not left:
                self.tell("room", f"all {len(rows)} exams are over")
                return
            if time.monotonic() > end:
                names = ", ".join(f"{r['exam']} {r['state']}" for r in left[:8])
                return self.problem(f"after {seconds:.0f} s {len(left)} exams are not over: {names}; "
                                    f"read {self.federation.log(self.federation.leader())}")
            if time.monotonic() - shown > 5:
                shown = time.monotonic()
                self.tell("room", f"{len(rows) - len(left)} exams over, {len(left)} to go")
            time.sleep(0.3)

    def act_five(self):
        self.teller.act("Act 5: three nodes, one state")
        fed = self.federation

        def same():
            fed.check_alive()
            by_site = {site: fed.status_of(site) for site in SITES}
            views = {(row["applied_index"], row["digest"]) for row in by_site.values()}
            return by_site if len(views) == 1 else None
        try:
            by_site = wait_until("the same applied index and digest at all three", 20, same, every=0.3)
        except Trouble as trouble:
            by_site = {site: fed.status_of(site) for site in SITES}
            self.problem(str(trouble))
        for site, row in by_site.items():
            self.tell(site, f"{row['raft']}, applied {row['applied_index']}, digest {row['digest']}")
        return self.room(), by_site

    # --- the end ----------------------------------------------------------------------------------

    def close(self, rows: list[dict], by_site: dict) -> dict:
        fed, teller = self.federation, self.teller
        star = fed.ask("exam", self.star_exam)
        why = fed.vigie("why", self.star_exam)
        teller.act("The centres tonight")
        teller.table(centre_table(SITES, rows, by_site))
        teller.act(f"{self.star_exam}, order {star['placer_order']} of {star['establishment']}")
        teller.table(timeline_table(star))
        teller.act(f"Why there: vigie why {self.star_exam}")
        teller.raw("  " + why.strip().replace("\n", "\n  "))
        teller.act("The independent checker")
        stubborn = fed.stop(SITES)
        for site in stubborn:
            self.problem(f"{site} did not stop at SIGTERM; read {fed.log(site)}")
        verdict = self.verify()
        result = self.result(star, verdict)
        self.judge(result, star)
        result["ok"] = result["ok"] and not self.problems
        return result

    def verify(self) -> dict:
        verify = os.path.join(ROOT, "ops", "verify")
        environment = {**os.environ, "VIGIE_BIN": self.federation.bin}
        for word in ("--seal", "--json"):
            command = [verify, word, self.federation.folder]
            try:
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      stdin=subprocess.DEVNULL, env=environment, timeout=120, check=False)
                verdict = json.loads(done.stdout) if word == "--json" else {}
            except (OSError, ValueError, subprocess.TimeoutExpired) as error:
                said = done.stderr.decode(errors="replace").strip() if "done" in locals() else ""
                self.problem(f"`{' '.join(command)}` said nothing that can be read: {error} {said}")
                return {"ok": False}
        self.tell("checker", "; ".join(f"{k} {v}" for k, v in verdict.items()
                                       if isinstance(v, (int, str))))
        for violation in verdict.get("violations", [])[:10]:
            self.tell("checker", f"VIOLATION {violation}")
        return verdict

    def result(self, star: dict, verdict: dict) -> dict:
        index_of = lambda event: next((t["index"] for t in star["timeline"] if t["event"] == event), 0)
        failure = self.failures[0].measure(self.federation.path("histories"),
                                           self.history_of(self.star_reader), star)
        for other in self.failures[1:]:
            found = other.measure(self.federation.path("histories"), "", star)
            self.tell(other.site, f"killed as leader: {found['gap_ms']} ms until the next promise")
        return {
            "ok": bool(verdict.get("ok")),
            "exams": self.evening_exams,
            "reports_delivered": self.evening_reports,
            "lost": verdict.get("lost", -1),
            "double_assignments": verdict.get("double_assignments", -1),
            "digests_equal": bool(verdict.get("digests_equal", False)),
            "marseille": {"exam": star["exam"], "placer_order": star["placer_order"],
                          "origin_site": star["origin_site"], "reading_site": star["reading_site"],
                          "reader": star["reader"], "state": star["state"],
                          "index_submitted": index_of("RequestSubmitted"),
                          "index_delivered": index_of("ExamDelivered")},
            "failover": failure,
        }

    def judge(self, result: dict, star: dict) -> None:
        """What the checker does not know: the story's own promises."""
        self.problems += self.senders.failed
        if not self.options.orders:
            self.problems += self.senders.refused
            if result["exams"] != 60:
                self.problem(f"{result['exams']} exams, not 60")
        if star["reading_site"] != "bordeaux" or star["state"] not in ("DELIVERED", "CLOSED"):
            self.problem(f"{star['exam']} was read in {star['reading_site']} and is {star['state']}")
        for key in ("session_kept", "exam_kept"):
            if not result["failover"][key]:
                self.problem(f"{key} is false: read the histories in "
                             f"{self.federation.path('histories')}")
        failover = result["failover"]
        self.tell(failover["killed_site"], f"killed: {failover['gap_ms']} ms without an answer, "
                                           f"session kept: {failover['session_kept']}, exam kept: "
                                           f"{failover['exam_kept']}")
