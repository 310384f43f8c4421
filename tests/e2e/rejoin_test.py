#!/usr/bin/python3
"""A voter that forgot may not vote: folders rolled back, wiped or started twice, on real nodes; and the
way back of ops/docs/runbook-rejoin.md."""
import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


class Rejoin(demo.Case):
    def setUp(self):
        self.nodes = self.federation("lyon", "bordeaux", "marseille")
        self.nodes.start()
        self.nodes.vigie("submit", "-e", "mesa-xyz", "-o", "R1")

    def data(self, site):
        return self.nodes.path("d", site, "data")

    def row(self, site):
        return next(row for row in self.nodes.status()["sites"] if row["site"] == site)

    def wait_for_quarantine(self, site):
        row = demo.wait_until("quarantine", lambda: next(
            (row for row in [self.row(site)] if row["mode"] == "QUARANTINED"), None))
        self.assertIn(row["quarantine"], ("itself", "duplicate"))  # who never heard the first life

    def test_a_folder_rolled_back_is_quarantined_and_rejoins(self):
        nodes = self.nodes
        nodes.stop("bordeaux")
        backup = nodes.path("backup")
        shutil.copytree(self.data("bordeaux"), backup)
        nodes.spawn("bordeaux", nodes.settings("bordeaux"))
        demo.wait_until("it", lambda: self.row("bordeaux")["mode"] == "CONNECTED")
        for n in range(3):
            nodes.vigie("submit", "-e", "mesa-xyz", "-o", f"R2{n}")
        nodes.stop("bordeaux")
        shutil.rmtree(self.data("bordeaux"))
        shutil.copytree(backup, self.data("bordeaux"))
        nodes.spawn("bordeaux", nodes.settings("bordeaux"))
        demo.wait_until("its own word", lambda: "rolled back" in nodes.log("bordeaux"))
        self.wait_for_quarantine("bordeaux")
        nodes.stop("bordeaux")
        nodes.vigie("site", "rejoin", "bordeaux", "--wait", "20")
        shutil.move(self.data("bordeaux"), self.data("bordeaux") + ".lost")
        shutil.move(self.data("bordeaux") + ".guard", self.data("bordeaux") + ".guard.lost")
        nodes.spawn("bordeaux", nodes.settings("bordeaux"))
        nodes.vigie("site", "promote", "bordeaux", "--wait", "40")
        demo.wait_until("all well", lambda: self.row("bordeaux")["mode"] == "CONNECTED")
        rows = nodes.status()["sites"]
        self.assertEqual({row["member"] for row in rows}, {"voter"})

    def test_a_wiped_folder_and_one_without_its_guard_are_refused(self):
        nodes = self.nodes
        nodes.stop("bordeaux")
        shutil.rmtree(self.data("bordeaux"))
        nodes.spawn("bordeaux", nodes.settings("bordeaux"))
        demo.wait_until("its own word", lambda: "data folder is empty" in nodes.log("bordeaux"))
        self.wait_for_quarantine("bordeaux")
        nodes.stop("marseille")
        os.remove(self.data("marseille") + ".guard")
        nodes.spawn("marseille", nodes.settings("marseille"))
        demo.wait_until("its own word", lambda: "no guard file" in nodes.log("marseille"))


if __name__ == "__main__":
    demo.main()
