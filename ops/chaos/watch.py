"""What is seen from outside while faults happen: who leads, and which calls complete."""
import json
import threading
import time

from processes import boottime_ms

DONE = ("submit", "sign", "accept_offer")


class Watch:
    """Asks every node's /metrics several times a second, in a thread of its own."""

    def __init__(self, nodes, every: float = 0.25):
        self.nodes, self.every = nodes, every
        self.seen: list[tuple[float, str, int, bool, float]] = []  # t, site, term, leads, applied
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def end(self) -> None:
        self.ending.set()
        if self.thread.is_alive():
            self.thread.join(10)

    def run(self) -> None:
        while not self.ending.wait(self.every):
            for node in self.nodes:
                if not node.is_up() or node.stopped:
                    continue
                said = node.metrics(0.5)
                if "vigie_raft_term" in said:
                    row = (boottime_ms(), node.site, int(said["vigie_raft_term"]),
                           said.get("vigie_raft_is_leader") == 1,
                           said.get("vigie_raft_applied_index", 0))
                    with self.lock:
                        self.seen.append(row)

    def rows(self, since: float, until: float | None = None) -> list:
        with self.lock:
            return [row for row in self.seen if row[0] >= since and (until is None or row[0] < until)]

    def leader(self) -> str:
        """Who led in the highest term, a moment ago; empty: nobody is known."""
        rows = [row for row in self.rows(boottime_ms() - 2500) if row[3]]
        return max(rows, key=lambda row: (row[2], row[0]))[1] if rows else ""

    def wait_leader(self, seconds: float) -> str:
        end = time.monotonic() + seconds
        while not (found := self.leader()) and time.monotonic() < end:
            time.sleep(0.1)
        return found

    def leaders(self, since: float, until: float) -> int:
        """How often leadership went to another term within that time."""
        terms = {row[2] for row in self.rows(since, until) if row[3]}
        return max(0, len(terms) - 1)

    def term(self, until: float) -> int:
        with self.lock:
            return max((row[2] for row in self.seen if row[0] < until), default=0)


class Progress:
    """Reads what the histories grow by: when which client's calls were answered `ok`."""

    def __init__(self, clients):
        self.files = {client.name: client.history for client in clients}
        self.at = dict.fromkeys(self.files, 0)
        self.done: dict[str, list[float]] = {name: [] for name in self.files}

    def read(self) -> None:
        for name, path in self.files.items():
            try:
                with open(path, "rb") as file:
                    file.seek(self.at[name])
                    text = file.read()
            except OSError:
                continue
            whole = text.rfind(b"\n") + 1
            self.at[name] += whole
            for line in text[:whole].splitlines():
                if b'"op":"answer"' not in line or b'"code":"ok"' not in line:
                    continue
                row = json.loads(line)
                if row["command"] in DONE:
                    self.done[name].append(row["t"])

    def last(self, name: str) -> float:
        return self.done[name][-1] if self.done[name] else 0

    def gap(self, since: float, until: float, names) -> float:
        """The longest time in it, ms, in which none of `names` had a call completed."""
        times = sorted(t for name in names for t in self.done[name] if since <= t <= until)
        marks = [since, *times, until]
        return max(b - a for a, b in zip(marks, marks[1:]))
