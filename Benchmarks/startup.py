#!/usr/bin/env python3
"""How long a coordinator takes to start on a long log, made by real jobs through the real ledger.

    startup.py [--entries 1000000]

The farm is made once, in out/bench/startup-N, at the rate of `dispatch runs`: a million entries take some minutes.
known      with the farm's own checkpoint: signatures under it were verified before
unknown    without it: every signature is verified again, and the public log written anew
Prints a line of JSON for each.
"""
import pathlib, shutil, subprocess, sys, urllib.request

from farm_processes import BIN, ROOT, Farm, cpu_s, option, say
from idle_workers import memory_mb

# Commitment, hold, verdict, pay, two fees, release.
ENTRIES_PER_TILE = 7


def made(entries):
    folder = ROOT / f"out/bench/startup-{entries}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        tiles = entries // ENTRIES_PER_TILE + 1
        subprocess.run([str(BIN / "DispatchBenchmark"), "runs", str(folder), str(tiles), "64"], check=True,
                       stdout=sys.stderr)
        (folder / "made").touch()
    return folder


def measure(kind, folder, entries):
    farm = Farm(data=folder, arguments=["--verifier", "none"])
    try:
        start_s = farm.start()
        health = urllib.request.urlopen(f"{farm.url}/healthz").status
        metrics = urllib.request.urlopen(f"{farm.url}/metrics").read().decode()
        found = next(line.split()[1] for line in metrics.splitlines() if line.startswith("farm_log_entries_total "))
        say("startup", checkpoint=kind, entries=int(found), start_s=round(start_s, 1), health=health,
            cpu_s=round(cpu_s(farm.coordinator.pid), 1), rss_mb=memory_mb(farm.coordinator.pid),
            store_mb=round((folder / "farm.sqlite").stat().st_size / 1e6))
    finally:
        farm.stop()
        shutil.rmtree(farm.folder)


def main():
    entries = option(sys.argv[1:], "--entries", 1_000_000)
    folder = made(entries)
    measure("known", folder, entries)
    shutil.rmtree(pathlib.Path(folder, "log"))
    measure("unknown", folder, entries)


if __name__ == "__main__":
    main()
