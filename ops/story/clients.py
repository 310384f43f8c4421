"""The people of the story: real `vigie read`, `regulate` and `acquire` processes.

What they print (a JSON line for each thing that happened) is gathered as it comes; what they sent
and were told is in their histories, which the checker reads.
"""
import json
import os
import signal
import subprocess
import threading

from federation import Federation, Trouble, wait_until


class Client:
    """One process; `events` grows while it lives."""

    def __init__(self, federation: Federation, name: str, words: list[str], listen=None):
        self.name, self.events, self.listen = name, [], listen
        self.log = federation.path("people", name + ".log")
        command = [os.path.join(federation.bin, "vigie"), "-C", federation.path("client.toml"),
                   *words, "--auto", "--json", "--history", federation.path("histories"),
                   "--patience", "60"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        self.thread = threading.Thread(target=self.gather, daemon=True)
        self.thread.start()

    def gather(self) -> None:
        with open(self.log, "ab", buffering=0) as log:
            for line in self.process.stdout:
                log.write(line)
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                self.events.append(event)
                if self.listen:
                    self.listen(self, event)

    def seen(self, op: str, **wanted) -> dict | None:
        """The first event of this kind."""
        for event in list(self.events):
            if event.get("op") == op and all(event.get(k) == v for k, v in wanted.items()):
                return event
        return None

    def wait(self, op: str, seconds: float, **wanted) -> dict:
        def happened():
            found = self.seen(op, **wanted)
            if not found and self.process.poll() is not None:
                self.thread.join(1)
                found = self.seen(op, **wanted)
                if not found:
                    raise Trouble(f"{self.name} ended ({self.process.returncode}) before `{op}`",
                                  self.log)
            return found
        more = "".join(f" {k}={v}" for k, v in wanted.items())
        return wait_until(f"{self.name} to say `{op}`{more}", seconds, happened, self.log, 0.01)

    def in_hand(self) -> str:
        """The exam he holds or was offered; empty: none."""
        exam = ""
        for event in list(self.events):
            if event["op"] in ("offered", "reading"):
                exam = event["exam"]
            elif event["op"] in ("signed", "taken_away") and event.get("exam") == exam:
                exam = ""
        return exam

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, seconds: float = 10) -> None:
        stop_all([self], seconds)


def stop_all(clients: list[Client], seconds: float = 10) -> None:
    """SIGTERM to all, so that they leave in good order; bounded."""
    for client in clients:
        if client.is_alive():
            client.process.send_signal(signal.SIGTERM)
    for client in clients:
        try:
            client.process.wait(seconds)
        except subprocess.TimeoutExpired:
            client.process.kill()
            client.process.wait()
        client.thread.join(2)
