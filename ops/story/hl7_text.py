"""HL7 v2 as text: what the story must read of messages, acknowledgements and reports.

Only what a hospital's own system would know of them; nothing here is shared with the nodes. Frames
are MLLP: 0x0B, message, 0x1C, 0x0D.
"""
import re

import hl7

START, END, CR = b"\x0b", b"\x1c", b"\r"


def framed(message: bytes) -> bytes:
    return START + message + END + CR


def frames_of(data: bytes) -> list[bytes]:
    """The messages of a file: framed, or bare ones that each begin with MSH."""
    if START in data or END in data:
        parts = (part.strip(START + CR + b"\n") for part in data.split(END))
    else:
        parts = (part.strip() for part in re.split(rb"(?m)^(?=MSH\|)", data.replace(b"\r", b"\n")))
    return [part for part in parts if part]


def segments(message: bytes) -> list[list[str]]:
    """Segments as fields; number n of a segment is field[n], of MSH field[n - 1]."""
    text = message.decode("latin-1")
    return [line.split("|") for line in re.split(r"[\r\n]+", text) if line]


def field(message: bytes, name: str, number: int, default: str = "") -> str:
    for found in segments(message):
        if found[0] == name:
            at = number - 1 if name == "MSH" else number
            return found[at] if at < len(found) else default
    return default


def control_id(message: bytes) -> str:
    return field(message, "MSH", 10)


def new_orders(message: bytes) -> list[str]:
    """Placer numbers of the orders (ORC-1 NW) that a message makes, in order."""
    numbers, last_orc = [], None
    for found in segments(message):
        if found[0] == "ORC":
            last_orc = found
            if len(found) > 2 and found[1] == "NW" and found[2]:
                numbers.append(found[2].split("^")[0])
        if found[0] == "OBR" and last_orc and last_orc[1:2] == ["NW"] and not last_orc[2:3]:
            numbers.append((found + [""] * 4)[2].split("^")[0] or found[3].split("^")[0])
    return numbers


class Ack:
    """One acknowledgement, read by python3-hl7."""

    def __init__(self, text: bytes):
        message = hl7.parse(text.strip(START + END + CR + b"\n").decode("utf-8", "replace"))
        msa = message.segment("MSA")
        part = lambda n: str(msa[n]) if len(msa) > n else ""
        self.code, self.answers, self.text = part(1), part(2), part(3)
        self.error = ""  # of a refusal: the first error's text, else its code
        if not self.accepted:
            error = next((segment for segment in message if str(segment[0]) == "ERR"), [])
            texts = [str(error[n]) for n in (8, 3, 1) if len(error) > n and str(error[n])]
            self.error = (texts or [self.text])[0]

    @property
    def accepted(self) -> bool:
        return self.code in ("AA", "CA")

    def exams(self) -> list[str]:
        """Exam numbers named in MSA-3: `exam=MRS-7K2Q,MRS-7K3S ack=REPLICATED`."""
        found = re.search(r"exam=(\S+)", self.text)
        return found[1].split(",") if found else []


def acks_of(output: bytes) -> list[Ack]:
    """What mllp_send printed: a line per answer, each framed as it came."""
    acks = []
    for part in output.split(END):
        part = part.strip(START + CR + b"\n")
        if part.startswith(b"MSH"):
            acks.append(Ack(part))
    return acks
