#!/usr/bin/python3
"""vigie-bench still measures: its federation starts, and exams go round. Says nothing of speed."""
import json
import os
import subprocess
import sys
import unittest

BENCH = os.path.join(sys.argv[1] if len(sys.argv) > 1 else "build/release", "bin", "vigie-bench")


class Bench(unittest.TestCase):
    def test_exams_go_round(self):
        run = subprocess.run([BENCH, "dispatch", "--nodes", "3", "--seconds", "1", "-C", "8", "--json"],
                             capture_output=True, text=True, timeout=100)
        self.assertEqual(run.returncode, 0, run.stderr)
        said = json.loads(run.stdout)
        self.assertEqual((said["test"], said["nodes"]), ("dispatch", 3))
        self.assertGreater(said["cycles_per_s"], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
