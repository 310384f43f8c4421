"""One run: what is struck, when, and what is noted about it."""
import random
import signal
import time
from dataclasses import dataclass, field

from faults import FAULTS
from processes import boottime_ms
from watch import Progress, Watch

RECOVERY = 90.0  # seconds after a fault in which every client must get something done again


@dataclass
class Event:
    kind: str
    whom: str
    begun: float  # CLOCK_BOOTTIME ms
    healed: float
    recovered: float = 0
    gap: float = 0          # ms in which no client of all centres completed a call
    worst_client: float = 0  # the same, of the client that had it worst
    leader_changes: int = 0
    terms: int = 0


@dataclass
class Rig:
    federation: object
    seed: int
    say: object
    scale: float = 1.0  # of how long faults are held
    anomalies: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    not_struck: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        self.chance = random.Random(self.seed)
        self.net = self.federation.net
        self.nodes = self.federation.nodes
        self.watch = Watch(list(self.nodes.values()))
        self.progress = Progress([])
        self.excused: set[str] = set()
        self.ends: dict[str, int] = {}  # unplanned ends, by exit code

    # --- what faults use --------------------------------------------------------------------------

    def shuffled(self) -> list[str]:
        return self.chance.sample(self.net.sites, len(self.net.sites))

    def leader(self) -> str:
        return self.watch.wait_leader(20)

    def leader_or_any(self) -> str:
        return self.leader() or self.chance.choice(self.net.sites)

    def follower(self) -> str:
        leader = self.leader()
        return self.chance.choice([s for s in self.net.sites if s != leader])

    def kill(self, site: str) -> None:
        self.look_for_ends()
        self.nodes[site].kill()

    def may_end(self, site: str) -> None:
        """Until the next heal(), that node leaving by itself is what it should do."""
        self.excused.add(site)

    def revive(self, site: str) -> None:
        self.look_for_ends()
        if not self.nodes[site].is_up():
            self.nodes[site].start()

    def hold(self, shortest: float, longest: float) -> None:
        end = time.monotonic() + self.chance.uniform(shortest, longest) * self.scale
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(0.2, left))
            self.look_for_ends()

    def anomaly(self, what: str) -> None:
        self.anomalies.append(what)
        self.say(f"ANOMALY: {what}")

    # --- the run ----------------------------------------------------------------------------------

    def look_for_ends(self) -> None:
        for site, node in self.nodes.items():
            code = node.ended()
            if code is None:
                continue
            self.ends[f"{site}:{code}"] = self.ends.get(f"{site}:{code}", 0) + 1
            if site not in self.excused or code not in (70, 74):
                self.anomaly(f"{site} ended by itself with {code}: see {node.log}")
        for client in self.federation.clients:
            code = client.process.poll()
            if code not in (None, 0) and client.name not in self.excused:
                self.excused.add(client.name)
                self.anomaly(f"client {client.name} ended with {code}")

    def heal(self) -> None:
        """Everything as it should be; nodes that are gone come back."""
        self.net.heal()
        for client in self.federation.clients:
            client.signal(signal.SIGCONT)
        for site, node in self.nodes.items():
            if node.levers:
                node.levers.heal()
            if node.stopped:
                node.signal(signal.SIGCONT)
            self.revive(site)
        self.excused -= set(self.nodes)

    def possible(self) -> tuple[list[str], dict[str, str]]:
        """The kinds that can be done here, and why the others cannot."""
        have = {"cut": self.net.can_cut, "small_disk": bool(self.federation.small_disk),
                "levers": bool(self.federation.library)}
        why = {"cut": "no network namespaces", "small_disk": "no tmpfs may be mounted",
               "levers": "no C compiler for shim.c"}
        missing = {kind: next(n for n in f.needs if not have[n]) for kind, f in FAULTS.items()
                   if not all(have[n] for n in f.needs)}
        return [k for k in FAULTS if k not in missing], {k: why[n] for k, n in missing.items()}

    def strike(self, kind: str) -> None:
        begun, term = boottime_ms(), self.watch.term(boottime_ms())
        try:
            whom = FAULTS[kind](self)
        finally:
            self.heal()
        event = Event(kind, whom, begun, boottime_ms())
        waited_for = self.wait_recovered(event)
        self.measure(event, waited_for, term)
        if whom:
            self.events.append(event)
        else:
            self.not_struck[kind] = self.not_struck.get(kind, 0) + 1
        self.say(f"{kind:16} {whom or 'NOT STRUCK':18} {(event.healed - begun) / 1000:5.1f} s, no call "
                 f"completed for {event.gap:6.0f} ms (one client: {event.worst_client:6.0f} ms), "
                 f"leader changes {event.leader_changes}, terms +{event.terms}")

    def wait_recovered(self, event: Event) -> list[str]:
        """Until each client that reaches all centres got something done after the healing."""
        names = [c.name for c in self.federation.loads(everywhere=False)]
        end = time.monotonic() + RECOVERY
        while time.monotonic() < end:
            self.progress.read()
            if all(self.progress.last(name) > event.healed for name in names):
                break
            time.sleep(0.1)
            self.look_for_ends()
            for site in self.nodes:
                self.revive(site)
        else:
            late = [n for n in names if self.progress.last(n) <= event.healed]
            self.anomaly(f"{event.kind} {event.whom}: {RECOVERY:.0f} s after it was over, nothing "
                         f"completes for {', '.join(late)}")
        event.recovered = boottime_ms()
        time.sleep(3 * self.watch.every)  # what leads now is seen, too
        return names

    def measure(self, event: Event, names: list[str], term: int) -> None:
        counted = [name for name in names if name != event.whom]
        span = event.begun, event.recovered
        event.gap = self.progress.gap(*span, counted)
        event.worst_client = max((self.progress.gap(*span, [n]) for n in counted), default=0)
        now = boottime_ms()
        event.leader_changes = self.watch.leaders(event.begun - 1000, now)
        event.terms = max(0, self.watch.term(now) - term)

    def run(self, seconds: float, kinds: list[str]) -> None:
        """Each kind once in random order, again and again, until the time is over."""
        self.progress = Progress(self.federation.loads(everywhere=True))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for kind in self.chance.sample(kinds, len(kinds)):
                if time.monotonic() >= end:
                    break
                self.strike(kind)
                self.hold(1, 3)

    def wait_same(self, seconds: float) -> bool:
        """Until all nodes have applied one index, and nothing moves any more."""
        end, before = time.monotonic() + seconds, None
        while time.monotonic() < end:
            said = [node.metrics() for node in self.nodes.values()]
            at = {row.get("vigie_raft_applied_index", -1 - i) for i, row in enumerate(said)}
            if len(at) == 1 and at == before:
                return True
            before = at
            time.sleep(0.5)
            self.look_for_ends()
            for site in self.nodes:
                self.revive(site)
        self.anomaly(f"{seconds:.0f} s after everything was healed the nodes are at {sorted(at)}")
        return False
