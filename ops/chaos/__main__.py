"""ops/check chaos: real nodes, real faults, a checker. See ops/check.d/chaos --help."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import report  # noqa: E402
from faults import FAULTS  # noqa: E402
from federation import Federation, names_of  # noqa: E402
from network import Loopback, Namespaces, NotPermitted  # noqa: E402
from rig import Rig  # noqa: E402
from shim import compile_shim  # noqa: E402

FLOOR_MINUTES = 10  # from then on each kind must have been done


def parse(words: list[str]):
    parser = argparse.ArgumentParser(prog="ops/check chaos", add_help=False, allow_abbrev=False)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--daemons", type=int, choices=(3, 5), default=3)
    parser.add_argument("--profile", choices=("lan", "wan", "overseas"), default="lan")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--loopback", action="store_true")
    parser.add_argument("--bin", required=True)
    try:
        args = parser.parse_args(words)
    except SystemExit:
        sys.exit(64)
    unknown = [kind for kind in args.only.split(",") if kind and kind not in FAULTS]
    if unknown or args.minutes <= 0:
        print(f"chaos: no fault {', '.join(unknown)}; there are {', '.join(FAULTS)}"
              if unknown else "chaos: --minutes: more than 0", file=sys.stderr)
        sys.exit(64)
    args.seed = args.seed or random.SystemRandom().randrange(1, 1 << 31)
    return args


class Run:
    def __init__(self, args):
        self.args = args
        self.begun = time.monotonic()
        self.work = tempfile.mkdtemp(prefix="vigie-chaos.", dir=os.environ.get("VIGIE_TMP", "/var/tmp"))
        self.folder = os.path.join(self.work, "federation")
        os.mkdir(self.folder)
        self.net = self.federation = self.rig = None
        self.is_evidence = False  # all nodes are stopped, their files complete

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.begun:7.1f} s  {text}", file=sys.stderr, flush=True)

    def make(self) -> None:
        args = self.args
        sites = names_of(args.daemons, args.profile)
        try:
            if args.loopback:
                raise NotPermitted("--loopback")
            self.net = Namespaces(sites, args.profile)
        except NotPermitted as why:
            self.say(f"no network namespaces ({why}): on loopback, without cuts, loss and delays")
            self.net = Loopback(sites, random.randrange(12000, 30000, 500))
        library = compile_shim(self.work)
        self.federation = Federation(self.folder, args.bin, self.net, args.profile, library)
        self.federation.make()
        self.federation.mount_small_disk(64 + int(8 * max(0, args.minutes - 5)))
        self.rig = Rig(self.federation, args.seed, self.say)

    def load(self) -> None:
        for node in self.federation.nodes.values():
            node.start()
        self.rig.watch.start()
        if not self.rig.watch.wait_leader(60):
            raise RuntimeError("no leader within 60 s of the start")
        # They are told to stop; this only bounds a load that nobody ends.
        self.federation.start_clients(60 * self.args.minutes + 1800, self.args.rate)

    def calm(self) -> None:
        """The end of all faults: what is under way is finished, all nodes agree, all are stopped."""
        self.say("healed; what is under way is finished")
        self.rig.heal()
        loads = self.federation.loads(everywhere=True)
        for client in loads:
            client.signal(signal.SIGTERM)
        for client in loads:
            if client.finish(100) != 0:
                self.rig.anomaly(f"client {client.name} did not end well")
        for client in self.federation.clients:
            if client not in loads and client.finish(20) is None:
                self.rig.anomaly(f"client {client.name} did not end")
        self.rig.wait_same(60)
        self.rig.watch.end()
        self.rig.look_for_ends()
        for site, node in self.federation.nodes.items():
            if (code := node.terminate(30)) != 0:
                self.rig.anomaly(f"{site} was told to stop, and ended with {code}")
        self.federation.unmount(keep=True)
        self.is_evidence = True

    def verify(self) -> dict:
        environment = {**os.environ, "VIGIE_BIN": self.args.bin}
        verify = os.path.join(ROOT, "ops", "verify")
        subprocess.run([verify, "--seal", self.folder], env=environment, check=True)
        ran = subprocess.run([verify, "--json", self.folder], env=environment, capture_output=True,
                             text=True, check=False)
        try:
            verdict = json.loads(ran.stdout)
        except ValueError:
            verdict = {"ok": False, "violations": [{"kind": "verify", "what": ran.stderr.strip()}]}
        verdict["ok"] = verdict["ok"] and ran.returncode == 0 and verdict.get("linearizable") is not False
        return verdict

    def judge(self, kinds: list[str], left_out: dict[str, str]) -> dict:
        rig, args = self.rig, self.args
        rig.progress.read()
        verdict = self.verify()
        done = {event.kind for event in rig.events}
        below = [kind for kind in kinds if kind not in done] if args.minutes >= FLOOR_MINUTES else []
        completed = sum(len(times) for times in rig.progress.done.values())
        return {"ok": verdict["ok"] and not rig.anomalies and not below and completed > 0,
                "seed": args.seed, "minutes": args.minutes, "daemons": args.daemons,
                "profile": args.profile,
                "place": "namespaces" if self.net.can_cut else "loopback", "completed": completed,
                "faults": report.by_kind(rig.events), "partitions": report.partitions(rig.events),
                "not_struck": rig.not_struck, "left_out": left_out, "below_floor": below,
                "ends": rig.ends, "anomalies": rig.anomalies, "verify": verdict,
                "events": [vars(event) for event in rig.events]}

    def run(self) -> int:
        self.make()
        kinds, left_out = self.rig.possible()
        only = [kind for kind in self.args.only.split(",") if kind]
        kinds = [kind for kind in kinds if not only or kind in only]
        if not kinds:
            self.say("none of the faults asked for can be done here")
            return 70
        self.say(f"seed {self.args.seed}; {', '.join(kinds)}")
        self.load()
        self.rig.run(60 * self.args.minutes, kinds)
        self.calm()
        result = self.judge(kinds, left_out)
        print(json.dumps(result) if self.args.json else report.text(result), flush=True)
        return 0 if result["ok"] else 1

    def close(self, code: int) -> None:
        if self.rig:
            self.rig.watch.end()
        if self.federation:
            self.federation.end()
            self.federation.unmount(keep=code == 1 and not self.is_evidence)
        if self.net:
            self.net.close()
        kept = self.args.keep or (self.work + ".kept" if code == 1 else "")
        if kept and code in (0, 1):
            shutil.move(self.folder, kept)
            print(f"chaos: evidence kept in {kept}", file=sys.stderr)
        shutil.rmtree(self.work, ignore_errors=True)


def main() -> int:
    args = parse(sys.argv[1:])
    if args.keep and os.path.exists(args.keep):
        print(f"chaos: {args.keep} is there already", file=sys.stderr)
        return 73

    def leave(number, _frame):
        sys.exit(128 + number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    run, code = Run(args), 70
    try:
        code = run.run()
    except SystemExit as end:
        code = end.code
    except (OSError, RuntimeError, subprocess.SubprocessError, NotPermitted) as why:
        print(f"chaos: {why}", file=sys.stderr)
        code = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the clearing up is not to be cut short
        run.close(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
