#!/usr/bin/python3
"""A hundred attackers, who hold no key, at a node's three ports: what they send is refused, the node's
memory stays within 32 MiB of what it was, and who comes with a key is served within five seconds
(F26, F29; F28's floods by who has no key)."""
import os
import random
import select
import socket
import struct
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402
from submit_test import order  # noqa: E402

ATTACKERS = 100
GROWTH_MAX = 32 << 20
SERVED_WITHIN = 5.0
FEED = "ch-gap-ris"


def greeting(mechanism=b"CURVE", major=3):
    return (b"\xff" + bytes(8) + b"\x7f" + bytes([major, 0]) + mechanism.ljust(20, b"\0") + b"\0"
            + bytes(31))


def command(name, body):
    body = bytes([len(name)]) + name + body
    return b"\x04" + bytes([len(body)]) + body


HELLO = command(b"HELLO", b"\1\0" + bytes(72) + bytes(32) + bytes(8) + bytes(80))
HANDSHAKE = greeting() + HELLO


class Attack:
    """Many sockets to one port, without a thread each: each sends its bytes, reads what comes, is made
    again when it is closed, until the end."""

    def __init__(self, port, scripts, *, again=True):
        self.address, self.scripts, self.again = ("127.0.0.1", port), list(scripts), again
        self.poll, self.open = select.epoll(), {}
        self.made = self.closed = 0
        self.waiting = list(range(len(self.scripts)))

    def connect(self):
        for number in self.waiting[:50]:
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(self.address)
            self.poll.register(one.fileno(), select.EPOLLIN | select.EPOLLOUT)
            self.open[one.fileno()] = [one, number, memoryview(self.scripts[number])]
            self.made += 1
        del self.waiting[:50]

    def drop(self, fd):
        one, number, _ = self.open.pop(fd)
        one.close()
        self.closed += 1
        if self.again:
            self.waiting.append(number)

    def step(self, fd, events):
        one, _, rest = self.open[fd]
        try:
            if events & select.EPOLLIN and not one.recv(65536):
                return self.drop(fd)
            if events & select.EPOLLOUT and rest:
                self.open[fd][2] = rest = rest[one.send(rest[:65536]):]
            if not rest:
                self.poll.modify(fd, select.EPOLLIN)
        except BlockingIOError:
            pass
        except OSError:
            self.drop(fd)

    def run(self, until):
        while time.monotonic() < until:
            self.connect()
            for fd, events in self.poll.poll(0.05):
                if fd in self.open:
                    self.step(fd, events)

    def end(self):
        for one, _, _ in self.open.values():
            one.close()
        self.poll.close()


class Attacked(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()
        cls.chance = random.Random(26)
        cls.serve()  # everything that is made once, is made
        cls.before = cls.resident()

    @classmethod
    def resident(cls):
        with open(f"/proc/{cls.nodes.running['lyon'].pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    @classmethod
    def serve(cls):
        """An order by a client that was never there before; how long it took, s."""
        begun = time.monotonic()
        cls.nodes.rows("submit", "-e", "mesa-xyz", "-o", f"A{time.monotonic_ns()}")
        return time.monotonic() - begun

    def attack(self, port, scripts, seconds=2.0, **how):
        """Runs it, and meanwhile asks for service and looks at the memory."""
        scripts = list(scripts)
        peak = self.resident()
        attack = Attack(port, scripts, **how)
        self.addCleanup(attack.end)
        end = time.monotonic() + seconds
        runner = threading.Thread(target=attack.run, args=(end,))
        runner.start()
        time.sleep(seconds / 4)
        slowest = self.serve()
        while runner.is_alive():
            peak = max(peak, self.resident())
            time.sleep(0.05)
        slowest = max(slowest, self.serve())
        growth = max(peak, self.resident()) - self.before
        print(f"\n    {len(scripts)} sockets, {attack.made} connections, {attack.closed} closed: "
              f"memory +{growth / 2**20:.1f} MiB, served in {slowest * 1000:.0f} ms ", end="",
              file=sys.stderr)
        self.assertLess(growth, GROWTH_MAX)
        self.assertLess(slowest, SERVED_WITHIN)
        return attack

    def doors(self):
        return [self.nodes.port("lyon", key) for key in ("client_listen", "peer_listen")]

    def test_two_thousand_idle_connections(self):
        attack = self.attack(self.doors()[0], [b""] * 2000, 5.0)
        self.assertGreater(attack.closed, 1000, "who does not authenticate is sent away")

    def test_a_handshake_that_stops_at_each_byte(self):
        for port in self.doors():
            self.attack(port, (HANDSHAKE[:n] for n in range(len(HANDSHAKE) + 1)), 3.0)

    def test_lengths_that_lie_and_frames_that_are_too_large(self):
        lies = [greeting() + flags + struct.pack(">Q", length) + bytes(1 << 20)
                for flags in (b"\x02", b"\x06", b"\x03", b"\x42")
                for length in (1 << 63, (1 << 63) - 1, (1 << 64) - 1, 1 << 31, 1 << 30, 1 << 24)]
        for port in self.doors():
            self.attack(port, (lies * 5)[:ATTACKERS])

    def test_garbage(self):
        noise = [self.chance.randbytes(1 << 16) for _ in range(ATTACKERS // 2)]
        noise += [greeting() + self.chance.randbytes(1 << 16) for _ in range(ATTACKERS // 2)]
        for port in self.doors():
            self.attack(port, noise)

    # domain Q8
    def test_wrong_mechanisms_and_old_versions(self):
        ready = command(b"READY", b"\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER")
        plain = command(b"HELLO", b"\5admin\5admin")
        frame = b"\x02" + struct.pack(">Q", 1 << 16) + bytes(1 << 16)
        old = b"\x01\x00\xff" + struct.pack(">Q", 1 << 40) + bytes(1 << 16)
        kinds = [greeting(b"NULL") + ready + frame, greeting(b"PLAIN") + plain + ready + frame,
                 greeting(b"GSSAPI"), greeting(b"CURVE" * 4), greeting(major=1) + frame,
                 greeting(major=2) + frame, old, HANDSHAKE + ready + frame]
        for port in self.doors():
            self.attack(port, (kinds * ATTACKERS)[:ATTACKERS])

    def test_mllp_blocks_without_end_and_too_large(self):
        head = b"\x0b" + order("never").encode()
        kinds = [head + bytes(7 << 20), head + b"x" * (9 << 20), bytes(2 << 20), head, b"\x0b" * (4 << 20)]
        before = self.nodes.log("lyon").count("\n")
        attack = self.attack(self.nodes.port("lyon", FEED), (kinds * ATTACKERS)[:ATTACKERS], 3.0)
        told = self.nodes.log("lyon").count("\n") - before
        self.assertGreater(attack.closed, 500)
        self.assertLess(told, 500, "a flood of connections is no flood of lines")

    def test_mllp_blocks_without_end_at_all_doors_at_once(self):
        names = [f"{name}-ris" for name in ("ch-gap", "ch-avignon", "ch-orange", "ch-vienne", "ch-pau",
                                            "ch-valence", "ch-annonay", "ch-dax", "ch-agen")]
        held = b"\x0b" + order("never").encode() + bytes(7 << 20)
        others = [Attack(self.nodes.port("lyon", name), [held] * 8) for name in names]
        for one in others:
            self.addCleanup(one.end)
        until = time.monotonic() + 4
        threads = [threading.Thread(target=one.run, args=(until,)) for one in others]
        for thread in threads:
            thread.start()
        self.attack(self.nodes.port("lyon", FEED), [held] * 8, 3.0)
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    demo.main()
