"""What the story says: a line for each thing that happens, tables, the one JSON object at the end."""
import json
import sys
import time
import unicodedata


class Teller:
    """Tells on standard output; on standard error when that one is for the JSON object."""

    def __init__(self, as_json: bool):
        self.out = sys.stderr if as_json else sys.stdout
        self.as_json = as_json
        self.begun = time.monotonic()

    def line(self, where: str, text: str) -> None:
        self.raw(f"[{time.monotonic() - self.begun:6.2f} s] {where:<9} {text}")

    def act(self, title: str) -> None:
        self.raw(f"\n--- {title} " + "-" * max(3, 92 - len(title)))

    def raw(self, text: str) -> None:
        try:
            print(text, file=self.out, flush=True)
        except (BrokenPipeError, ValueError):
            pass

    def table(self, rows: list[list]) -> None:
        """The first row is the header; numbers to the right."""
        cells = [["" if c is None else str(c) for c in row] for row in rows]
        widths = [max(width(row[i]) for row in cells) for i in range(len(cells[0]))]
        for row in cells:
            shown = []
            for text, wanted in zip(row, widths):
                gap = " " * (wanted - width(text))
                shown.append(gap + text if text.isdigit() else text + gap)
            self.raw("  " + "  ".join(shown).rstrip())

    def result(self, result: dict) -> None:
        if self.as_json:
            print(json.dumps(result, ensure_ascii=False), flush=True)


def width(text: str) -> int:
    return sum(not unicodedata.combining(c) for c in text)


def centre_table(sites, rows: list[dict], by_site: dict) -> list[list]:
    """A row per centre, from the exams' rows and each node's own status."""
    head = ["centre", "orders taken", "exams read", "p0", "p1", "p2", "p3", "raft", "applied",
            "digest"]
    table = [head]
    for site in sites:
        read = [r for r in rows if r["reading_site"] == site]
        status = by_site[site]
        table.append([site, sum(r["origin_site"] == site for r in rows), len(read),
                      *(sum(r["urgency"] == u for r in read) for u in ("p0", "p1", "p2", "p3")),
                      status["raft"], status["applied_index"], status["digest"][:16]])
    return table


def timeline_table(exam: dict) -> list[list]:
    first = None
    table = [["index", "at", "event", "by", "centre"]]
    for item in exam["timeline"]:
        seconds = clock(item["at"])
        first = seconds if first is None else first
        table.append([item["index"], f"+{seconds - first:.3f} s", item["event"], item["by"],
                      item["site"]])
    return table


def clock(iso: str) -> float:
    """Seconds of the day of an ISO time."""
    hours, minutes, seconds = iso[11:].rstrip("Z").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
