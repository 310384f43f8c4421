"""The wide area as a process: python3 relay.py PROFILE NAMESPACE...

Opens a TUN device `eth0` in each namespace (node i is 10.77.0.i; the last one, the clients',
10.77.0.100) and carries packets between them, each pair with its delay and a jitter of a tenth, in
order. Kernels without `tc netem` have no other way. Says `ready` once the devices are there; ends with
SIGTERM or when its standard input closes.
"""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

CLIENTS = 100
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000
MAINLAND, OVERSEAS, NEAR = 0.020, 0.220, 0.002  # round trips, seconds


def round_trip(profile: str, one: int, other: int, sites: int) -> float:
    if CLIENTS in (one, other) and not (profile == "overseas" and sites in (one, other)):
        return NEAR
    return OVERSEAS if profile == "overseas" and sites in (one, other) else MAINLAND


def open_device(namespace: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", "rb") as place:
        if libc.setns(place.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH14x", b"eth0", IFF_TUN | IFF_NO_PI))
    return fd


class Relay:
    def __init__(self, profile: str, namespaces: list[str]):
        numbers = [*range(1, len(namespaces)), CLIENTS]
        self.fds = {number: open_device(ns) for number, ns in zip(numbers, namespaces)}
        self.number_of = {fd: number for number, fd in self.fds.items()}
        sites = len(namespaces) - 1
        self.delay = {(a, b): round_trip(profile, a, b, sites) / 2 for a in numbers for b in numbers}
        self.last = dict.fromkeys(self.delay, 0.0)
        self.chance = random.Random(1)
        self.waiting: list[tuple[float, int, int, bytes]] = []
        self.count = 0

    def take(self, fd: int, now: float) -> None:
        for _ in range(64):
            try:
                packet = os.read(fd, 2048)
            except BlockingIOError:
                return
            if len(packet) < 20 or packet[0] >> 4 != 4:
                continue
            pair = (self.number_of[fd], packet[19])
            if pair not in self.delay:
                continue
            due = now + self.delay[pair] * self.chance.uniform(1.0, 1.1)
            self.last[pair] = due = max(due, self.last[pair])
            self.count += 1
            heapq.heappush(self.waiting, (due, self.count, self.fds[pair[1]], packet))

    def give(self, now: float) -> None:
        while self.waiting and self.waiting[0][0] <= now:
            _, _, fd, packet = heapq.heappop(self.waiting)
            try:
                os.write(fd, packet)
            except OSError:
                pass  # a full queue drops, as networks do

    def run(self) -> None:
        poll = select.epoll()
        for fd in self.number_of:
            poll.register(fd, select.EPOLLIN)
        poll.register(0, select.EPOLLIN | select.EPOLLHUP)
        while True:
            wait = self.waiting[0][0] - time.monotonic() if self.waiting else 1
            for fd, _ in poll.poll(max(0, wait)):
                if fd == 0:
                    return
                self.take(fd, time.monotonic())
            self.give(time.monotonic())


if __name__ == "__main__":
    relay = Relay(sys.argv[1], sys.argv[2:])
    print("ready", flush=True)
    relay.run()
