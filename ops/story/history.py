"""What a reader's history says about a failure: was his session kept, his exam, and for how long was
he, or the federation, without an answer. Format: ops/docs/format-history.md."""
import glob
import json
import os


def lines_of(path: str) -> list[dict]:
    """Whole lines only: the last may have been under way."""
    try:
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().split("\n")[:-1] if line]
    except OSError:
        return []


class Failure:
    """One `kill -9`, as the clients lived it.

    gap_ms: from the kill to the first promise after it, the longer of
      - the reader's: an `ok` answer or renewal on a connection that was opened after the kill, if
        the centre that he was connected to was killed;
      - the federation's: any client's `ok` answer to a request that was sent, or sent again, after
        the kill, if the leader was killed: no promise of the dead leader is among those. It is a
        bound from above: somebody must have asked something.
    """

    def __init__(self, site: str, was_leader: bool, at_ms: int):
        self.site, self.was_leader, self.at_ms = site, was_leader, at_ms

    def measure(self, histories: str, reader: str, exam: dict) -> dict:
        everything = {path: lines_of(path) for path in glob.glob(os.path.join(histories, "*.jsonl"))}
        mine = next((lines for path, lines in everything.items()
                     if os.path.basename(path) == reader), [])
        gap = [self.reader_gap(mine)]
        if self.was_leader:
            gap.append(self.federation_gap(everything.values()))
        return {"killed_site": self.site, "was_leader": self.was_leader, "gap_ms": max(gap),
                "session_kept": self.session_kept(mine), "exam_kept": self.exam_kept(mine, exam)}

    def reader_gap(self, lines: list[dict]) -> int:
        connected = ""
        for line in lines:
            if line["t"] > self.at_ms:
                break
            if line["op"] == "connected":
                connected = line["site"]
        if connected != self.site:
            return 0
        back = False
        for line in lines:
            if line["t"] < self.at_ms:
                continue
            back = back or line["op"] == "connected"
            if back and line["op"] in ("answer", "lease") and line.get("code") == "ok":
                return line["t"] - self.at_ms
        return -1

    def federation_gap(self, histories) -> int:
        """-1: nothing was promised any more."""
        found = []
        for lines in histories:
            sent = {}
            for line in lines:
                if line["t"] < self.at_ms or line["op"] not in ("invoke", "answer"):
                    continue
                name = (line["session"], line["incarnation"], line["request"])
                if line["op"] == "invoke":
                    sent[name] = line["t"]
                elif line["code"] == "ok" and not line.get("duplicate") and name in sent:
                    found.append(line["t"])
                    break
        return min(found) - self.at_ms if found else -1

    def until_signed(self, lines: list[dict]) -> list[dict]:
        """From the assignment that he held when it happened to its signature's answer."""
        out = []
        for line in lines:
            out.append(line)
            if line["t"] < self.at_ms:
                continue
            if line["op"] == "answer" and line.get("command") == "sign" and line["code"] == "ok":
                return out
        return out

    def session_kept(self, lines: list[dict]) -> bool:
        """One session before and after, and never told that it had ended."""
        before, after, ended = set(), set(), False
        for line in self.until_signed(lines):
            if line["op"] == "answer" and line.get("command") == "attach":
                if line["code"] == "ok":
                    (before if line["t"] <= self.at_ms else after).add(line["attached"])
                elif line["t"] > self.at_ms and line["code"] in ("no_session", "superseded"):
                    ended = True
            if line["op"] == "answer" and line.get("command") == "sign" and line["t"] > self.at_ms:
                after.add(line["session"])
        return bool(before) and bool(after) and after == {last(before, lines)} and not ended

    def exam_kept(self, lines: list[dict], exam: dict) -> bool:
        """Accepted and signed under one epoch, and the room offered it to nobody else."""
        accepted, signed, sent = None, False, None
        for line in self.until_signed(lines):
            if line["op"] == "event" and line.get("kind") in ("ReadOffered", "ReadAccepted"):
                if line["t"] <= self.at_ms:
                    accepted = (line["exam"], line["epoch"])
            if line["op"] == "invoke" and line.get("command") == "sign" and line["t"] > self.at_ms:
                sent = (line["exam"], line["epoch"])
            if line["op"] == "answer" and line.get("command") == "sign" and line["t"] > self.at_ms:
                signed = line["code"] == "ok"
        events = [item["event"] for item in exam["timeline"]]
        taken_back = {"OfferExpired", "OfferWithdrawn", "ReadReleased", "ReadDeclined",
                      "LeaseExpired"} & set(events)
        return (accepted is not None and accepted == sent and signed and not taken_back
                and events.count("ReadOffered") <= 1 and events.count("ReadAccepted") == 1)


def last(sessions: set, lines: list[dict]) -> str:
    """The session that was attached last, of those named."""
    found = ""
    for line in lines:
        if line["op"] == "answer" and line.get("attached") in sessions:
            found = line["attached"]
    return found
