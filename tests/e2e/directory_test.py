#!/usr/bin/python3
"""The directory of a live federation of real nodes: shown, compared, changed by an administrator."""
import json
import os
import re
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402

AGREEMENT = """
[[agreement]]
name = "irm de nuit"
establishments = ["mesa-xyz"]
modalities = ["MR"]
group = "sud-est"
regulation = "none"
bands = ["evening", "deep_night"]
from = 2026-01-01
requester = { by = "directeur du CH", on = 2025-12-01 }
provider = { by = "garde", on = 2025-12-02, document = "sha256:12" }
"""


class Directory(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon", "bordeaux", "marseille")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()

    def file(self, name, text):
        path = self.nodes.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def shown(self):
        return self.nodes.vigie("directory", "show")

    def version(self):
        return self.nodes.rows("directory", "show")[0]["version"]

    def slower(self, text):
        """Another file: one rule differs from the one in `text`."""
        self.assertIn('bundle = "30 min"', text)
        return text.replace('bundle = "30 min"', 'bundle = "25 min"')

    def test_1_what_is_shown_is_the_file_it_began_with(self):
        path = self.file("shown.toml", self.shown())
        (row,) = self.nodes.rows("directory", "show")
        self.assertEqual((row["version"], row["federation"], row["sites"]), (1, "garde-sud", 3))
        for file in (path, self.nodes.path("d", "directory.toml")):
            self.nodes.vigie("directory", "check", file)
            self.assertEqual(self.nodes.vigie("directory", "diff", file), "no difference\n")

    def test_1_no_secret_is_shown(self):
        shown = self.shown()
        folder = self.nodes.path("d", "keys")
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                said = dict(re.findall(r'(?m)^(\w+) = "(.*)"$', file.read()))
            self.assertIn(said["public"], shown, name)
            self.assertNotIn(said["secret"], shown, name)

    # domain F14
    def test_2_a_rule_and_an_agreement_are_changed(self):
        before = self.shown()
        head, rest = self.slower(before).split("[[agreement]]", 1)
        rest = rest.replace('after = ["sud-est', 'after = ["irm de nuit", "sud-est', 1)
        path = self.file("new.toml", head + AGREEMENT.lstrip() + "\n[[agreement]]" + rest)
        said = self.nodes.vigie("directory", "diff", path)
        self.assertIn("+ agreement irm de nuit\n", said)
        self.assertIn("~ agreement: order ", said)
        self.assertIn("~ rules: bundle 30 min -> 25 min\n", said)
        self.assertEqual(self.nodes.vigie("directory", "apply", path, "--dry-run"),
                         said + "nothing sent; the version stays 1\n")
        self.assertEqual(self.shown(), before)
        applied = self.nodes.vigie("directory", "apply", path)
        self.assertRegex(applied[len(said):], r"^directory version 2 applied at index \d+\n$")
        self.assertEqual(applied[:len(said)], said)
        self.assertIn(AGREEMENT.strip(), self.shown())
        self.assertIn('bundle = "25 min"', self.shown())
        self.assertEqual(self.nodes.vigie("directory", "apply", path), "no difference\n")
        self.assertEqual(self.version(), 2)
        (row,) = self.nodes.rows("directory", "apply", self.file("old.toml", before))
        self.assertEqual((row["applied"], row["version"], row["added"]), (True, 3, []))
        self.assertEqual(row["removed"], [{"kind": "agreement", "name": "irm de nuit"}])

    def test_every_centre_has_it(self):
        """Each node answers from its own state."""
        version = self.version()
        with open(self.nodes.path("d", "client.toml"), encoding="utf-8") as file:
            head, *centres = file.read().split("[[centre]]")
        for number, centre in enumerate(centres):
            path = self.file(f"d/only-{number}.toml", head + "[[centre]]" + centre)
            demo.wait_until("its version", lambda: json.loads(self.nodes.vigie(
                "-C", path, "directory", "show", "--json", config=False))["version"] == version)

    # domain N10
    def test_a_bad_file_changes_nothing(self):
        before = self.shown()
        unread = before.replace('modalities = ["CR", "DX"]', 'modalities = ["CR", "PT"]', 1)
        self.assertNotEqual(unread, before)
        said = self.nodes.vigie("directory", "apply", self.file("bad.toml", unread), code=78)
        self.assertIn("bad.toml:", said)
        self.assertIn("got PT, which nobody of its group reads", said)
        other = self.file("other.toml", before.replace('"garde-sud"', '"garde-nord"'))
        self.nodes.vigie("directory", "apply", other, code=65)
        gone = before.replace('name = "marseille"', 'name = "nice"').replace(
            '"marseille"', '"nice"').replace("id = 3\nname = \"nice\"", "id = 4\nname = \"nice\"")
        self.nodes.vigie("directory", "apply", self.file("gone.toml", gone), code=65)
        keyless = re.sub(r'(?m)^\[\[key\]\]\n(\w+ = .*\n)*', "", before)
        with self.assertRaisesRegex(AssertionError, ": 65\n(.*\n)*.*no administrator has a key"):
            self.nodes.vigie("directory", "apply", self.file("keyless.toml", keyless))
        self.assertEqual(self.shown(), before)

    def test_of_several_at_once_each_knows_whether_his_was_done(self):
        before, version, said = self.shown(), self.version(), {}

        def apply(minutes):
            path = self.file(f"at-once-{minutes}.toml",
                             before.replace('bundle = "30 min"', f'bundle = "{minutes} min"'))
            try:
                said[minutes] = self.nodes.vigie("directory", "apply", path)
            except AssertionError as refused:
                said[minutes] = str(refused)
        together = [threading.Thread(target=apply, args=(minutes,)) for minutes in range(1, 7)]
        for one in together:
            one.start()
        for one in together:
            one.join()
        done = {minutes: re.search(r"directory version (\d+) applied", text)
                for minutes, text in said.items()}
        versions = sorted(int(found.group(1)) for found in done.values() if found)
        self.assertEqual(versions, list(range(version + 1, self.version() + 1)))
        for minutes, found in done.items():
            if not found:
                self.assertIn(": 75\n", said[minutes])
                self.assertIn("somebody else applied version", said[minutes])
        self.nodes.vigie("directory", "apply", self.file("before.toml", before))

    def test_only_an_administrator_applies(self):
        before = self.shown()
        path = self.file("mine.toml", self.slower(before))
        reader = next(name for name in os.listdir(self.nodes.path("d", "people"))
                      if name.startswith("101-") and name.endswith(".toml"))
        reader = ["-C", self.nodes.path("d", "people", reader)]
        self.nodes.vigie(*reader, "directory", "show", config=False)
        self.nodes.vigie(*reader, "directory", "apply", path, config=False, code=77)
        self.assertEqual(self.shown(), before)


class LongDirectory(demo.Case):
    CENTRES = ("lyon", "bordeaux", "marseille", "rennes", "dijon", "brest", "clermont", "etienne")
    VOTERS = (*CENTRES, "temoin")  # odd in number

    def national(self, text):
        """What `vigie init` wrote, with 120 hospitals of 60 entities and 400 people."""
        rows = [text]
        for i in range(60):
            rows.append(f'[[entity]]\nid = {500 + i}\nname = "gh {i}"\nkind = "public"\n')
        for i in range(120):
            rows.append(f'[[establishment]]\nid = {500 + i}\nname = "centre-hospitalier-{i:03}"\n'
                        f'legal_entity = "gh {i // 2}"\nfiness = "99100{i:04}"\nphone = "+3300000{i:04}"\n'
                        f'doors = ["{self.CENTRES[i % 8]}", "lyon"]\n')
        for i in range(400):
            rows.append(f'[[person]]\nid = {9000 + i}\nname = "radiologue {i:03}"\n'
                        f'rpps = "9{i:010}"\nroles = ["reader"]\nsite = "{self.CENTRES[i % 8]}"\n'
                        'privilege = [{ modalities = ["CT", "MR"] }]\nskills = ["neuro"]\n')
        for i in range(400):
            rows.append(f'[[key]]\nid = {9000 + i}\nkey = "{os.urandom(32).hex()}"\n'
                        f'person = "radiologue {i:03}"\n')
        return "\n".join(rows)

    # domain N2
    def test_the_directory_of_eight_centres_is_applied_and_shown_equal(self):
        nodes = self.federation(*self.VOTERS)
        path = nodes.path("d", "directory.toml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        nodes.start()
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.national(text))
        demo.wait_until("its first directory", lambda: nodes.vigie("directory", "show", code=None))
        (done,) = nodes.rows("directory", "apply", path)
        self.assertEqual((done["applied"], len(done["added"])), (True, 980))
        (row,) = nodes.rows("directory", "show")
        self.assertGreater(row["bytes"], 64 * 1024)
        shown = nodes.vigie("directory", "show")
        self.assertEqual(nodes.vigie("directory", "diff", path), "no difference\n")
        again = nodes.path("shown.toml")
        with open(again, "w", encoding="utf-8") as file:
            file.write(shown)
        self.assertEqual(nodes.vigie("directory", "diff", again), "no difference\n")
        (done,) = nodes.rows("directory", "apply", path)
        self.assertEqual(done["applied"], False)  # a retry changes nothing

    def test_one_that_is_too_long_is_told_and_changes_nothing(self):
        nodes = self.federation("lyon")
        path = nodes.path("d", "directory.toml")
        nodes.start()
        with open(path, "a", encoding="utf-8") as file:
            for i in range(2000):
                file.write(f'\n[[person]]\nid = {9000 + i}\nname = "soutien {i:0100}"\n'
                           'roles = ["support"]\n')
        with self.assertRaisesRegex(AssertionError,
                                    r": 65\n.* bytes as a command; an administrator's frame"):
            nodes.vigie("directory", "apply", path)
        self.assertEqual(nodes.rows("directory", "show")[0]["version"], 1)


if __name__ == "__main__":
    demo.main()
