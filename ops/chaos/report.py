"""The tables at the end of a run, for people and as JSON."""
import math

from faults import FAULTS


def quantile(values: list[float], q: float) -> float:
    """The smallest value that at least q of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)] if ordered else 0


def by_kind(events) -> dict[str, dict]:
    rows = {}
    for kind in FAULTS:
        mine = [event for event in events if event.kind == kind]
        if not mine:
            continue
        gaps = [event.gap for event in mine]
        rows[kind] = {"count": len(mine), "p50_ms": round(quantile(gaps, 0.5)),
                      "p99_ms": round(quantile(gaps, 0.99)), "max_ms": round(max(gaps)),
                      "worst_client_ms": round(max(event.worst_client for event in mine)),
                      "leader_changes_max": max(event.leader_changes for event in mine),
                      "terms_max": max(event.terms for event in mine)}
    return rows


def partitions(events) -> dict:
    """Leader changes for each cut: the floor of F11 is 2."""
    changes = [event.leader_changes for event in events if FAULTS[event.kind].partition]
    return {"count": len(changes), "max": max(changes, default=0),
            "above_two": sum(1 for n in changes if n > 2)}


def table(rows: dict[str, dict]) -> str:
    heads = ("fault", "count", "p50 ms", "p99 ms", "max ms", "one client max ms", "leader changes",
             "terms")
    lines = [heads, *((kind, *map(str, row.values())) for kind, row in rows.items())]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(line, widths))) for line in lines)


def text(result: dict) -> str:
    verdict = result["verify"]
    lines = [table(result["faults"]), "",
             "(gaps: no call of any client that reaches all centres completed; p50, p99 and max over "
             "the faults of a kind)"]
    lines += [f"left out: {kind}: {why}" for kind, why in result["left_out"].items()]
    lines += [f"below the floor: {kind} was not done once" for kind in result["below_floor"]]
    lines += [f"anomaly: {what}" for what in result["anomalies"]]
    lines += [f"verify: {v['kind']}: {v['what']}" for v in verdict.get("violations", [])[:20]]
    lines.append(f"partitions {result['partitions']['count']}, leader changes at most "
                 f"{result['partitions']['max']} in one")
    lines.append("calls completed " + str(result["completed"]) + ", " + ", ".join(
        f"{key} {verdict[key]}" for key in
        ("lost", "double_assignments", "digests_equal", "linearizable", "exams", "entries", "answers")
        if key in verdict))
    lines.append(f"{result['place']}, {result['daemons']} daemons, profile {result['profile']}, seed "
                 f"{result['seed']}: " + ("fine" if result["ok"] else "NOT FINE"))
    return "\n".join(lines)
