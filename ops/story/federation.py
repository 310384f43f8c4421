"""The demonstration federation as processes: made, started, killed, looked at, stopped.

Its folder is all there is to know: DIR/<site>/{site.toml,data,vigied.log}, DIR/people, DIR/histories,
DIR/reports, and DIR/demo.json, which says what runs.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SITES = ("lyon", "bordeaux", "marseille")
MARKER = "demo.json"


class Trouble(Exception):
    """The story cannot go on; `log` is where to look."""

    def __init__(self, what: str, log: str = ""):
        super().__init__(what)
        self.log = log


def wait_until(what: str, seconds: float, check, log: str = "", every: float = 0.05):
    """Waits until check() is true; its value. @raise Trouble says what was waited for."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise Trouble(f"waited {seconds:.0f} s for {what}", log)
        time.sleep(every)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_base() -> int:
    """First port of a range in which all that `vigie init` uses is free."""
    used = [*range(0, 23), 99, *(100 * i + h for i in (1, 2, 3) for h in range(1, 15))]
    start = 7400 + 450 * (os.getpid() % 20)
    for base in (*range(start, 32000, 450), *range(7400, start, 450)):
        if base == 7400 or all(is_free(base + port) for port in used):
            if all(is_free(base + port) for port in used):
                return base
    raise Trouble("no range of free ports between 7400 and 32000")


