#!/usr/bin/env python3
"""How soon a lost worker's tiles are another's: kill -9 of workers that hold leases, while one worker goes on.

    release.py [--losses 20] [--seed N]

waits_s     from the kill until its tiles wait again (aim: within 16 s)
taken_s     from the kill until another worker has all of them
Prints a line of JSON.
"""
import sqlite3, sys, time

from farm_processes import Farm, option, part, say, seeded

LOOK = ["--width", "512", "--height", "512", "--samples", "64", "--tile-side", "64", "--no-quote"]
AT_A_TIME = 5


class Leases:
    """Who holds what, read from the store beside the coordinator."""

    def __init__(self, data):
        self.store = sqlite3.connect(f"file:{data}/farm.sqlite?mode=ro", uri=True, timeout=20)

    def held(self, worker):
        return list(self.store.execute(
            "SELECT job, tile, tiles.fence FROM tiles JOIN leases USING (job, fence) WHERE worker = ? AND state = 1",
            [bytes.fromhex(worker)]))

    def fence(self, job, tile):
        """Under which lease the tile is now; 0 for none, and -1 when it was returned."""
        state, fence = self.store.execute("SELECT state, fence FROM tiles WHERE job = ? AND tile = ?", [job, tile]).fetchone()
        return {0: 0, 1: fence}.get(state, -1)


def lose(farm, names, rng):
    """Kills the workers, each at a random moment; for each that held tiles the two times."""
    leases, lost = Leases(farm.data), []
    for name in names:
        end = time.monotonic() + 60
        while not farm.said(name, "joined"):
            time.sleep(0.05)
        key = farm.worker_key(name)
        while not (held := leases.held(key)) and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(rng.uniform(0, 1))
        farm.kill_worker(name)
        if held := leases.held(key):
            lost.append({"at": time.monotonic(), "tiles": held, "waits": None, "taken": None})
    while any(worker["taken"] is None for worker in lost):
        for worker in lost:
            age = time.monotonic() - worker["at"]
            now = [leases.fence(job, tile) != fence for job, tile, fence in worker["tiles"]]
            taken = [leases.fence(job, tile) not in (0, fence) for job, tile, fence in worker["tiles"]]
            if worker["waits"] is None and all(now):
                worker["waits"] = age
            if worker["taken"] is None and all(taken):
                worker["taken"] = age
            if age > 120:
                raise SystemExit(f"tiles of a lost worker are nobody's after {age:.0f} s")
        time.sleep(0.02)
    return lost


def main():
    words = sys.argv[1:]
    rng, seed = seeded(words)
    losses = option(words, "--losses", 20)
    with Farm() as farm:
        farm.deposit()
        farm.submit("cornell", "--frames", "1-200", *LOOK)
        farm.join("steady")
        lost, number = [], 0
        while len(lost) < losses:
            names = [f"doomed-{number + i}" for i in range(AT_A_TIME)]
            number += AT_A_TIME
            for name in names:
                farm.join(name)
            lost += lose(farm, names, rng)
        waits, taken = [w["waits"] for w in lost], [w["taken"] for w in lost]
        say("release", seed=seed, losses=len(lost), tiles=sum(len(w["tiles"]) for w in lost),
            **{f"{name}_{share}": round(part(times, at), 1) for name, times in [("waits_s", waits), ("taken_s", taken)]
               for share, at in [("p50", 0.5), ("max", 1)]}, waits_s_min=round(min(waits), 1))


if __name__ == "__main__":
    main()
