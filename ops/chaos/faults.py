"""The faults, one function each: does it, holds it for a while, takes it back.

Each is given the Rig (rig.py) and returns whom it struck. Rig.heal() comes after each of them, and
sets right whatever one left behind.
"""
import os
import signal
import time

from shim import EIO, ENOSPC

FAULTS = {}


def fault(*needs: str, partition: bool = False):
    """Registers it. `needs`: cut, small_disk, levers; without them it is left out, and said so."""
    def register(function):
        function.needs, function.partition = needs, partition
        FAULTS[function.__name__] = function
        return function
    return register


# --- the network ----------------------------------------------------------------------------------


@fault("cut", partition=True)
def cut(rig):
    """Both ways: a minority with the leader in it, every other time; clients reach both sides."""
    sites = rig.shuffled()
    if rig.chance.random() < 0.5:
        sites.sort(key=lambda s: s != rig.leader())
    lonely = sites[:(len(sites) - 1) // 2]
    for one in lonely:
        for other in sites[len(lonely):]:
            rig.net.cut(one, other)
    rig.hold(5, 12)
    return "+".join(lonely)


@fault("cut", partition=True)
def isolate_leader(rig):
    """From all others and from the clients that reach all centres."""
    site = rig.leader_or_any()
    rig.net.isolate(site)
    rig.hold(5, 12)
    return site


@fault("cut", partition=True)
def isolate_follower(rig):
    site = rig.follower()
    rig.net.isolate(site)
    rig.hold(5, 12)
    return site


@fault("cut", partition=True)
def one_way(rig):
    """The leader is not heard, or does not hear, by one or all others."""
    site = rig.leader_or_any()
    others = [s for s in rig.shuffled() if s != site]
    deaf = rig.chance.random() < 0.5
    for other in others[:rig.chance.choice((1, len(others)))]:
        rig.net.cut_one_way(*((other, site) if deaf else (site, other)))
    rig.hold(5, 12)
    return site + (" deaf" if deaf else " mute")


@fault("cut", partition=True)
def partial(rig):
    """Leader and one follower do not see each other; all others see both."""
    site, other = rig.leader_or_any(), rig.follower()
    rig.net.cut(site, other)
    rig.hold(6, 12)
    return f"{site}-{other}"


@fault("cut", partition=True)
def flapping(rig):
    """A link that goes up and down, faster than anybody settles."""
    site = rig.leader_or_any() if rig.chance.random() < 0.5 else rig.follower()
    for _ in range(4):
        for other in rig.net.sites:
            if other != site:
                rig.net.cut(site, other)
        rig.hold(0.5, 2)
        rig.net.heal()
        rig.hold(0.5, 2)
    return site


@fault("cut")
def loss(rig):
    """2 to 20 % of all packets."""
    per_mille = rig.chance.choice((20, 50, 100, 200))
    rig.net.lose(per_mille)
    rig.hold(6, 12)
    return f"{per_mille / 10:.0f} %"


# --- processes ------------------------------------------------------------------------------------


def kill(rig, site):
    rig.kill(site)
    rig.hold(1, 6)
    rig.nodes[site].start()
    return site


@fault()
def kill_leader(rig):
    return kill(rig, rig.leader_or_any())


@fault()
def kill_follower(rig):
    return kill(rig, rig.follower())


@fault()
def kill_all(rig):
    """Power is lost everywhere."""
    for site in rig.nodes:
        rig.kill(site)
    rig.hold(0, 2)
    for site in rig.nodes:
        rig.nodes[site].start()
    return "all"


@fault()
def stop_leader(rig):
    """It stands still, and wakes with renewals and commands queued; meanwhile another leads."""
    site = rig.leader_or_any()
    rig.nodes[site].signal(signal.SIGSTOP)
    rig.hold(*rig.chance.choice(((1, 3), (4, 10), (10, 30))))
    rig.nodes[site].signal(signal.SIGCONT)
    rig.hold(1, 2)
    return site


@fault()
def stop_client(rig):
    """Readers stand still with an exam in hand, past their leases, and wake to sign it."""
    client = rig.chance.choice(rig.federation.loads(everywhere=False))
    client.signal(signal.SIGSTOP)
    rig.hold(4, 20)
    client.signal(signal.SIGCONT)
    return client.name


# --- disk and clock -------------------------------------------------------------------------------


@fault("levers")
def slow_disk(rig):
    """The leader's syncs take 0.1 to 2 seconds."""
    site = rig.leader_or_any()
    levers = rig.nodes[site].levers
    before = levers.get("delayed")
    levers.set("sync_delay_ms", rig.chance.choice((100, 500, 2000)))
    rig.hold(6, 12)
    levers.heal()
    return site if levers.get("delayed") > before else ""


def fail_disk(rig, lever, number):
    site = rig.chance.choice(rig.net.sites)
    levers = rig.nodes[site].levers
    before = levers.get("failed")
    rig.may_end(site)
    levers.set(lever, number)
    for _ in range(100):
        if not rig.nodes[site].is_up():
            break
        time.sleep(0.1)
    else:
        rig.anomaly(f"{lever}: {site} runs on, 10 s after its disk began to refuse")
    levers.heal()
    rig.hold(0.5, 3)
    return site if levers.get("failed") > before else ""


@fault("levers")
def sync_error(rig):
    """EIO from the next sync on: the process must end, and whoever waited is never told `ok`."""
    return fail_disk(rig, "sync_errno", EIO)


@fault("levers")
def write_error(rig):
    """The same with ENOSPC from the next write on, though there seems to be space."""
    return fail_disk(rig, "write_errno", ENOSPC)


@fault("small_disk")
def full_disk(rig):
    """Nothing is left, or less than the reserve, until somebody makes room."""
    site = rig.federation.small_disk
    data = rig.federation.path(site, "data")
    filler = os.path.join(data, "filler")
    left = rig.chance.choice((0, 0, 2, 4)) << 20
    space = os.statvfs(data)
    size = space.f_bavail * space.f_frsize - left
    if size <= 0:
        return ""
    rig.may_end(site)
    with open(filler, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    end = time.monotonic() + rig.chance.uniform(6, 12)
    while time.monotonic() < end:
        if not rig.nodes[site].is_up():  # as a supervisor would
            time.sleep(1)
            rig.revive(site)
        rig.hold(0.2, 0.2)
    os.unlink(filler)
    return f"{site} {left >> 20} MiB left"


@fault("levers")
def clock_jump(rig):
    """A node's wall clock goes an hour off, on or back, then right again."""
    site = rig.leader_or_any() if rig.chance.random() < 0.5 else rig.follower()
    levers = rig.nodes[site].levers
    before = levers.get("moved")
    levers.set("wall_offset_ms", rig.chance.choice((-3600, 3600, -3, 3)) * 1000)
    rig.hold(4, 8)
    levers.heal()
    return site if levers.get("moved") > before else ""
