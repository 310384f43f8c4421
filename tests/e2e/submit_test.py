#!/usr/bin/python3
"""vigie submit, from an HL7 v2 file: what it says of each order, and that it is what a door makes of
the same message."""
import os
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo  # noqa: E402


def order(number, control="M-", place="XYZ_RADIOLOGY", kind="NW", end="\r"):
    control += number
    return end.join([
        rf"MSH|^~\&|RIS|{place}|VIGIE|GARDE|20260101||ORM^O01|{control}|P|2.5.1||||||UNICODE UTF-8",
        "PID|1||123^^^X^PI||DUPONT^Zoé^^^^^L", "PV1|1|E", f"ORC|{kind}|{number}",
        f"OBR|1|{number}||TDM^TDM crâne^L" + "|" * 20 + "CT", ""])


def framed(*messages):
    return b"".join(b"\x0b" + m.encode() + b"\x1c\x0d" for m in messages)


class Submit(demo.Case):
    @classmethod
    def setUpClass(cls):
        cls.nodes = demo.Federation("lyon")
        cls.addClassCleanup(cls.nodes.end)
        cls.nodes.start()

    def submit(self, content, *flags, code=0):
        file = self.nodes.path("orders.hl7")
        with open(file, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return self.nodes.rows("submit", "--hl7", file, *flags, code=code)

    def test_a_door_makes_the_same_exam_of_the_same_message(self):
        message = order("A1")
        (row,) = self.submit(message)
        self.assertEqual((row["ack"], row["code"], row["duplicate"]), ("replicated", "ok", False))
        self.assertEqual((row["message"], row["order"]), ("M-A1", "A1"))
        self.assertGreater(row["index"], 0)
        with socket.create_connection(("127.0.0.1", self.nodes.port("lyon", "mesa-xyz-ris"))) as mllp:
            mllp.settimeout(10)
            mllp.sendall(framed(message))
            answer = mllp.recv(65536).decode()
        self.assertIn("MSA|AA|M-A1", answer)
        self.assertIn(row["exam"], answer)

    def test_bare_messages_with_any_line_ends_and_mllp_frames(self):
        for number, content in {"B1": order("B1"), "B2": order("B2", end="\n"),
                                "B3": order("B3", end="\r\n"),
                                "B4": framed(order("B4"))}.items():
            (row,) = self.submit(content)
            self.assertEqual((row["order"], row["code"]), (number, "ok"))
        rows = self.submit(order("B5", end="\n") + "\n" + order("B1", end="\n"))
        self.assertEqual([(r["order"], r["duplicate"]) for r in rows], [("B5", False), ("B1", True)])
        rows = self.submit(framed(order("B6"), order("B7")))
        self.assertEqual([r["order"] for r in rows], ["B6", "B7"])

    def test_several_orders_in_one_message_are_a_row_each(self):
        two = order("C1") + "ORC|NW|C2\rOBR|1|C2||TDM^TDM^L" + "|" * 20 + "CT\r"
        rows = self.submit(two)
        self.assertEqual([r["order"] for r in rows], ["C1", "C2"])
        self.assertEqual(len({r["exam"] for r in rows}), 2)
        self.assertEqual(len({r["index"] for r in rows}), 1)

    def test_a_refusal_says_why_and_keeps_nothing_after_it_back(self):
        rows = self.submit(order("D1", place="NOWHERE") + order("D2", kind="XO") +
                           order("D3").replace("|M-D3|", "||") + order("D4"), code=65)
        self.assertEqual([r["ack"] for r in rows], ["refused"] * 3 + ["replicated"])
        self.assertEqual(rows[0]["code"], "unknown_establishment")
        self.assertIn("MSH^1^4", rows[0]["text"])
        self.assertIn("amend of D2", rows[1]["text"])
        self.assertIn("MSH^1^10", rows[2]["text"])

    def test_an_unnamed_hospital_needs_a_feed_or_a_hospital(self):
        message = order("E1", place="")
        (row,) = self.submit(message, code=65)
        self.assertIn("--feed", row["text"])
        (row,) = self.submit(message, "--feed", "mesa-xyz-ris")
        self.assertEqual(row["code"], "ok")
        (row,) = self.submit(message, "-e", "mesa-xyz")
        self.assertTrue(row["duplicate"])

    def test_without_a_sites_file_the_directory_says_who_the_hospitals_are(self):
        moved = self.nodes.path("d", "lyon", "elsewhere.toml")
        os.rename(self.nodes.settings("lyon"), moved)
        try:
            (row,) = self.submit(order("F1", place="mesa-xyz"))
        finally:
            os.rename(moved, self.nodes.settings("lyon"))
        (again,) = self.submit(order("F1"))
        self.assertEqual(again["exam"], row["exam"])

    def test_what_is_no_message_is_refused_with_its_code(self):
        self.assertEqual(self.submit("", code=65), [])
        self.assertEqual(self.submit("no HL7\n", code=65), [])
        self.nodes.rows("submit", "--hl7", "/nowhere.hl7", code=66)
        self.nodes.rows("submit", "--hl7", self.nodes.folder, code=66)
        self.nodes.rows("submit", code=64)
        self.nodes.rows("submit", "--feed", "x", "-e", "mesa-xyz", "-o", "1", code=64)
        (row,) = self.submit(framed(order("G1")) + b"\x0bMSH|^~", code=65)  # a cut-off last frame
        self.assertEqual((row["order"], row["code"]), ("G1", "ok"))
        self.submit(order("G2"), "--feed", "unheard-of", code=66)


if __name__ == "__main__":
    demo.main()
