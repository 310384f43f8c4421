"""An evening of orders: seeded, in the shapes that hospitals' systems really send.

Mix, urgencies and the shape of the evening (18:00 to midnight, compressed into seconds) are those of
a national emergency teleradiology service. Patients, order numbers and hospitals are invented. The
same seed gives the same bytes.

    python3 ops/story/generator.py [--seed N] [--orders N] > evening.mllp
"""
import argparse
import random
import sys
from dataclasses import dataclass

from hl7_text import framed

# Arrivals per hour of a weekday, 18:00 to 23:59, for 1,000 exams a day.
EVENING = (62, 76, 87, 91, 83, 62)


@dataclass(frozen=True)
class Kind:
    """A type of exam: its share of the evening, and how systems name it."""
    share: int
    modality: str
    ccam: str
    loinc: str
    text: str
    region: str  # SNOMED CT, as in REGION_ANATOMIQUE
    reason: str
    vital: bool = False


STROKE = Kind(6, "CT", "EAQH002", "24725-4", "TDM AVC: crâne, angio-TDM TSA et perfusion", "69536005",
              "AVC ? hémiplégie droite, début 19h40", True)
HEAD = Kind(27, "CT", "ACQK001", "30799-1", "TDM crâne sans injection", "69536005",
            "Traumatisme crânien sous anticoagulant")
KINDS = (
    HEAD,
    STROKE,
    Kind(12, "CT", "ECQH010", "24628-0", "Angio-TDM thoracique", "51185008",
         "Embolie pulmonaire ? dyspnée brutale"),
    Kind(30, "CT", "ZCQH001", "36813-4", "TDM abdomen et pelvis avec injection", "818982008",
         "Douleur abdominale fébrile, occlusion ?"),
    Kind(3, "CT", "ZZQH033", "46305-9", "TDM corps entier, POLYTRAUMATISME", "38266002",
         "Accident de la route à 90 km/h", True),
    Kind(7, "CT", "LHQK001", "30620-9", "TDM rachis cervical", "122494005",
         "Chute de 3 mètres, cervicalgie"),
    Kind(6, "MR", "ACQN001", "24590-2", "IRM cérébrale", "12738006", "Céphalée brutale, déficit"),
    Kind(9, "CR", "ZBQK002", "30745-4", "Radiographie du thorax", "51185008", "Fièvre, toux"),
)
# Urgency as asked: HL7 priority, patient class (a routine order of an inpatient is P2).
URGENCIES = ((22, "S", "E"), (27, "A", "E"), (41, "R", "E"), (9, "R", "O"))

FAMILIES = ("LEFÈVRE", "BÉRANGER", "GARÇON", "NOËL", "MARTIN", "DURAND", "CHÂTEAU", "FOURNIER",
            "GIRARD", "ANDRÉ", "MOREAU", "PÉTRÉ", "SÉGUY", "LACOMBE", "ÉTIENNE", "BÖHM")
GIVEN = ("Chloé", "François", "Zoé", "Rémi", "Hélène", "Louis", "Inès", "Jérôme", "Maëlle", "Paul")

CHARSETS = {"8859/1": "latin-1", "8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8", "": "utf-8"}


@dataclass(frozen=True)
class Hospital:
    """A hospital as its own system sees itself."""
    name: str  # establishment in the directory
    facility: str  # MSH-4
    finess: str
    door: str  # home centre


@dataclass(frozen=True)
class Dialect:
    """How one vendor's system writes: version, message, line ends, characters, priority's place."""
    message: str  # ORM or OMI
    version: str
    newline: str
    charset: str  # MSH-18; empty: not said
    priority: str  # segment that carries it: TQ1, OBR27, ORC, OBR5
    ids: str  # where study and accession are: ZDS, IPC, OBX
    french: bool = False  # modality and region as OBX of the French specification


DIALECTS = (
    Dialect("ORM^O01", "2.3.1", "\r", "", "ORC", "ZDS"),
    Dialect("ORM^O01^ORM_O01", "2.5.1", "\r", "8859/1", "OBR27", "ZDS"),
    Dialect("OMI^O23^OMI_O23", "2.5.1", "\r", "UNICODE UTF-8", "TQ1", "IPC"),
    Dialect("ORM^O01^ORM_O01", "2.5.1", "\r", "8859/15", "OBR27", "OBX", french=True),
    Dialect("ORM^O01", "2.3.1", "\n", "", "OBR5", "ZDS"),
    Dialect("OMI^O23", "2.5", "\r\n", "UNICODE UTF-8", "TQ1", "IPC"),
)


