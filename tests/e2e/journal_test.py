#!/usr/bin/python3
"""vigie journal verify on the folder of a node that worked: its parts agree after an end and after a
kill, and a damaged exam of the archive is named while the rest is checked all the same."""
import json
import os
import shutil
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


def message(number, kind):
    return "\r".join([
        rf"MSH|^~\&|RIS|XYZ_RADIOLOGY|VIGIE|GARDE|20260101||ORM^O01|{kind}{number}|P|2.5.1||||||"
        "UNICODE UTF-8",
        "PID|1||123^^^X^PI||DUPONT^Zoé^^^^^L", "PV1|1|E", f"ORC|{kind}|{number}",
        f"OBR|1|{number}||TDM^TDM crâne^L" + "|" * 20 + "CT", ""])


class Journal(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon")
        cls.addClassCleanup(cls.nodes.end)
        directory = cls.nodes.path("d", "directory.toml")
        with open(directory, encoding="utf-8") as file:
            text = file.read()
        assert 'close_after = "12 h"' in text
        with open(directory, "w", encoding="utf-8") as file:
            file.write(text.replace('close_after = "12 h"', 'close_after = "1 s"'))
        cls.nodes.start()

    def close_exams(self, name, count):
        """Ordered and cancelled: over a second later."""
        port = self.nodes.port("lyon", "mesa-xyz-ris")
        with socket.create_connection(("127.0.0.1", port)) as mllp:
            mllp.settimeout(10)
            for kind in ("NW", "CA"):
                for i in range(count):
                    mllp.sendall(b"\x0b" + message(f"{name}{i}", kind).encode() + b"\x1c\x0d")
                    answer = b""
                    while not answer.endswith(b"\x1c\x0d"):
                        answer += mllp.recv(65536)
                    self.assertIn(b"MSA|AA|", answer)

    def verify(self, folder, code):
        ran = subprocess.run([os.path.join(demo.BIN, "vigie"), "journal", "verify", "--json", folder],
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        told = json.loads(ran.stdout.splitlines()[0])
        return told, {item["item"]: item for item in told["items"]}

    # domain Q4
    def test_all_parts_agree_and_a_damaged_exam_is_named(self):
        data = self.nodes.path("d", "lyon", "data")
        self.close_exams("K", 20)
        demo.wait_until("closed exams", lambda: not json.loads(
            self.nodes.vigie("exams", "--json"))["exams"])
        self.close_exams("L", 20)
        process = self.nodes.running.pop("lyon")
        process.kill()
        process.wait()
        told, items = self.verify(data, 0)
        self.assertGreaterEqual(told["archived"], 10)
        self.assertEqual(items["archive_end"]["checked"], told["archived"])
        self.assertEqual(items["room"]["checked"], told["last_index"])
        self.nodes.start("lyon")
        demo.wait_until("closed exams", lambda: not json.loads(
            self.nodes.vigie("exams", "--json"))["exams"])
        self.assertEqual(self.nodes.stop("lyon"), 0)
        told, items = self.verify(data, 0)
        self.assertEqual(told["archived"], 40)
        self.assertEqual({item["ok"] for item in items.values()}, {True})
        copy = self.nodes.path("copy")
        shutil.copytree(data, copy)
        tables = [os.path.join(copy, name) for name in os.listdir(copy) if name.endswith(".sst")]
        refused = 0
        for table in tables:
            with open(table, "rb") as file:
                whole = file.read()
            with open(table, "wb") as file:
                file.write(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
            ran = subprocess.run([os.path.join(demo.BIN, "vigie"), "journal", "verify", copy],
                                 capture_output=True, text=True, timeout=60, check=False)
            refused += ran.returncode == 65
            self.assertIn(os.path.basename(table), ran.stdout + ran.stderr)
            with open(table, "wb") as file:
                file.write(whole)
        self.assertEqual(refused, len(tables))


if __name__ == "__main__":
    demo.main()
