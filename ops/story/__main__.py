"""ops/run's story: python3 ops/story --bin DIR [options]. See ops/run --help."""
import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from federation import MARKER, SITES, Federation, Trouble  # noqa: E402
from report import Teller  # noqa: E402

STATE = os.path.join(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"), "vigie",
                     "demo")


def host_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r}: HOST:PORT is wanted")
    return text


def parse(words: list[str]):
    parser = argparse.ArgumentParser(prog="ops/run", add_help=False, allow_abbrev=False)
    parser.add_argument("--orders", metavar="FILE", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--listener", type=host_port, default=None)
    parser.add_argument("--kill", choices=("reader", "leader", "origin"))
    parser.add_argument("--keep", metavar="DIR", default="")
    for flag in ("--json", "--once", "--stop", "--yes", "--check"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--bin", default="")
    try:
        options = parser.parse_args(words)
    except SystemExit as error:
        sys.exit(64 if error.code else 0)
    if options.orders and not os.path.isfile(options.orders):
        print(f"ops/run: --orders {options.orders}: no such file", file=sys.stderr)
        sys.exit(66)
    return options


def lock(folder: str):
    """One story a folder. The file is beside it, as the folder itself is replaced."""
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    file = open(folder.rstrip("/") + ".lock", "w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"ops/run: another ops/run is playing in {folder}; name another folder with --keep",
              file=sys.stderr)
        sys.exit(75)
    return file


def stop(folder: str) -> int:
    federation = Federation(folder, "")
    if not federation.load():
        print(f"Nothing runs in {folder}.", file=sys.stderr)
        return 0
    names = ", ".join(federation.pids)
    federation.stop()
    seal(folder)
    print(f"Stopped: {names}. Its data stay in {folder}.", file=sys.stderr)
    return 0


def seal(folder: str) -> None:
    """The nodes have written since the checker saw the folder: its sums are taken again."""
    if os.path.exists(os.path.join(folder, "evidence.sums")):
        verify = os.path.join(os.path.dirname(HERE), "verify")
        subprocess.run([verify, "--seal", folder], stdin=subprocess.DEVNULL, check=False)


def say_how(teller: Teller, federation: Federation) -> None:
    vigie = os.path.relpath(os.path.join(federation.bin, "vigie"))
    config = federation.path("client.toml")
    teller.act("The federation is up. Look at it")
    for words in ("status", "exams", "watch"):
        teller.raw(f"  {vigie} -C {config} {words}")
    for site in SITES:
        teller.raw(f"  curl http://{federation.settings[site]['http_listen']}/metrics   # {site}")
    keep = "" if federation.folder == STATE else f" --keep {federation.folder}"
    teller.raw(f"Stop it:\n  ops/run --stop{keep}")


def main() -> int:
    options = parse(sys.argv[1:])
    if options.check:
        return 0
    folder = os.path.abspath(options.keep or STATE)
    if options.stop:
        return stop(folder)
    held = lock(folder)
    teller = Teller(options.json)
    federation = Federation(folder, options.bin)
    if federation.load():
        teller.line("", f"stopping the federation of an earlier run in {folder}")
        federation.stop()
    from acts import Story  # python3-hl7 is needed from here on
    from clients import stop_all
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    story = Story(options, teller, federation)
    result, code = {"ok": False}, 1
    try:
        result = story.play()
        code = 0 if result["ok"] else 1
        if not options.once:
            for site in SITES:
                federation.start(site)
            federation.wait_ready(SITES)
            federation.wait_same()
    except Trouble as trouble:
        code = 1
        result = {**result, "ok": False, "error": str(trouble)}
        teller.line("TROUBLE", str(trouble))
        if trouble.log:
            teller.line("", f"read {trouble.log}")
    except KeyboardInterrupt:
        code = 130
        result = {**result, "ok": False, "error": "interrupted"}
        teller.line("", "interrupted: stopping everything")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(options, story, stop_all, code)
    if code == 0 and not options.once:
        say_how(teller, federation)
    teller.raw(f"\n{'The story went well.' if code == 0 else 'The story FAILED.'}"
               + ("" if code == 0 else f" Logs, histories, data: {folder}"))
    teller.result(result)
    held.close()
    return code


def end(options, story, stop_all, code: int) -> None:
    """Nothing of ours goes on but what is meant to."""
    federation = story.federation
    stop_all([*story.late.values(), *story.early.values(), *story.desks])
    if options.once or code != 0:
        federation.stop()
        if code == 0 and not options.keep and os.path.exists(federation.path(MARKER)):
            shutil.rmtree(federation.folder)


if __name__ == "__main__":
    sys.exit(main())
