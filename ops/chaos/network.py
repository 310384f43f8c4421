"""Where the nodes live: a network namespace each, or, where those are not permitted, loopback.

Namespaces are joined by a bridge in one of their own (profile lan), or by relay.py's delays (wan,
overseas). Cuts are nft rules at the receiver. All names carry this process' id, so that two runs do
not meet; what a killed run left behind is removed by the next one.
"""
import ctypes
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNET = 0x40000000
PREFIX = "vgc"
CLIENTS = "clients"  # the namespace that reaches all centres


class NotPermitted(Exception):
    """No namespaces here; says why."""


def run(*words: str, text: str = "") -> str:
    ran = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise NotPermitted(f"{' '.join(words)}: {ran.stderr.strip() or ran.returncode}")
    return ran.stdout


def remove_stale() -> None:
    """Namespaces of runs that were killed."""
    try:
        names = [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line]
    except (NotPermitted, FileNotFoundError):
        return
    for name in names:
        owner = re.match(PREFIX + r"(\d+)-", name)
        if owner and not os.path.exists(f"/proc/{owner.group(1)}"):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


class Namespaces:
    can_cut = True
    base_port = 7400

    def __init__(self, sites: list[str], profile: str):
        for tool in ("ip", "nft", "nsenter"):
            if not shutil.which(tool):
                raise NotPermitted(f"{tool} is not installed (packages iproute2, nftables, util-linux)")
        remove_stale()
        self.sites, self.profile = sites, profile
        self.addresses = {site: f"10.77.0.{i + 1}" for i, site in enumerate(sites)}
        self.addresses[CLIENTS] = "10.77.0.100"
        self.made: list[str] = []
        self.relay: subprocess.Popen | None = None
        self.dropped: dict[str, set[str]] = {}  # receiver -> senders
        self.loss = 0  # of 1000 packets
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.entering = threading.Lock()
        try:
            self.make()
        except BaseException:
            self.close()
            raise

    def name(self, place: str) -> str:
        return f"{PREFIX}{os.getpid()}-{place}"

    def make(self) -> None:
        for place in (*self.addresses, *(["bridge"] if self.profile == "lan" else [])):
            run("ip", "netns", "add", self.name(place))
            self.made.append(self.name(place))
        if self.profile == "lan":
            self.make_bridge()
        else:
            self.start_relay()
        for place, address in self.addresses.items():
            ns = self.name(place)
            run("ip", "-n", ns, "addr", "add", address + "/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                run("ip", "-n", ns, "link", "set", device, "up")
            self.apply(place)

    def make_bridge(self) -> None:
        bridge = self.name("bridge")
        run("ip", "-n", bridge, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", bridge, "link", "set", "br0", "up")
        for number, place in enumerate(self.addresses):
            port = f"p{number}"
            run("ip", "-n", bridge, "link", "add", port, "type", "veth", "peer", "name", "eth0",
                "netns", self.name(place))
            run("ip", "-n", bridge, "link", "set", port, "master", "br0", "up")

    def start_relay(self) -> None:
        names = [self.name(place) for place in self.addresses]
        self.relay = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "relay.py"), self.profile, *names],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        if self.relay.stdout.readline() != b"ready\n":
            why = self.relay.stderr.read().decode().strip().splitlines() or ["it ended"]
            raise NotPermitted(f"relay.py: {why[-1]}")

    def inside(self, place: str) -> list[str]:
        """What a command is preceded by to run there; it keeps its process id."""
        return ["nsenter", f"--net=/run/netns/{self.name(place)}"]

    def connect(self, place: str, port: int, seconds: float) -> socket.socket:
        """To a loopback port over there, from here. Only the calling thread goes there and back."""
        with self.entering:
            with open(f"/run/netns/{self.name(place)}", "rb") as there:
                if self.libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            try:
                made = socket.socket()
            finally:
                self.libc.setns(self.home, CLONE_NEWNET)
        made.settimeout(seconds)
        try:
            made.connect(("127.0.0.1", port))
        except OSError:
            made.close()
            raise
        return made

    # --- faults -----------------------------------------------------------------------------------

    def apply(self, place: str) -> None:
        rules = [f"ip saddr {self.addresses[sender]} drop" for sender in
                 sorted(self.dropped.get(place, ()))]
        if self.loss:
            rules.append(f"numgen random mod 1000 < {self.loss} drop")
        rules = [f'  iifname "eth0" {rule}' for rule in rules]
        run(*self.inside(place), "nft", "-f", "-", text="\n".join([
            "add table inet vigie", "delete table inet vigie", "table inet vigie {", " chain in {",
            "  type filter hook input priority 0; policy accept;", *rules, " }", "}", ""]))

    def cut_one_way(self, sender: str, receiver: str) -> None:
        self.dropped.setdefault(receiver, set()).add(sender)
        self.apply(receiver)

    def cut(self, one: str, other: str) -> None:
        self.cut_one_way(one, other)
        self.cut_one_way(other, one)

    def isolate(self, place: str) -> None:
        for other in self.addresses:
            if other != place:
                self.cut(place, other)

    def lose(self, per_mille: int) -> None:
        self.loss = per_mille
        for place in self.addresses:
            self.apply(place)

    def heal(self) -> None:
        if not self.dropped and not self.loss:
            return
        self.dropped.clear()
        self.lose(0)

    def close(self) -> None:
        if self.relay:
            self.relay.kill()
            self.relay.wait()
            self.relay = None
        for name in self.made:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        self.made.clear()


class Loopback:
    """All on one machine's 127.0.0.1: nothing can be cut."""
    can_cut = False

    def __init__(self, sites: list[str], base_port: int):
        self.sites, self.base_port = sites, base_port
        self.addresses = dict.fromkeys([*sites, CLIENTS], "127.0.0.1")

    def inside(self, _place: str) -> list[str]:
        return []

    def connect(self, _place: str, port: int, seconds: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), seconds)

    def heal(self) -> None:
        pass

    def close(self) -> None:
        pass
