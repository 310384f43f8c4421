"""The processes of a run: nodes, and clients that load them. All of them die with this one."""
import os
import re
import signal
import subprocess
import time

from network import CLIENTS

# Ours die with us, even when nobody is left to end them.
DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"]


def boottime_ms() -> float:
    """The clock of the clients' histories."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) * 1000


def spawn(command: list[str], log: str, environment=None) -> subprocess.Popen:
    with open(log, "ab") as out:
        return subprocess.Popen([*DIE_WITH_PARENT, *command], stdout=out, stderr=out,
                                stdin=subprocess.DEVNULL, start_new_session=True,
                                env={**os.environ, **(environment or {})})


def port_of(text: str, key: str) -> int:
    return int(re.search(rf'(?m)^{key} = "[^"]*:(\d+)"', text).group(1))


class Node:
    """One centre's vigied."""

    def __init__(self, site: str, number: int, folder: str, vigied: str, net, levers):
        self.site, self.number, self.folder, self.net, self.levers = site, number, folder, net, levers
        self.settings = os.path.join(folder, site, "site.toml")
        self.log = os.path.join(folder, site, "vigied.log")
        self.command = [*net.inside(site), vigied, self.settings]
        self.process: subprocess.Popen | None = None
        self.stopped = False
        with open(self.settings, encoding="utf-8") as file:
            self.http = port_of(file.read(), "http_listen")

    def start(self) -> None:
        self.stopped = False
        self.process = spawn(self.command, self.log, self.levers and self.levers.environment())

    def ended(self) -> int | None:
        """Its exit code, once; None: it runs, or nobody started it."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        self.process = None
        return code

    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        if self.is_up():
            self.process.send_signal(number)
            self.stopped = number == signal.SIGSTOP if number != signal.SIGKILL else False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def terminate(self, seconds: float) -> int | None:
        """SIGTERM; its exit code, None if it had to be killed or did not run."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self.process = None
        return code

    def metrics(self, seconds: float = 1.0) -> dict[str, float]:
        """What it says of itself; empty: it does not answer."""
        said = b""
        try:
            with self.net.connect(self.site, self.http, seconds) as web:
                web.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                while part := web.recv(65536):
                    said += part
        except OSError:
            return {}
        found = {}
        for line in said.decode(errors="replace").splitlines():
            name, _, value = line.rpartition(" ")
            if line.startswith("vigie_raft_") and "," not in name:
                found[name.partition("{")[0]] = float(value)
        return found


class Client:
    """One process with a history."""

    def __init__(self, name: str, place: str, process: subprocess.Popen, history: str):
        self.name, self.place, self.process, self.history = name, place, process, history

    @property
    def reaches_all(self) -> bool:
        return self.place == CLIENTS

    def signal(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def finish(self, seconds: float) -> int | None:
        """SIGTERM, and its exit code; None: it had to be killed."""
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
