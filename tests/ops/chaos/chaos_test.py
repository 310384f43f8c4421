#!/usr/bin/python3
"""The rig of ops/check chaos, without nodes: its levers move what they should, its figures are right."""
import errno
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "ops", "chaos"))
import relay  # noqa: E402
import report  # noqa: E402
from faults import FAULTS  # noqa: E402
from network import Loopback  # noqa: E402
from rig import Event, Rig  # noqa: E402
from shim import EIO, ENOSPC, Levers, compile_shim  # noqa: E402
from watch import Progress, Watch  # noqa: E402

PROBE = """
import os, sys, time
path = sys.argv[1]
fd = os.open(path, os.O_CREAT | os.O_WRONLY)
def errno_of(call):
    try:
        call()
        return 0
    except OSError as why:
        return why.errno
began = time.clock_gettime(time.CLOCK_BOOTTIME)
synced = errno_of(lambda: os.fdatasync(fd))
took = time.clock_gettime(time.CLOCK_BOOTTIME) - began
written = errno_of(lambda: os.write(fd, b"x"))
piped = errno_of(lambda: os.write(os.pipe()[1], b"x"))
print(synced, written, piped, round(took, 2), time.time(), time.clock_gettime(time.CLOCK_BOOTTIME))
"""


class ShimTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        library = compile_shim(self.folder.name)
        self.assertTrue(library, "shim.c compiles")
        self.levers = Levers(library, os.path.join(self.folder.name, "control"))

    def probe(self):
        said = subprocess.run([sys.executable, "-c", PROBE, os.path.join(self.folder.name, "file")],
                              env={**os.environ, **self.levers.environment()}, check=True,
                              capture_output=True, text=True).stdout.split()
        return [int(word) for word in said[:3]] + [float(word) for word in said[3:]]

    def test_nothing_is_changed_until_a_lever_is_moved(self):
        synced, written, piped, _, wall, _ = self.probe()
        self.assertEqual((synced, written, piped), (0, 0, 0))
        self.assertLess(abs(wall - time.time()), 60)

    def test_a_sync_fails_or_waits(self):
        self.levers.set("sync_errno", EIO)
        self.assertEqual(self.probe()[0], errno.EIO)
        self.assertEqual(self.levers.get("failed"), 1)
        self.levers.heal()
        self.levers.set("sync_delay_ms", 300)
        self.assertGreaterEqual(self.probe()[3], 0.3)
        self.assertEqual(self.levers.get("delayed"), 1)

    def test_writes_fail_on_files_only(self):
        self.levers.set("write_errno", ENOSPC)
        self.assertEqual(self.probe()[1:3], [errno.ENOSPC, 0])

    def test_the_wall_clock_moves_alone(self):
        self.levers.set("wall_offset_ms", -3_600_000)
        *_, wall, boot = self.probe()
        self.assertLess(abs(wall + 3600 - time.time()), 60)
        self.assertLess(abs(boot - time.clock_gettime(time.CLOCK_BOOTTIME)), 60)


class FiguresTest(unittest.TestCase):
    def progress(self, lines):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "a.jsonl")

        class Client:
            name, history = "a", path
        progress = Progress([Client])
        for part in lines:
            with open(path, "a", encoding="utf-8") as file:
                file.write(part)
            progress.read()
        return progress

    @staticmethod
    def answer(t, code="ok", command="submit"):
        return json.dumps({"t": t, "client": "a", "op": "answer", "command": command, "code": code},
                          separators=(",", ":")) + "\n"

    def test_a_gap_is_the_longest_time_without_a_completed_call(self):
        lines = [self.answer(100), self.answer(250), self.answer(260, "no_leader"),
                 self.answer(270, command="attach"), self.answer(900), self.answer(1000)]
        progress = self.progress(lines)
        self.assertEqual(progress.gap(0, 1100, ["a"]), 650)
        self.assertEqual(progress.gap(300, 800, ["a"]), 500, "nothing in it: all of it")
        self.assertEqual(progress.last("a"), 1000)

    def test_a_line_that_is_being_written_is_read_when_it_is_whole(self):
        line = self.answer(100)
        progress = self.progress([line[:20], line[20:]])
        self.assertEqual(progress.done["a"], [100])

    def test_leaders_are_counted_by_terms(self):
        watch = Watch([])
        watch.seen = [(1, "x", 4, True, 0), (2, "x", 4, True, 0), (3, "y", 5, False, 0),
                      (4, "y", 6, True, 0), (5, "x", 4, True, 0)]
        self.assertEqual(watch.leaders(0, 9), 1)
        self.assertEqual(watch.term(4), 5)

    def test_quantiles_and_the_table(self):
        self.assertEqual(report.quantile([5, 1, 4, 2, 3], 0.5), 3)
        self.assertEqual(report.quantile([5, 1], 0.99), 5)
        self.assertEqual(report.quantile([5, 1], 0.5), 1)
        events = [Event("cut", "x", 0, 1, gap=10, leader_changes=3), Event("cut", "y", 0, 1, gap=30)]
        row = report.by_kind(events)["cut"]
        self.assertEqual((row["count"], row["max_ms"]), (2, 30))
        self.assertEqual(report.partitions(events), {"count": 2, "max": 3, "above_two": 1})
        self.assertIn("cut", report.table(report.by_kind(events)))


class RigTest(unittest.TestCase):
    def rig(self, library=""):
        class Empty:
            net, nodes, clients, small_disk = Loopback(["a", "b", "c"], 20000), {}, [], ""
        Empty.library = library
        return Rig(Empty, 1, lambda text: None)

    def test_without_namespaces_what_cannot_be_done_is_named(self):
        kinds, left_out = self.rig("shim.so").possible()
        self.assertIn("kill_leader", kinds)
        self.assertIn("sync_error", kinds)
        self.assertEqual(left_out["cut"], "no network namespaces")
        self.assertEqual(set(kinds) | set(left_out), set(FAULTS))

    def test_wide_area_delays(self):
        self.assertEqual(relay.round_trip("wan", 1, 2, 3), 0.020)
        self.assertEqual(relay.round_trip("overseas", 1, 3, 3), 0.220)
        self.assertEqual(relay.round_trip("overseas", 1, 2, 3), 0.020)
        self.assertEqual(relay.round_trip("overseas", relay.CLIENTS, 3, 3), 0.220)
        self.assertEqual(relay.round_trip("wan", relay.CLIENTS, 3, 3), 0.002)

    def test_wrong_words_are_refused(self):
        for words in (["--only", "meteor"], ["--minutes", "0"], ["--daemons", "4"]):
            ran = subprocess.run([sys.executable, os.path.join(ROOT, "ops", "chaos"), "--bin", "/nowhere",
                                  *words], capture_output=True, check=False)
            self.assertEqual(ran.returncode, 64, words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
