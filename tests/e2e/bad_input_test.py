#!/usr/bin/python3
"""Nodes that are started wrongly, and input that arrives in odd ways, at real processes. What each
item of bad input is answered, and the tests of the others: ops/docs/bad-input.md."""
import json
import os
import shutil
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402
from submit_test import framed, order  # noqa: E402


class StartedWrongly(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()

    def changed(self, *replacements, feeds=True):
        """Lyon's settings, with each (from, to), in a file beside them."""
        text = self.nodes.text("lyon")
        if not feeds:
            text = text[:text.index("[[feed]]")]
        for before, after in replacements:
            self.assertIn(before, text)
            text = text.replace(before, after)
        file = self.nodes.path("d", "lyon", "other.toml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
        return file

    def elsewhere(self):
        """Replacements that give a node its own folder and ports, so that only one thing is wrong."""
        base = demo.free_base(2)
        ports = [f'{key} = "127.0.0.1:{self.nodes.port("lyon", key)}"'
                 for key in ("client_listen", "peer_listen", "http_listen")]
        return [(line, line.rsplit(":", 1)[0] + f':{base + i}"') for i, line in enumerate(ports)]

    def still_serves(self):
        self.assertTrue(self.nodes.status()["has_leader"])

    def test_another_nodes_data_folder_is_refused(self):
        self.nodes.stop("lyon")
        copy = self.nodes.path("copy")
        shutil.copytree(self.nodes.path("d", "lyon", "data"), copy)
        self.nodes.start("lyon")
        self.addCleanup(shutil.rmtree, copy)
        code, said = self.nodes.refused(self.changed(
            ('site = "lyon"', 'site = "bordeaux"'), ('data_dir = "data"', f'data_dir = "{copy}"'),
            *self.elsewhere()))
        self.assertEqual(code, 78, said)
        self.assertIn("belongs to another node", said)
        self.assertIn("lyon", said)
        self.still_serves()

    def test_a_folder_in_use_is_refused(self):
        code, said = self.nodes.refused(self.changed(*self.elsewhere()))
        self.assertEqual(code, 75, said)
        self.assertIn("another process uses it", said)
        self.still_serves()

    def test_a_busy_port_is_named(self):
        for key in ("client_listen", "peer_listen", "http_listen", "ch-gap-ris"):
            moved = [pair for pair in self.elsewhere() if not pair[0].startswith(key)]
            code, said = self.nodes.refused(self.changed(
                ('data_dir = "data"', f'data_dir = "data-{key}"'), *moved,
                feeds=key == "ch-gap-ris"))
            self.assertEqual(code, 75, said)
            self.assertIn(str(self.nodes.port("lyon", key)), said)
            self.assertIn("taken", said)
        self.still_serves()

    def test_a_missing_or_open_key_is_named(self):
        code, said = self.nodes.refused(self.changed(('key_file = "node.key"',
                                                      'key_file = "lost.key"')))
        self.assertEqual(code, 78, said)
        self.assertRegex(said, r"other\.toml:\d+: key_file: got .*lost\.key")
        open_key = self.nodes.path("d", "lyon", "open.key")
        shutil.copy(self.nodes.path("d", "lyon", "node.key"), open_key)
        os.chmod(open_key, 0o644)
        code, said = self.nodes.refused(self.changed(('key_file = "node.key"',
                                                      'key_file = "open.key"')))
        self.assertEqual(code, 78, said)
        self.assertIn("open.key", said)

    def test_frames_come_as_the_network_likes(self):
        with socket.create_connection(("127.0.0.1", self.nodes.port("lyon", "mesa-xyz-ris"))) as mllp:
            mllp.settimeout(10)
            mllp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            mllp.sendall(framed(order("T1"), order("T2")))  # two in one
            for byte in framed(order("T3")):  # one in many
                mllp.sendall(bytes([byte]))
            said = ""
            while said.count("\x1c") < 3:
                said += mllp.recv(65536).decode()
        for number in ("T1", "T2", "T3"):
            self.assertIn(f"MSA|AA|M-{number}", said)


class Three(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon", "bordeaux", "marseille")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()

    def test_a_client_at_a_follower_is_served_there(self):
        leader = self.nodes.status()["sites"][0]["leader"]
        exams = set()
        for site in self.nodes.sites:
            (row,) = self.nodes.rows("submit", "-e", "mesa-xyz", "-o", f"at-{site}", "--door", site)
            self.assertEqual((row["code"], row["door"]), ("ok", site), f"{leader} leads")
            exams.add(row["exam"])
        self.assertEqual(len(exams), 3)

    # domain N5
    def test_the_same_order_by_another_door_is_one_exam(self):
        exams = set()
        for site in self.nodes.sites:
            (row,) = self.nodes.rows("submit", "-e", "mesa-xyz", "-o", "same", "--message-id", "m",
                                     "--door", site)
            exams.add(row["exam"])
        self.assertEqual(len(exams), 1)

    def heard_by_all(self, site):
        """Every node has heard `site`, and knows by which folder: whoever comes first is the site."""
        with open(self.nodes.path("d", "client.toml"), encoding="utf-8") as file:
            head, *centres = file.read().split("[[centre]]")
        for number, centre in enumerate(centres):
            path = self.nodes.path("d", f"only-{number}.toml")
            with open(path, "w", encoding="utf-8") as out:
                out.write(head + "[[centre]]" + centre)
            demo.wait_until(f"{site} heard", lambda p=path: any(
                row["site"] == site and row["applied_index"] > 0 for row in json.loads(
                    self.nodes.vigie("-C", p, "status", "--json", config=False))["sites"]))

    def test_a_second_node_of_a_site_is_heard_by_nobody(self):
        self.heard_by_all("marseille")
        before = self.nodes.status()
        text = self.nodes.text("marseille")
        base = demo.free_base(1)
        for i, key in enumerate(("client_listen", "peer_listen", "http_listen")):
            text = text.replace(f':{self.nodes.port("marseille", key)}"', f':{base + i}"')
        text = text[:text.index("[[feed]]")].replace('data_dir = "data"', 'data_dir = "data2"')
        second = self.nodes.path("d", "marseille", "second.toml")
        with open(second, "w", encoding="utf-8") as out:
            out.write(text)
        self.nodes.spawn("second", second)
        reason = 'vigie_messages_rejected_total{site="%s",door="peer",reason="duplicate_site"}'
        for site in ("lyon", "bordeaux"):
            demo.wait_until("a refusal", lambda s=site: self.nodes.metric(s, reason % s) > 0)
            self.assertIn("duplicate_site", self.nodes.log(site))
        (row,) = self.nodes.rows("submit", "-e", "mesa-xyz", "-o", "still")
        self.assertEqual(row["code"], "ok")
        self.nodes.stop("second")
        demo.wait_until("all three at one index", lambda: len(
            {(s["applied_index"], s["digest"]) for s in self.nodes.status()["sites"]}) == 1)
        self.assertEqual([s["site"] for s in before["sites"]], list(self.nodes.sites))


if __name__ == "__main__":
    demo.main()
