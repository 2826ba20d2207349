#!/usr/bin/env python3
"""A coordinator whose disk fills up to the last byte in the middle of a job, and has room again: a small file system in
memory, real workers. Needs root.

Refuses new work, stays up, loses nothing, goes on by itself. Prints a line of JSON.
"""
import os, pathlib, subprocess, sys, tempfile, time, urllib.error, urllib.request

from farm_log import Log
from farm_processes import Farm, run, say

# The coordinator takes no new work below 256 MiB.
SIZE_MB = 400
LOOK = ["--frames", "1-40", "--width", "128", "--height", "128", "--samples", "16", "--tile-side", "32", "--no-quote"]


def status_of(url):
    try:
        return urllib.request.urlopen(url).status
    except urllib.error.HTTPError as error:
        return error.code


def fill(path, leave_bytes=0):
    """Writes zeros until so much is left; with nothing left until there is no byte."""
    with open(path, "ab", buffering=0) as file:
        while True:
            left = os.statvfs(path).f_bavail * os.statvfs(path).f_frsize - leave_bytes
            if leave_bytes and left <= 0:
                return
            try:
                file.write(bytes(max(1, min(1 << 20, left)) if leave_bytes else 1 << 12))
            except OSError:
                return


def accepted(farm):
    return sum(len(farm.said(name, "tile")) for name in ("anna", "ben"))


def measure(disk):
    with Farm(data=disk) as farm:
        farm.deposit()
        job = farm.submit("cornell", *LOOK)
        for name in ("anna", "ben"):
            farm.join(name)
        while accepted(farm) < 20:
            time.sleep(0.05)
        fill(disk / "filler")
        full_at = accepted(farm)
        # Results that are under way meet a disk without a byte.
        time.sleep(6)
        ready, alive = status_of(f"{farm.url}/readyz"), farm.coordinator.poll() is None
        while_full = accepted(farm) - full_at
        (disk / "filler").unlink()
        room = time.monotonic()
        before = accepted(farm)
        while accepted(farm) == before:
            if farm.coordinator.poll() is not None or time.monotonic() > room + 90:
                raise SystemExit(f"no tile since there is room: {(farm.folder / 'coordinator.log').read_text()[-2000:]}")
            time.sleep(0.05)
        again_s = time.monotonic() - room
        status = farm.wait(job, 180)
        log = Log(farm.data)
        lost = [line for name in ("anna", "ben") for line in farm.said(name, "tile")
                if log.tile(line["logIndex"]) != (line["job"], line["tile"])]
        twice = [tile for tile, count in log.payments().items() if count != 1]
        farm.audit()
        farm.stop()
        run("render", "ledger", "verify", farm.data / "log")
        told = [line for line in (farm.folder / "coordinator.log").read_text().splitlines() if "full" in line]
        say("full-disk", state=status["state"], stayed_up=alive, readyz_while_full=ready, tiles=status["tileCount"],
            accepted_while_full=while_full, first_tile_after_s=round(again_s, 1), accepted_tiles_lost=len(lost),
            tiles_paid_twice=len(twice), told=told[:1])
        if lost or twice or not alive or status["state"] != "completed":
            raise SystemExit(f"lost {lost}, twice {twice}")


def main():
    if os.geteuid() != 0:
        raise SystemExit("full-disk: needs root for a file system of its own")
    disk = pathlib.Path(tempfile.mkdtemp(prefix="disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(disk)], check=True)
    try:
        measure(disk)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
        disk.rmdir()


if __name__ == "__main__":
    main()
