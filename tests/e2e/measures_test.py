#!/usr/bin/python3
"""What a node counts of the guard is what its log tells again: /metrics and vigie journal replay --kpi."""
import json
import os
import re
import sys
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402

CLOCKS = {"request_to_report": "vigie_exam_request_to_report_seconds",
          "protocol_to_report": "vigie_exam_protocol_to_report_seconds",
          "first_image_to_report": "vigie_exam_first_image_to_report_seconds",
          "ready_to_report": "vigie_exam_ready_to_report_seconds",
          "ready_to_signed": "vigie_exam_ready_to_signed_seconds",
          "request_to_touch": "vigie_regulation_request_to_touch_seconds",
          "request_to_protocol": "vigie_regulation_request_to_protocol_seconds"}


class Measures(demo.Case):
    def begin(self, *sites):
        self.nodes = self.federation(*sites)
        self.nodes.listen()
        self.nodes.start()

    def scrape(self, site):
        """Every sample, by its name and labels."""
        with urllib.request.urlopen(f'http://127.0.0.1:{self.nodes.port(site, "http_listen")}/metrics',
                                    timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}

    def metric(self, name, **labels):
        asked = [f'{label}="{value}"' for label, value in {"site": "lyon", **labels}.items()]
        return self.shown[name + "{" + ",".join(asked) + "}"]

    def shows(self, exams, site="lyon"):
        """Waits until the node tells of so many reports, and keeps all that it shows."""
        self.shown = demo.wait_until(f"{exams} reports", lambda: next(
            (shown for shown in [self.scrape(site)] if exams == sum(
                value for name, value in shown.items()
                if name.startswith("vigie_exam_request_to_report_seconds_count"))), None))

    def buckets(self, name, urgency, bounds):
        """By class, not added up as Prometheus has them."""
        up_to = [self.metric(name + "_bucket", urgency=urgency, le=f"{bound:g}") for bound in bounds]
        up_to.append(self.metric(name + "_count", urgency=urgency))
        return [after - before for before, after in zip([0] + up_to, up_to)]

    def read_and_deliver(self, *orders):
        for order in orders:
            self.nodes.vigie("submit", "-e", "mesa-xyz", "-o", order)
        count = str(len(orders))
        self.nodes.vigie("regulate", "--auto", "--count", count, "--think-seconds", "0.2")
        self.nodes.vigie("acquire", "--auto", "--count", count, "--acquire-seconds", "0.1")
        self.nodes.vigie("read", "--auto", "--count", count, "--read-seconds", "0.3")

    def agree(self, kpi):
        for clock, name in CLOCKS.items():
            for urgency, told in kpi["clocks"][clock].items():
                with self.subTest(clock=clock, urgency=urgency):
                    self.assertEqual(self.metric(name + "_count", urgency=urgency), told["count"])
                    self.assertAlmostEqual(self.metric(name + "_sum", urgency=urgency),
                                           told["sum_seconds"], places=3)
                    self.assertEqual(self.buckets(name, urgency, kpi["bounds_seconds"]),
                                     told["buckets"])
        for urgency, late in kpi["late"].items():
            self.assertEqual(self.metric("vigie_exams_late_total", urgency=urgency), late)
        offers = kpi["offers"]
        self.assertEqual(self.metric("vigie_offers_made_total"), offers["made"])
        for result in ("accepted", "automatic", "expired", "withdrawn"):
            self.assertEqual(self.metric("vigie_offers_total", result=result), offers[result])
        for reason, declined in offers["declined"].items():
            self.assertEqual(self.metric("vigie_offers_declined_total", reason=reason), declined)
        self.assertEqual(self.metric("vigie_reads_total"), kpi["reads"])
        self.assertEqual(self.metric("vigie_read_interruptions_total"), kpi["interruptions"])
        for flow in kpi["flows"]:
            self.assertEqual(self.metric("vigie_exams_reported_total", origin=flow["origin"],
                                         reading=flow["reading"]), flow["exams"])
        for centre in kpi["centres"]:
            self.assertAlmostEqual(self.metric("vigie_reader_busy_seconds_total",
                                               centre=centre["centre"]),
                                   centre["busy_seconds"], delta=1)

    # domain Q4, F9, F12, F7, Q2, Q3, O18
    def test_a_node_counts_what_its_log_tells_again(self):
        self.begin("lyon")
        self.read_and_deliver("M1", "M2", "M3")
        self.shows(3)
        self.assertEqual(self.nodes.stop("lyon"), 0)
        data = self.nodes.path("d", "lyon", "data")
        kpi = json.loads(self.nodes.vigie("journal", "replay", data, "--kpi", "--json"))["kpi"]
        self.agree(kpi)
        self.assertEqual(sum(c["count"] for c in kpi["clocks"]["request_to_report"].values()), 3)
        self.assertEqual(sum(c["count"] for c in kpi["clocks"]["request_to_protocol"].values()), 3)
        self.assertEqual(kpi["flows"], [{"origin": "lyon", "reading": "lyon", "exams": 3}])
        self.assertEqual([row["exams"] for row in kpi["agreements"]], [3])
        self.assertEqual((kpi["reads"], kpi["interruptions"]), (3, 0))
        self.assertGreater(kpi["centres"][0]["busy_seconds"], 0.8)
        self.nodes.start("lyon")  # counts again what it applies again
        self.shows(3)
        self.agree(kpi)

    def test_every_centre_counts_the_same(self):
        sites = ("lyon", "bordeaux", "marseille")
        self.begin(*sites)
        self.read_and_deliver("M4", "M5")
        seen = {}
        for site in sites:
            self.shows(2, site)
            seen[site] = {name.replace(f'site="{site}"', 'site=""'): value
                          for name, value in self.shown.items()
                          if re.match(r"vigie_(exam_\w+_to_|regulation_|reads_|exams_late|exams_reported)",
                                      name)}
        self.assertGreater(len(seen["lyon"]), 500)
        self.assertEqual(seen["lyon"], seen["bordeaux"])
        self.assertEqual(seen["lyon"], seen["marseille"])
        self.assertEqual(sum(value for name, value in seen["lyon"].items()
                             if name.startswith("vigie_exams_reported_total")), 2)


if __name__ == "__main__":
    demo.main()
