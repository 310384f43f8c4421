"""The hospitals' systems at work: each sends its own messages in order, all of them at once."""
import threading
import time
from collections import defaultdict

import hospital
from federation import Federation, Trouble
from generator import Message
from report import Teller


class Senders:
    """Sends messages and keeps what became of each."""

    def __init__(self, federation: Federation, teller: Teller):
        self.federation, self.teller = federation, teller
        self.answered = 0
        self.failed: list[str] = []  # no answer, or a wrong one
        self.refused: list[str] = []
        self.threads: list[threading.Thread] = []

    def send(self, message: Message, door: str | None = None) -> hospital.Sent:
        """Sends one message by `door`, else the hospital's own, else whoever answers."""
        doors = self.federation.doors(message.hospital, door or message.door)
        sent = hospital.send(message.payload, doors)
        if sent.ack.answers != message.control_id:
            self.failed.append(f"{message.control_id}: the acknowledgement names {sent.ack.answers!r}")
        if sent.ack.code in ("AE", "AR", "CE", "CR"):
            self.refused.append(f"{message.control_id}: {sent.ack.code} {sent.ack.error}")
        exams = " ".join(sent.ack.exams()) or sent.ack.error
        again = f", try {sent.tries}" if sent.tries > 1 else ""
        self.teller.line(sent.door, f"{message.hospital} sends {message.control_id} ({message.what}): "
                                    f"{sent.ack.code} {exams} in {sent.ms} ms{again}")
        self.answered += 1
        return sent

    def start(self, messages: list[Message]) -> None:
        """Each hospital in a thread of its own, messages at their times from now."""
        queues = defaultdict(list)
        for message in messages:
            queues[message.hospital].append(message)
        begun = time.monotonic()
        for queue in queues.values():
            thread = threading.Thread(target=self.work, args=(queue, begun), daemon=True)
            self.threads.append(thread)
            thread.start()

    def work(self, queue: list[Message], begun: float) -> None:
        for message in queue:
            time.sleep(max(0.0, begun + message.at - time.monotonic()))
            try:
                self.send(message)
            except Exception as error:  # a thread must not end in silence
                self.failed.append(f"{message.control_id}: {error}")
                self.teller.line("PROBLEM", f"{message.hospital}: {error}")

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, end - time.monotonic()))
        if any(thread.is_alive() for thread in self.threads):
            raise Trouble(f"waited {seconds:.0f} s for the hospitals to have sent everything")
        self.threads.clear()
