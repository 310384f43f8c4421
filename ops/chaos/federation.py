"""The federation under test: made with `vigie init`, its nodes and its clients started."""
import os
import re
import shutil
import subprocess

from network import CLIENTS
from processes import Client, Node, spawn
from shim import Levers

NAMES = ("lyon", "bordeaux", "marseille", "toulouse", "reunion")  # the last is overseas
READERS = 4     # of each client
LOCAL_FIRST = 21


def names_of(count: int, profile: str) -> list[str]:
    if profile == "overseas":
        return [*NAMES[:count - 1], NAMES[-1]]
    return list(NAMES[:count])


class Federation:
    def __init__(self, folder: str, bin_dir: str, net, profile: str, library: str):
        self.folder, self.bin, self.net = folder, bin_dir, net
        self.profile, self.library = profile, library
        self.nodes: dict[str, Node] = {}
        self.clients: list[Client] = []
        self.small_disk = ""  # the node whose data lie on a small file system
        self.mounted = ""

    def path(self, *parts: str) -> str:
        return os.path.join(self.folder, *parts)

    def make(self) -> None:
        words = []
        for i, site in enumerate(self.net.sites):
            port = self.net.base_port + (0 if self.net.can_cut else 10 * i)
            words += ["--site", f"{site}={self.net.addresses[site]}:{port}"]
        subprocess.run([os.path.join(self.bin, "vigie"), "init", self.path("made"), "--base-port",
                        str(self.net.base_port), "--extra-readers", "40", "--profile", self.profile,
                        *words], check=True, stdout=subprocess.DEVNULL)
        for name in os.listdir(self.path("made")):
            shutil.move(self.path("made", name), self.path(name))
        os.rmdir(self.path("made"))
        for name in ("histories", "at"):
            os.makedirs(self.path(name))
        self.adapt()
        for number, site in enumerate(self.net.sites, 1):
            control = self.path(site, "shim.control")
            levers = Levers(self.library, control) if self.library else None
            self.nodes[site] = Node(site, number, self.folder, os.path.join(self.bin, "vigied"),
                                    self.net, levers)

    def adapt(self) -> None:
        """No hospitals: nobody is owed a report, no feed listens. Short waits before others read."""
        def change(path: str, *pairs: tuple[str, str]) -> None:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for pattern, instead in pairs:
                text = re.sub(pattern, instead, text)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        change(self.path("directory.toml"), (r"(?m)^recipients = .*\n", ""),
               (r'(?m)^(relax_any|relax_overflow) = "[^"]*"', r'\1 = "1 s"'),
               (r'(?m)^(offer_timeout\w*) = "[^"]*"', r'\1 = "10 s"'))
        for site in self.net.sites:
            change(self.path(site, "site.toml"), (r"(?s)\[\[feed\]\].*", ""))

    def mount_small_disk(self, mebibytes: int) -> bool:
        """The last node's data folder, on a file system of its own. @return may we?"""
        site = self.net.sites[-1]
        data = self.path(site, "data")
        os.makedirs(data, mode=0o700)
        ran = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700",
                              "vigie-chaos", data], capture_output=True, check=False)
        if ran.returncode == 0:
            self.small_disk, self.mounted = site, data
        return ran.returncode == 0

    def unmount(self, keep: bool) -> None:
        """@param keep Its files go to the folder beneath: they are evidence."""
        if not self.mounted:
            return
        copy = self.mounted + ".copy"
        if keep:
            shutil.copytree(self.mounted, copy)
        subprocess.run(["umount", "-l", self.mounted], check=False)
        if keep:
            os.rmdir(self.mounted)
            os.rename(copy, self.mounted)
        self.mounted = ""

    # --- clients ----------------------------------------------------------------------------------

    def people_file(self, number: int) -> str:
        found = [n for n in os.listdir(self.path("people")) if n.startswith(f"{number}-")]
        return self.path("people", found[0])

    def local_file(self, site: str, number: int) -> str:
        """A concentrator's file that knows its own centre only."""
        with open(self.people_file(600 + number), encoding="utf-8") as file:
            head, *centres = file.read().split("[[centre]]")
        mine = next(c for c in centres if f'site = "{site}"' in c)
        path = self.path("at", site + ".toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(head + "[[centre]]" + mine)
        return path

    def start_clients(self, seconds: float, rate: float) -> None:
        """One for each centre that reaches all of them, one beside each of two nodes, 2 regulators."""
        sites = self.net.sites
        for number, site in enumerate(sites, 1):
            self.start_load(f"all-{site}", CLIENTS, self.people_file(600 + number), number, 1, seconds,
                            rate / len(sites))
        for number in (1, len(sites)):
            site = sites[number - 1]
            self.start_load(f"at-{site}", site, self.local_file(site, number), number, LOCAL_FIRST,
                            seconds, rate / 6)
        for person in (201, 202):
            self.start_regulator(person, seconds)

    def start_load(self, name: str, place: str, file: str, number: int, first: int, seconds: float,
                   rate: float) -> None:
        history = self.path("histories", name + ".jsonl")
        self.start_client(name, place, history, [
            "vigie-bench", "load", "--client", file, "--name", name, "--history", history, "--site",
            str(number), "--first", str(first), "--readers", str(READERS), "--rate", f"{rate:.3f}",
            "--seconds", f"{seconds:.0f}"])

    def start_regulator(self, person: int, seconds: float) -> None:
        history = self.path("histories", f"regulator-{person}.jsonl")
        self.start_client(f"regulator-{person}", CLIENTS, history, [
            "vigie", "-C", self.people_file(person), "--history", history, "regulate", "--auto",
            "--person", str(person), "--think-seconds", "0.1", "--seconds", f"{seconds + 120:.0f}"])

    def start_client(self, name: str, place: str, history: str, words: list[str]) -> None:
        command = [*self.net.inside(place), os.path.join(self.bin, words[0]), *words[1:]]
        process = spawn(command, self.path(name + ".log"))
        self.clients.append(Client(name, place, process, history))

    def loads(self, *, everywhere: bool) -> list[Client]:
        """Those that submit; not `everywhere`: that reach all centres."""
        return [c for c in self.clients if not c.name.startswith("regulator-")
                and (everywhere or c.reaches_all)]

    def end(self) -> None:
        """Whatever still runs, at once."""
        for client in self.clients:
            if client.process.poll() is None:
                client.process.kill()
                client.process.wait()
        for node in self.nodes.values():
            node.kill()