def is_ours(pid: int, word: str) -> bool:
    """Does `pid` still run what it was started as? Ids of processes are used again."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return word.encode() in file.read()
    except OSError:
        return False


class Federation:
    def __init__(self, folder: str, bin_dir: str):
        self.folder = os.path.abspath(folder)
        self.bin = bin_dir
        self.processes: dict[str, subprocess.Popen] = {}  # started by us; "hospital" is the listener
        self.pids: dict[str, int] = {}
        self.settings: dict[str, dict] = {}
        self.listener = ""

    # --- making -----------------------------------------------------------------------------------

    def path(self, *parts: str) -> str:
        return os.path.join(self.folder, *parts)

    def log(self, name: str) -> str:
        return self.path(name, "vigied.log") if name in SITES else self.path(name + ".log")

    def clear(self) -> None:
        """Makes the folder empty. Only one that is empty, or was made by this, is touched."""
        if os.path.isdir(self.folder) and os.listdir(self.folder):
            if not os.path.exists(self.path(MARKER)):
                raise Trouble(f"{self.folder} is not empty, and not of an earlier run: "
                              "name another folder")
            shutil.rmtree(self.folder)
        os.makedirs(self.path("histories"), exist_ok=True)
        os.makedirs(self.path("reports"), exist_ok=True)
        self.save()

    def make(self) -> None:
        base = free_base()
        fresh = self.path("made")
        self.vigie("init", fresh, "--base-port", str(base),
                   *(word for site in SITES for word in ("--site", site)), config=None)
        for name in os.listdir(fresh):
            shutil.move(os.path.join(fresh, name), self.path(name))
        os.rmdir(fresh)
        self.hasten()
        os.makedirs(self.path("at"))
        for site in SITES:
            with open(self.path(site, "site.toml"), "rb") as file:
                self.settings[site] = tomllib.load(file)
            self.write_view(site)
        self.listener = self.settings[SITES[0]]["feed"][0]["results"].removeprefix("mllp://")
        self.save()

    def hasten(self) -> None:
        """An evening takes half a minute here: waits before others may read are as short."""
        rules = {"relax_any": "1500 ms", "relax_overflow": "3 s", "bundle": "2 s",
                 "claim_lease": "5 s", "offer_timeout": "10 s", "offer_timeout_p0": "5 s",
                 "delivery_owner_timeout": "5 s"}
        with open(self.path("directory.toml"), encoding="utf-8") as file:
            text = file.read()
        for key, value in rules.items():
            text, found = re.subn(rf'(?m)^{key} = "[^"]*"', f'{key} = "{value}"', text)
            if not found:
                raise Trouble(f"directory.toml has no rule {key}", self.path("directory.toml"))
        with open(self.path("directory.toml"), "w", encoding="utf-8") as file:
            file.write(text)

    def write_view(self, site: str) -> None:
        """A client file that knows one centre only: for that node's own view."""
        with open(self.path("client.toml"), "rb") as file:
            client = tomllib.load(file)
        lines = [f'federation = "{client["federation"]}"',
                 f'key_file = "{self.path(client["key_file"])}"', f'role = "{client["role"]}"']
        if "person" in client:
            lines.append(f'person = {client["person"]}')
        for centre in client["centre"]:
            if centre["site"] == site:
                lines += ["[[centre]]", *(f'{k} = "{v}"' for k, v in centre.items())]
        with open(self.path("at", site + ".toml"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def save(self) -> None:
        state = {"pids": self.pids, "listener": self.listener, "bin": self.bin}
        with open(self.path(MARKER + ".new"), "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(self.path(MARKER + ".new"), self.path(MARKER))

    def load(self) -> bool:
        """What an earlier run left running. @return is there anything."""
        try:
            with open(self.path(MARKER), encoding="utf-8") as file:
                state = json.load(file)
        except (OSError, ValueError):
            return False
        self.pids = {name: pid for name, pid in state["pids"].items() if is_ours(pid, self.folder)}
        return bool(self.pids)

    # --- running ----------------------------------------------------------------------------------

    def spawn(self, name: str, command: list[str]) -> None:
        with open(self.log(name), "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                       start_new_session=True)
        self.processes[name] = process
        self.pids[name] = process.pid
        self.save()

    def start(self, site: str) -> None:
        self.spawn(site, [os.path.join(self.bin, "vigied"), self.path(site, "site.toml")])

    def start_hospital(self, forward: str) -> None:
        command = [sys.executable, os.path.join(HERE, "hospital.py"), "--listen", self.listener,
                   "--reports", self.path("reports"), "--log", self.path("reports.log")]
        self.spawn("hospital", command + (["--forward", forward] if forward else []))
        host, _, port = self.listener.rpartition(":")

        def answers():
            try:
                socket.create_connection((host, int(port)), 1).close()
                return True
            except OSError:
                return False
        wait_until("the hospitals' listener", 10, answers, self.log("hospital"))

    def kill9(self, site: str) -> None:
        self.processes[site].kill()
        self.processes[site].wait()
        del self.processes[site], self.pids[site]
        self.save()

    def stop(self, names=None, seconds: float = 15) -> list[str]:
        """SIGTERM to all at once, then waits. @return those that had to be killed."""
        names = [n for n in (names or list(self.pids)) if n in self.pids]
        for name in names:
            self.signal(name, signal.SIGTERM)
        end = time.monotonic() + seconds
        while any(self.is_alive(n) for n in names) and time.monotonic() < end:
            time.sleep(0.02)
        stubborn = [n for n in names if self.is_alive(n)]
        for name in stubborn:
            self.signal(name, signal.SIGKILL)
        for name in names:
            if name in self.processes:
                self.processes.pop(name).wait()
            self.pids.pop(name, None)
        if os.path.isdir(self.folder):
            self.save()
        return stubborn

    def signal(self, name: str, number: int) -> None:
        try:
            if is_ours(self.pids[name], self.folder):
                os.kill(self.pids[name], number)
        except ProcessLookupError:
            pass

    def is_alive(self, name: str) -> bool:
        if name in self.processes:
            return self.processes[name].poll() is None
        return name in self.pids and is_ours(self.pids[name], self.folder)

    def check_alive(self) -> None:
        """@raise Trouble if a process ended that nobody stopped."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise Trouble(f"{name} ended by itself (code {process.returncode})", self.log(name))

    # --- looking ----------------------------------------------------------------------------------

    def vigie(self, *words: str, config: str | None = "client.toml", seconds: float = 30) -> str:
        place = ["-C", self.path(config)] if config else []
        command = [os.path.join(self.bin, "vigie"), *place, *words]
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise Trouble(f"`{' '.join(command)}` did not end in {seconds:.0f} s") from None
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip()
            raise Trouble(f"`{' '.join(command)}` ended with {done.returncode}: {reason}")
        return done.stdout.decode()

    def ask(self, *words: str, config: str = "client.toml"):
        return json.loads(self.vigie(*words, "--json", "--patience", "10", config=config))

    def ready(self, site: str) -> bool:
        address = self.settings[site]["http_listen"]
        try:
            with urllib.request.urlopen(f"http://{address}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self, sites, seconds: float = 30) -> None:
        for site in sites:
            def up(site=site):
                self.check_alive()
                return self.ready(site)
            wait_until(f"{site} to be ready (/readyz)", seconds, up, self.log(site))

    def status_of(self, site: str) -> dict:
        """A node's own row, from its own mouth."""
        rows = self.ask("status", config=os.path.join("at", site + ".toml"))["sites"]
        return next(row for row in rows if row["site"] == site)

    def wait_same(self, seconds: float = 20) -> None:
        """Until each node knows of all others, and all are at one index."""
        def same():
            self.check_alive()
            views = [row for site in SITES for row in
                     self.ask("status", config=os.path.join("at", site + ".toml"))["sites"]]
            return len({(row["applied_index"], row["digest"]) for row in views}) == 1
        wait_until("all nodes to know that they are at one index", seconds, same,
                   self.log(SITES[0]), 0.2)

    def leader(self) -> str:
        def known():
            for site in SITES:
                if self.is_alive(site):
                    try:
                        row = self.status_of(site)
                    except Trouble:
                        continue
                    if row.get("raft") == "leader":
                        return site
            return ""
        return wait_until("a leader", 20, known)

    def doors(self, establishment: str, first: str) -> list[tuple[str, str, int]]:
        """Where a hospital's orders may go, `first` first: (centre, host, port)."""
        found = []
        for site in sorted(SITES, key=lambda s: s != first):
            for feed in self.settings[site].get("feed", []):
                if establishment in feed["establishments"]:
                    host, _, port = feed["listen"].rpartition(":")
                    found.append((site, host, int(port)))
        return found

    def establishment_of(self, names: list[str]) -> str:
        """The establishment that a message names, by the feeds' identifiers; empty: none."""
        wanted = {name.lower() for name in names if name}
        for feed in self.settings[SITES[0]].get("feed", []):
            for establishment, known in feed.get("identifiers", {}).items():
                if wanted & {str(k).lower() for k in known}:
                    return establishment
        return ""

    def home_of(self, establishment: str) -> str:
        with open(self.path("directory.toml"), "rb") as file:
            for place in tomllib.load(file)["establishment"]:
                if place["name"] == establishment:
                    return place["doors"][0]
        return SITES[0]
