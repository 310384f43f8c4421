"""A small federation of real nodes for a test: made, started, asked, ended with the test."""
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HOSPITAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "ops", "story",
                        "hospital.py")
BIN = ""  # folder of vigie and vigied; main() sets it


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_base(sites):
    """First port of a range in which all that `vigie init` uses is free."""
    used = [*range(10 * sites), 99, *(100 * s + f for s in range(1, sites + 1) for f in range(1, 16))]
    while True:
        base = random.randrange(12000, 31000)
        if all(is_free(base + port) for port in used):
            return base


def wait_until(what, check, seconds=20):
    end = time.monotonic() + seconds
    while not (value := check()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.05)
    return value


class Federation:
    def __init__(self, *sites):
        self.folder = tempfile.mkdtemp(prefix="vigie-e2e-")
        self.sites = sites
        self.running = {}  # name -> process
        names = [word for site in sites for word in ("--site", site)]
        self.vigie("init", self.path("d"), "--base-port", str(free_base(len(sites))), *names,
                   config=False)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def settings(self, site):
        return self.path("d", site, "site.toml")

    def text(self, site):
        with open(self.settings(site), encoding="utf-8") as file:
            return file.read()

    def write(self, site, text):
        with open(self.settings(site), "w", encoding="utf-8") as file:
            file.write(text)

    def port(self, site, key):
        """client_listen, peer_listen, http_listen; or the name of a feed."""
        text = self.text(site)
        if not key.endswith("_listen"):
            text = text[text.index(f'name = "{key}"'):]
            key = "listen"
        return int(re.search(rf'(?m)^{key} = "[^"]*:(\d+)"', text).group(1))

    def spawn(self, name, settings, *, program="vigied"):
        """Starts a node whose log is DIR/NAME.log."""
        with open(self.path(name + ".log"), "ab") as log:
            self.running[name] = subprocess.Popen(
                [os.path.join(BIN, program), settings], stdout=log, stderr=subprocess.STDOUT)
        return self.running[name]

    def log(self, name):
        with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def start(self, *sites):
        for site in sites or self.sites:
            self.spawn(site, self.settings(site))
        wait_until("a leader", lambda: (self.status() or {}).get("has_leader"))

    def listen(self):
        """Hospitals that receive reports and acknowledge them; ends with the federation."""
        os.mkdir(self.path("reports"))
        port = re.search(r'(?m)^results = "mllp://([^"]*)"', self.text(self.sites[0])).group(1)
        self.running["hospital"] = subprocess.Popen(
            [sys.executable, HOSPITAL, "--listen", port, "--reports", self.path("reports"),
             "--log", self.path("h.log")])

    def stop(self, name):
        process = self.running.pop(name)
        process.terminate()
        return process.wait(20)

    def refused(self, settings):
        """A node that must not come up: its exit code and what it says."""
        ran = subprocess.run([os.path.join(BIN, "vigied"), settings], capture_output=True, text=True,
                             timeout=30, check=False)
        return ran.returncode, ran.stdout + ran.stderr

    def vigie(self, *words, config=True, code=0, patience=10):
        head = ["-C", self.path("d", "client.toml"), "--patience", str(patience)] if config else []
        ran = subprocess.run([os.path.join(BIN, "vigie"), *head, *words], capture_output=True,
                             text=True, timeout=60, check=False)
        if code is not None and ran.returncode != code:
            raise AssertionError(f"vigie {words}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def rows(self, *words, code=0):
        """A verb's JSON lines."""
        return [json.loads(line) for line in self.vigie(*words, "--json", code=code).splitlines()]

    def status(self):
        said = self.vigie("status", "--json", code=None, patience=2)
        return json.loads(said) if said else None

    def metric(self, site, name):
        """The sum of a metric's samples whose name and labels begin with `name`."""
        with socket.create_connection(("127.0.0.1", self.port(site, "http_listen")), 5) as web:
            web.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b"".join(iter(lambda: web.recv(65536), b"")).decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith(name))

    def end(self):
        for process in self.running.values():
            process.kill()
            process.wait(20)
        shutil.rmtree(self.folder)


class Desk:
    """`vigie VERB` with somebody typing."""

    def __init__(self, nodes, *words):
        self.said = []
        self.process = subprocess.Popen(
            [os.path.join(BIN, "vigie"), "-C", nodes.path("d", "client.toml"), "--json", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hears(self, op, **more):
        return wait_until(f"{op} {more} in {self.said[-4:]}", lambda: next(
            (row for row in self.said
             if row["op"] == op and all(row.get(k) == v for k, v in more.items())), None))

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


class Case(unittest.TestCase):
    def federation(self, *sites):
        made = Federation(*sites)
        self.addCleanup(made.end)
        return made

    def desk(self, nodes, *words):
        desk = Desk(nodes, *words)
        self.addCleanup(desk.end)
        return desk


def main():
    """usage: NAME_test.py BUILD [unittest's words]"""
    global BIN
    BIN = os.path.join(os.path.abspath(sys.argv.pop(1)), "bin")
    unittest.main(module="__main__", verbosity=2)
