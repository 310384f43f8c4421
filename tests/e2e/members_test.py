#!/usr/bin/python3
"""Sites come, vote and go on a live federation of real nodes, while requests are submitted."""
import json
import os
import re
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


class Members(demo.Case):
    def new_site(self, nodes, name, site_id):
        """A folder with a key and a site.toml for a site that is none yet; its public key."""
        folder = nodes.path("d", name)
        os.mkdir(folder)
        key = json.loads(nodes.vigie("key", "new", os.path.join(folder, name + ".key"), "--json",
                                     config=False))["public"]
        head, *peers = re.split(r"(?m)^(?=\[\[peer\]\])", nodes.text("lyon"))
        peers = [peer.split("[[feed]]")[0] for peer in peers]
        value = lambda key: re.search(rf'(?m)^{key} = (.*?)(  #.*)?$', head).group(1)  # noqa: E731
        ports = iter(demo.free_base(1) + n for n in range(3))
        lyon = nodes.vigie("key", "show", os.path.join(nodes.path("d", "lyon"),
                                                       value("key_file").strip('"')), "--json",
                           config=False)
        nodes.write(name, "\n".join([
            f'federation = {value("federation")}', f'mode = {value("mode")}', f'site = "{name}"',
            f"id = {site_id}", 'role = "learner"', f'key_file = "{name}.key"', 'data_dir = "data"',
            f'client_listen = "127.0.0.1:{next(ports)}"', f'peer_listen = "127.0.0.1:{next(ports)}"',
            f'http_listen = "127.0.0.1:{next(ports)}"', f'profile = {value("profile")}',
            "[[peer]]", 'site = "lyon"', "id = 1", 'role = "voter"',
            f'address = "127.0.0.1:{nodes.port("lyon", "peer_listen")}"',
            f'key = "{json.loads(lyon)["public"]}"', *peers]))
        return key

    def add(self, nodes, name, site_id, code):
        key = self.new_site(nodes, name, site_id)
        nodes.spawn(name, nodes.settings(name))
        address = f'{name}=127.0.0.1:{nodes.port(name, "peer_listen")}'
        (row,) = nodes.rows("site", "add", address, "--key", key, "--code", code, "--id",
                            str(site_id), "--wait", "20")
        self.assertEqual((row["id"], row["member"]), (site_id, "learner"))
        (row,) = nodes.rows("site", "promote", name, "--wait", "20")
        self.assertEqual(row["member"], "voter")
        return row

    def agree(self, nodes, *names):
        """All of them are seen with one digest at one index."""
        def same():
            rows = [row for row in nodes.status()["sites"] if row["site"] in names]
            seen = {(row["applied_index"], row["digest"]) for row in rows}
            return len(rows) == len(names) and len(seen) == 1
        demo.wait_until("equal digests", same)

    # domain N6
    def test_two_come_and_one_goes_and_nothing_is_lost(self):
        nodes = self.federation("lyon", "bordeaux", "marseille")
        nodes.start()
        stop, handed = threading.Event(), []

        def submit():
            while not stop.is_set():
                order = f"L{len(handed)}"
                nodes.vigie("submit", "-e", "mesa-xyz", "-o", order)
                handed.append(order)
        hospital = threading.Thread(target=submit)
        hospital.start()
        try:
            self.assertIn("even", self.add(nodes, "nantes", 4, "NAN")["warning"])
            self.assertEqual(self.add(nodes, "lille", 5, "LIE")["warning"], "")
            self.agree_names = ("lyon", "bordeaux", "marseille", "nantes", "lille")
            leader = next(row["site"] for row in nodes.status()["sites"] if row["raft"] == "leader")
            nodes.vigie("site", "remove", leader, "--wait", "20")
            nodes.stop(leader)
        finally:
            stop.set()
            hospital.join()
        left = [name for name in self.agree_names if name != leader]
        self.agree(nodes, *left)
        exams = json.loads(nodes.vigie("exams", "--json"))["exams"]
        self.assertEqual({exam["placer_order"] for exam in exams}, set(handed))
        self.assertGreater(len(handed), 3)
        members = {row["site"]: row["member"] for row in nodes.status()["sites"]}
        self.assertEqual({members[name] for name in left}, {"voter"})

    def test_refusals_are_clear(self):
        nodes = self.federation("lyon")
        nodes.start()
        for words in (["promote", "nowhere"], ["remove", "lyon"], ["promote", "lyon"]):
            nodes.vigie("site", *words, code=65 if words[1] != "nowhere" else 66)
        nodes.vigie("site", "add", "nantes=127.0.0.1:9", "--key", "short", "--code", "NAN", code=65)


if __name__ == "__main__":
    demo.main()
