"""The hospitals' side of the story: who sends orders, and who receives the reports.

Sending is Debian's `mllp_send` (python3-hl7), one call a message; no answer means that the hospital's
system sends again, by its next door. Receiving is a small MLLP listener, run as a process of its own:

    python3 hospital.py --listen HOST:PORT --reports DIR --log FILE [--forward HOST:PORT]

It files each message under DIR as it came, without its frame (NNNN-<MSH-10>.hl7), and acknowledges
it by its id. With --forward it hands each message on to a listener that is not ours, gives that
one's answer back unchanged, and only keeps the copy.
"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

from hl7_text import CR, END, START, acks_of, control_id, field, framed

MLLP_SEND = "/usr/bin/mllp_send"  # Debian's; another Python may come first in PATH


def boot_ms() -> int:
    """CLOCK_BOOTTIME in ms: the clock of the histories."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def acknowledgement(message: bytes) -> bytes:
    part = lambda n: field(message, "MSH", n)
    header = ["MSH", "^~\\&", part(5), part(6), part(3), part(4), time.strftime("%Y%m%d%H%M%S"), "",
              "ACK^R01^ACK", "ACK" + part(10), part(11) or "P", part(12) or "2.5.1"]
    text = "|".join(header) + "\rMSA|AA|" + part(10) + "\r"
    return framed(text.encode("latin-1", "replace"))


class Listener:
    """Takes reports; one thread a connection."""

    def __init__(self, host: str, port: int, reports: str, log: str, forward: str):
        self.reports, self.forward = reports, forward
        self.log = open(log, "a", buffering=1, encoding="utf-8")
        self.lock = threading.Lock()
        self.count = len(os.listdir(reports))
        self.socket = socket.create_server((host, port), backlog=64)

    def run(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        onward, data = None, b""
        with connection:
            while True:
                try:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    data += piece
                    while END in data:
                        frame, data = data.split(END, 1)
                        message = frame[frame.rfind(START) + 1:]
                        answer, onward = self.take(message, onward)
                        connection.sendall(answer)
                        data = data.lstrip(CR)
                except OSError as error:  # no answer: it will be sent again
                    self.note("trouble", text=str(error))
                    return

    def take(self, message: bytes, onward):
        """Files a message. @return the answer, and the connection onward."""
        with self.lock:
            self.count += 1
            number = self.count
        safe = re.sub(r"[^A-Za-z0-9_.-]", "_", control_id(message))[:64]
        path = os.path.join(self.reports, f"{number:04d}-{safe}.hl7")
        with open(path + ".part", "wb") as file:
            file.write(message)
        answer = acknowledgement(message)
        if self.forward:
            answer, onward = self.hand_on(message, onward)
        os.rename(path + ".part", path)
        self.note("report", id=control_id(message), order=field(message, "ORC", 2).split("^")[0],
                  status=field(message, "OBR", 25), file=os.path.basename(path))
        return answer, onward

    def hand_on(self, message: bytes, onward):
        if onward is None:
            host, _, port = self.forward.rpartition(":")
            onward = socket.create_connection((host, int(port)), timeout=25)
        onward.sendall(framed(message))
        answer = b""
        while END not in answer:
            piece = onward.recv(65536)
            if not piece:
                raise OSError(f"{self.forward} closed without an answer")
            answer += piece
        return answer, onward

    def note(self, op: str, **more) -> None:
        with self.lock:
            self.log.write(json.dumps({"op": op, "t": boot_ms(), **more}) + "\n")


class Sent:
    """What became of a message: the last answer, by which door, how long it took."""

    def __init__(self, ack, door: str, ms: int, tries: int):
        self.ack, self.door, self.ms, self.tries = ack, door, ms, tries


def send_once(message: bytes, host: str, port: int, seconds: float = 12):
    """One call of mllp_send. @return its acknowledgement, or None."""
    with tempfile.NamedTemporaryFile(prefix="vigie-order-", suffix=".mllp") as file:
        file.write(framed(message))
        file.flush()
        try:
            done = subprocess.run([MLLP_SEND, "--file", file.name, "-p", str(port), host],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  stdin=subprocess.DEVNULL, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return None
    acks = acks_of(done.stdout)
    return acks[0] if acks else None


def send(message: bytes, doors: list[tuple[str, str, int]], seconds: float = 60) -> Sent:
    """Sends until somebody answers, door after door (name, host, port), as a careful system does.
    @raise TimeoutError nobody answered."""
    begun = boot_ms()
    tries = 0
    while boot_ms() - begun < seconds * 1000:
        name, host, port = doors[tries % len(doors)]
        tries += 1
        asked = boot_ms()
        ack = send_once(message, host, port)
        if ack:
            return Sent(ack, name, boot_ms() - asked, tries)
        time.sleep(0.5)
    raise TimeoutError(f"no door answered message {control_id(message)} in {seconds:.0f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description="A hospital's listener for reports.")
    parser.add_argument("--listen", required=True, metavar="HOST:PORT")
    parser.add_argument("--reports", required=True, metavar="DIR")
    parser.add_argument("--log", required=True, metavar="FILE")
    parser.add_argument("--forward", default="", metavar="HOST:PORT")
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(":")
    Listener(host, int(port), options.reports, options.log, options.forward).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
