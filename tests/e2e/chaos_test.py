#!/usr/bin/python3
"""A short ops/check chaos: real nodes, a fault of each family, the checker's word. And a run that is
ended early leaves nothing behind."""
import glob
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHAOS = os.path.join(ROOT, "ops", "check.d", "chaos")
KINDS = ("isolate_leader", "one_way", "kill_leader", "stop_leader", "stop_client", "sync_error", "full_disk")
BIN = ""


class Chaos(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(dir="/var/tmp")
        self.addCleanup(self.place.cleanup)
        self.environment = {**os.environ, "VIGIE_BIN": BIN, "VIGIE_TMP": self.place.name}

    def start(self, *words):
        return subprocess.Popen([CHAOS, *words], env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def assert_nothing_left(self, run):
        self.assertEqual(glob.glob(f"/run/netns/vgc{run.pid}-*"), [])
        self.assertEqual(os.listdir(self.place.name), [])
        with open("/proc/mounts", encoding="utf-8") as file:
            self.assertNotIn(self.place.name, file.read())
        left = subprocess.run(["pgrep", "-f", self.place.name + "/vigie-chaos"], capture_output=True,
                              text=True, check=False).stdout
        self.assertEqual(left, "")

    def test_nothing_is_lost_or_given_to_two_under_faults(self):
        seed = str(random.SystemRandom().randrange(1, 1 << 31))
        run = self.start("--minutes", "0.9", "--seed", seed, "--rate", "10", "--only", ",".join(KINDS),
                         "--json")
        said, told = run.communicate(timeout=420)
        print(told, file=sys.stderr)
        self.assertEqual(run.returncode, 0, said + told)
        result = json.loads(said)
        self.assertTrue(result["ok"])
        self.assertEqual((result["verify"]["lost"], result["verify"]["double_assignments"]), (0, 0))
        self.assertTrue(result["verify"]["digests_equal"])
        self.assertGreater(result["completed"], 0)
        self.assertGreater(sum(row["count"] for row in result["faults"].values()), 0)
        print("place", result["place"], "left out", result["left_out"], file=sys.stderr)
        self.assert_nothing_left(run)

    def test_a_run_that_is_ended_early_leaves_nothing(self):
        run = self.start("--minutes", "5")
        for line in run.stderr:
            if "seed" in line:
                break
        time.sleep(2)  # nodes and clients begin
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 128 + signal.SIGTERM)
        self.assert_nothing_left(run)


if __name__ == "__main__":
    BIN = os.path.join(os.path.abspath(sys.argv.pop(1)), "bin")
    unittest.main(verbosity=2)
