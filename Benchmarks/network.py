#!/usr/bin/env python3
"""A farm whose coordinator and workers are two machines: network namespaces, TLS, and a bad link between them.

    network.py [calm | cut5 | cut30 | cut120 | lossy | slow | far] ... [--seed N]

calm       nothing is wrong
cutN       the link is cut for N seconds in the middle of the job
lossy      100 ms each way, 1 % of the packets lost
slow       1 Mbit/s
far        100 ms each way, and tiles that take milliseconds, as on a fast device
Each job must end with every tile paid once; prints a line of JSON for each: how long it took, how long after a cut the
first tile came, results and leases that were refused or lost. Needs root and /dev/net/tun.
"""
import os, sys, time

from farm_log import Log
from farm_processes import Farm, run, say, seeded
from network_link import Link

QUICK = ["--frames", "1-4", "--width", "512", "--height", "512", "--samples", "1", "--tile-side", "32"]
LOOK = ["--frames", "1-12", "--width", "256", "--height", "256", "--samples", "32", "--tile-side", "64"]


def measure(kind, seed):
    with Link("farm", seed) as link, Farm(listen="10.83.0.1:0", here=link.within(0), there=link.within(1)) as farm:
        farm.deposit()
        if kind == "far":
            link.delay_s = 0.1
        elif kind == "lossy":
            link.delay_s, link.loss = 0.1, 0.01
        elif kind == "slow":
            link.bytes_s = 1_000_000 / 8
        job = farm.submit("cornell", *(QUICK if kind == "far" else LOOK))
        began = time.monotonic()
        for name in ("anna", "ben"):
            farm.join(name)
        back_s = cut(link, farm, job, int(kind[3:])) if kind.startswith("cut") else None
        status = farm.wait(job, 300)
        took = time.monotonic() - began
        paid = Log(farm.data).payments()
        said = [line["event"] for name in ("anna", "ben") for line in farm.said(name)]
        farm.audit()
        if status["state"] != "completed" or any(count != 1 for count in paid.values()) or len(paid) != status["tileCount"]:
            raise SystemExit(f"{kind}: {status['state']}, {len(paid)} of {status['tileCount']} tiles paid, {paid}")
        farm.stop()
        run("render", "ledger", "verify", farm.data / "log")
        say("network", link=kind, seed=seed, state=status["state"], tiles=len(paid), job_s=round(took, 1),
            first_tile_after_cut_s=back_s, leases_lost=said.count("lease_lost"), results_refused=said.count("refused"),
            retries=said.count("retrying"), mbytes=round(link.bytes / 1e6, 1), packets_dropped=link.dropped)


def cut(link, farm, job, seconds):
    """Cuts the link once a fifth is done. Seconds from its return to the first accepted tile."""
    while (status := farm.status(job))["tilesVerified"] < status["tileCount"] // 5:
        time.sleep(0.1)
    link.is_up = False
    time.sleep(seconds)
    before = sum(len(farm.said(name, "tile")) for name in ("anna", "ben"))
    link.is_up = True
    back = time.monotonic()
    while sum(len(farm.said(name, "tile")) for name in ("anna", "ben")) == before:
        time.sleep(0.05)
    return round(time.monotonic() - back, 1)


def main():
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        raise SystemExit("network: needs root and /dev/net/tun")
    words = sys.argv[1:]
    _, seed = seeded(words)
    kinds = [word for word in words if not word.startswith("--") and not word.isdigit()]
    for kind in kinds or ["calm", "cut5", "cut30", "cut120", "lossy", "slow", "far"]:
        measure(kind, seed)


if __name__ == "__main__":
    main()
