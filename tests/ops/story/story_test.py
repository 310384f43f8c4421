#!/usr/bin/python3
"""The story's own reading and writing: orders, acknowledgements, failures in histories."""
import json
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "ops", "story"))

import generator  # noqa: E402
import hl7_text  # noqa: E402
import history  # noqa: E402


def evening(seed):
    return generator.Evening(seed, generator.DEMO_HOSPITALS).write(
        60, 24, generator.WARM_UP, generator.STAR)


class Generator(unittest.TestCase):
    def test_the_same_seed_gives_the_same_bytes(self):
        self.assertEqual(evening(7), evening(7))
        self.assertNotEqual(evening(7), evening(8))

    def test_every_evening_is_sixty_orders_from_twelve_hospitals(self):
        for seed in range(200):
            messages = evening(seed)
            orders = [(m.hospital, number) for m in messages for number in m.orders]
            self.assertEqual(len(orders), 60)
            self.assertEqual(len(set(orders)), 60)
            self.assertEqual(len({m.hospital for m in messages}), 12)
            self.assertEqual(len({m.control_id for m in messages}), len(messages))
            self.assertTrue(messages[len(generator.WARM_UP)].vital)

    def test_what_a_message_says_is_read_back(self):
        for message in evening(5):
            self.assertEqual(hl7_text.control_id(message.payload), message.control_id)
            self.assertEqual(tuple(hl7_text.new_orders(message.payload)), message.orders)

    def test_feeds_differ_in_line_ends_charsets_and_types(self):
        payloads = [m.payload for m in evening(5)]
        self.assertTrue(any(b"\n" not in p for p in payloads))
        self.assertTrue(any(b"\r" not in p for p in payloads))
        self.assertTrue(any(b"OMI^O23" in p for p in payloads))
        self.assertTrue(any("LEFÈVRE".encode("latin-1")[3:] in p and b"8859" in p for p in payloads))


class Texts(unittest.TestCase):
    def test_frames_are_cut_with_and_without_mllp(self):
        two = hl7_text.framed(b"MSH|1\rPID|") + hl7_text.framed(b"MSH|2")
        self.assertEqual(hl7_text.frames_of(two), [b"MSH|1\rPID|", b"MSH|2"])
        self.assertEqual(len(hl7_text.frames_of(b"MSH|1\r\nPID|\r\nMSH|2\r\n")), 2)

    def test_an_acknowledgement_names_its_exams_or_its_error(self):
        taken = hl7_text.Ack(b"MSH|^~\\&|V|G|R|S|1||ACK|1|P|2.5\rMSA|AA|M1|exam=MRS-0018,MRS-0023 ack=LOCAL")
        self.assertEqual(taken.exams(), ["MRS-0018", "MRS-0023"])
        refused = hl7_text.Ack(b"MSH|^~\\&|V|G|R|S|1||ACK|1|P|2.5\rMSA|AE|M1\rERR||MSH^1|101|E||||absent")
        self.assertEqual((refused.accepted, refused.error), (False, "absent"))


class Failures(unittest.TestCase):
    NAME = {"session": "a", "incarnation": 1, "request": 1}

    def measure(self, lines, timeline=("ReadOffered", "ReadAccepted", "ReportValidated")):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "anne.jsonl"), "w", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
            exam = {"timeline": [{"event": event} for event in timeline]}
            return history.Failure("bordeaux", False, 100).measure(folder, "anne.jsonl", exam)

    def lines(self, attached="a", epoch=7):
        attach = {"op": "answer", "command": "attach", "code": "ok"}
        sign = {"command": "sign", "session": "a", "incarnation": 2, "request": 1}
        return [{"t": 1, "op": "connected", "site": "bordeaux"},
                {"t": 2, **attach, "attached": "a", **self.NAME},
                {"t": 50, "op": "event", "kind": "ReadAccepted", "exam": 5, "epoch": [0, 7]},
                {"t": 101, "op": "disconnected", "site": "bordeaux"},
                {"t": 120, "op": "connected", "site": "lyon"},
                {"t": 130, **attach, "attached": attached, **self.NAME},
                {"t": 200, "op": "invoke", "exam": 5, "epoch": [0, epoch], **sign},
                {"t": 210, "op": "answer", "code": "ok", **sign}]

    def test_session_and_exam_are_kept(self):
        found = self.measure(self.lines())
        self.assertEqual((found["gap_ms"], found["session_kept"], found["exam_kept"]), (30, True, True))

    def test_another_session_is_not_the_same(self):
        self.assertFalse(self.measure(self.lines(attached="b"))["session_kept"])

    def test_a_new_epoch_or_a_new_offer_is_not_the_same_exam(self):
        self.assertFalse(self.measure(self.lines(epoch=9))["exam_kept"])
        twice = ("ReadOffered", "ReadAccepted", "LeaseExpired", "ReadOffered", "ReadAccepted")
        self.assertFalse(self.measure(self.lines(), twice)["exam_kept"])

    def test_a_reader_who_signs_no_more_kept_nothing(self):
        found = self.measure(self.lines()[:5])
        self.assertEqual((found["gap_ms"], found["session_kept"], found["exam_kept"]), (-1, False, False))


if __name__ == "__main__":
    unittest.main()