@dataclass(frozen=True)
class Message:
    """One message to send: `at` seconds after the evening began, by the door of centre `door`."""
    at: float
    hospital: str
    door: str
    control_id: str
    orders: tuple[str, ...]  # placer numbers
    what: str
    vital: bool
    payload: bytes


class Evening:
    """Writes the messages of one evening."""

    def __init__(self, seed: int, hospitals: list[Hospital]):
        self.random = random.Random(seed)
        self.hospitals = hospitals
        self.dialects = {h.name: DIALECTS[i % len(DIALECTS)] for i, h in enumerate(hospitals)}
        self.seed = seed
        self.patients = 0
        self.messages = 0

    def write(self, orders: int, seconds: float, warm_up: list[str], star: str) -> list[Message]:
        """`orders` orders in `seconds`. First one plain head CT of each hospital in `warm_up`, then
        the stroke of hospital `star`, then the evening."""
        kinds = self.quota(orders - len(warm_up) - 1)
        by_name = {h.name: h for h in self.hospitals}
        out = [self.message(0.0, by_name[name], [HEAD]) for name in warm_up]
        out.append(self.message(0.0, by_name[star], [STROKE]))
        rest = [h for h in self.hospitals if h.name not in warm_up and h.name != star]
        places = [*rest, *self.random.choices(self.hospitals, self.zipf(), k=len(kinds) - len(rest))]
        self.random.shuffle(places)
        times = self.arrivals(len(kinds), seconds)
        i = 0
        while i < len(kinds):
            several = 2 if self.random.random() < 0.08 and i + 1 < len(kinds) else 1
            out.append(self.message(times[i], places[i], kinds[i:i + several]))
            i += several
        missing = {h.name for h in self.hospitals} - {m.hospital for m in out}
        for number, name in enumerate(sorted(missing)):  # a second order took its place
            m = next(m for m in reversed(out) if sum(x.hospital == m.hospital for x in out) > 1
                     and m.at > 0 and len(m.orders) == 1)
            at = out.index(m)
            out[at] = self.message(m.at, by_name[name], [kinds[number]])
        return out

    def quota(self, count: int) -> list[Kind]:
        """The mix, exactly: largest remainders, shuffled."""
        exact = [(k, count * k.share / 100) for k in KINDS]
        kinds = [k for k, share in exact for _ in range(int(share))]
        by_rest = sorted(exact, key=lambda x: int(x[1]) - x[1])
        kinds += [k for k, _ in by_rest[:count - len(kinds)]]
        self.random.shuffle(kinds)
        return kinds

    def zipf(self) -> list[float]:
        ranks = list(range(1, len(self.hospitals) + 1))
        self.random.shuffle(ranks)
        return [1 / rank for rank in ranks]

    def arrivals(self, count: int, seconds: float) -> list[float]:
        """Poisson within each hour, and a crash: some come together in the busiest hour."""
        hours = self.random.choices(range(len(EVENING)), EVENING, k=count)
        hour = seconds / len(EVENING)
        times = [(h + self.random.random()) * hour for h in hours]
        crash = 3.2 * hour
        for i in self.random.sample(range(count), min(5, count)):
            times[i] = crash + self.random.random() * hour / 8
        return sorted(times)

    def message(self, at: float, hospital: Hospital, kinds: list[Kind]) -> Message:
        self.messages += 1
        dialect = self.dialects[hospital.name]
        control = f"{hospital.facility[:8]}{self.seed % 100000:05d}{self.messages:04d}"
        _, priority, patient_class = self.random.choices(URGENCIES, [u[0] for u in URGENCIES])[0]
        if any(kind.vital for kind in kinds):
            priority, patient_class = "S", "E"
        lines = [self.msh(hospital, dialect, control), *self.patient(dialect, patient_class)]
        orders = []
        for kind in kinds:
            number = f"{self.random.randrange(10**8):08d}{len(orders)}"
            orders.append(number)
            lines += self.order(hospital, dialect, kind, priority, number)
        text = dialect.newline.join(lines) + dialect.newline
        payload = text.encode(CHARSETS[dialect.charset], "replace")
        what = " and ".join(kind.text for kind in kinds)
        return Message(at, hospital.name, hospital.door, control, tuple(orders), what,
                       any(k.vital for k in kinds), payload)

    def msh(self, hospital: Hospital, d: Dialect, control: str) -> str:
        when = "" if d.priority == "ORC" else self.clock()
        tail = f"|||||FRA|{d.charset}" if d.charset else ""
        return (f"MSH|^~\\&|RIS|{hospital.facility}|VIGIE|GARDE|{when}||{d.message}|{control}|P|"
                f"{d.version}{tail}")

    def clock(self) -> str:
        return f"202603{self.random.randrange(1, 29):02d}{self.random.randrange(18, 24)}" \
               f"{self.random.randrange(60):02d}00"

    def patient(self, d: Dialect, patient_class: str) -> list[str]:
        self.patients += 1
        ipp = f"{self.random.randrange(10**7):07d}"
        year = self.random.randrange(1930, 2006)
        name = f"{self.random.choice(FAMILIES)}^{self.random.choice(GIVEN)}"
        sex = self.random.choice("MF")
        authority = "" if d.version == "2.3.1" else "&1.2.250.1.999.1&ISO"
        pid = f"PID|||{ipp}^^^IPP{authority}^PI||{name}^^^^^D||{year}0{self.random.randrange(1, 10)}15|{sex}"
        pv1 = f"PV1||{patient_class}|URG||||99900001234^RÉMY^Claire^^^DR" + "|" * 12 + f"V{ipp}"
        return [pid, pv1]

    def order(self, hospital: Hospital, d: Dialect, kind: Kind, priority: str,
              number: str) -> list[str]:
        accession, study = "A" + number, f"1.2.250.1.999.{int(number)}.{self.patients}"
        place = f"{hospital.name}^^^^^FINESS&1.2.250.1.71.4.2.2&ISO^FINEG^^^{hospital.finess}"
        orc = [""] * 22
        orc[:3] = ["ORC", "NW", number + "^RIS"]
        orc[7] = f"1^^^^^{priority}" if d.priority == "ORC" else ""
        orc[12], orc[14] = "99900001234^RÉMY^Claire^^^DR", "0400000101"
        orc[21] = place if d.french else ""
        obr = [""] * 45
        obr[0], obr[2], obr[5] = "OBR", number + "^RIS", priority if d.priority == "OBR5" else ""
        coded = f"{kind.loinc}^{kind.text}^LN" if d.ids == "IPC" else f"{kind.ccam}^{kind.text}^CCAM"
        obr[4] = "TRANSMISSION_DEMANDE^Demande^TLR_OBR_PROCEDURE" if d.french else coded
        obr[44] = coded if d.french else ""
        obr[13] = kind.reason
        obr[18] = accession if d.ids != "IPC" else ""
        obr[24] = kind.modality if d.ids == "ZDS" else ""
        obr[27] = f"1^^^^^{priority}" if d.priority == "OBR27" else ""
        tq1 = [f"TQ1|1|1|||||||{priority}"] if d.priority == "TQ1" else []
        lines = ["|".join(orc).rstrip("|"), *tq1, "|".join(obr).rstrip("|")]
        region = f"REGION_ANATOMIQUE^Région^TLR_OBSERVATION|1.1|{kind.region}^^SCT||||||O"
        if d.french:
            modality = f"MODALITE_IMAGERIE^Modalité^TLR_OBSERVATION||{kind.modality}^^DCM||||||O"
            lines += [f"OBX|1|CE|{modality}", f"OBX|2|CE|{region}",
                      f"OBX|3|HD|113014^DICOM Study^DCM||{study}||||||O"]
        elif d.ids == "IPC":
            lines += [f"IPC|{accession}|{accession}P|{study}|{accession}S|{kind.modality}",
                      f"OBX|1|CE|{region}"]
        else:
            lines += [f"OBX|1|CE|{region}", f"ZDS|{study}^RIS^Application^DICOM"]
        return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes an evening of framed HL7 v2 orders.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=60)
    options = parser.parse_args()
    evening = Evening(options.seed, DEMO_HOSPITALS)
    for message in evening.write(options.orders, 30, WARM_UP, STAR):
        sys.stdout.buffer.write(framed(message.payload))
    return 0


# The twelve hospitals of `vigie init`; two of them cannot be read in Bordeaux at first.
DEMO_HOSPITALS = [
    Hospital(name, name.replace("-", "").upper(), f"99000000{number}"[:9] if number < 10
             else f"9900000{number}", door)
    for number, (name, door) in enumerate((
        ("ch-gap", "marseille"), ("ch-avignon", "marseille"), ("hopital-marseille-nord", "marseille"),
        ("ch-orange", "marseille"), ("ch-vienne", "lyon"), ("ch-valence", "lyon"),
        ("ch-annonay", "lyon"), ("hopital-lyon-est", "lyon"), ("ch-pau", "bordeaux"),
        ("ch-dax", "bordeaux"), ("ch-agen", "bordeaux"), ("ch-libourne", "bordeaux")), start=1)]
WARM_UP = ["ch-avignon", "ch-orange", "hopital-marseille-nord", "ch-vienne", "ch-valence",
           "hopital-lyon-est"]
STAR = "ch-gap"

if __name__ == "__main__":
    sys.exit(main())
