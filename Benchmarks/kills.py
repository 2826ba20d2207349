#!/usr/bin/env python3
"""kill -9 at random moments: of the coordinator, and of workers, with real processes and real jobs of tiny tiles.

    kills.py [--coordinator 1000] [--workers 100] [--seconds 240] [--seed N] [--state FILE]

Goes on where the last run ended, for so many seconds; the counts so far are in out/bench/kills.json, or the given file
(delete it to begin anew). After each start of the coordinator: `audit` balances; every checkpoint that was ever published is the root of the
log's first entries (computed here, from the store); every tile that a worker was told is accepted stands in the log where
it was told; no tile is paid twice. A killed worker's outbox is read, and each result in it must be in the log afterwards,
or its tile have come from another. Prints a JSON line.
"""
import json, pathlib, random, signal, sys, time

from farm_log import Log, checkpoint, commitment
from farm_processes import ROOT, Farm, option, part, run, say, seeded

LOOK = ["--width", "64", "--height", "64", "--samples", "8", "--tile-side", "32", "--no-quote"]
# Kills in one farm: the audit after each start takes as long as the log is.
FARM_KILLS = 40


class Witness:
    """What must stay true of one farm."""

    def __init__(self, farm, replay):
        self.farm, self.replay = farm, replay
        self.checkpoints = {}

    def note_checkpoint(self):
        published = checkpoint(self.farm.data)
        if published:
            self.checkpoints[published[0]] = published[1]

    def check(self):
        """Tiles accepted so far, all of them in the log, and the log."""
        self.farm.audit()
        accepted = [line for name in ("anna", "ben") for line in self.farm.said(name, "tile")]
        log = Log(self.farm.data)
        roots = log.roots(self.checkpoints)
        for size, root in self.checkpoints.items():
            self.expect(roots.get(size) == root, f"the log's first {size} entries are not those that were published")
        for line in accepted:
            self.expect(log.tile(line["logIndex"]) == (line["job"], line["tile"]), f"accepted and lost: {line}")
        for tile, count in log.payments().items():
            self.expect(count == 1, f"tile {tile} is paid {count} times")
        return len(accepted), log

    def expect(self, holds, what):
        if not holds:
            raise SystemExit(f"{what}; {self.replay}")


def submit(farm, frames):
    return farm.submit("cornell", "--frames", f"1-{frames}", *LOOK)


def finish(farm, witness, jobs, totals):
    """Everything is done, paid once, and stands the public check."""
    for job in jobs:
        done = farm.wait(job, 240)
        witness.expect(done["state"] == "completed" and done["tilesVerified"] == done["tileCount"], f"job ended: {done}")
        totals["tiles"] += done["tileCount"]
    accepted, log = witness.check()
    totals["accepted"] += accepted
    totals["entries"] += len(log.entries)
    paid = log.payments()
    witness.expect(log.verified == set(paid), "tiles verified are not those that were paid")
    farm.stop()
    run("render", "ledger", "verify", farm.data / "log")


def kill_coordinators(number, seed, until, totals):
    rng = random.Random(f"coordinator {seed} {number}")
    with Farm() as farm:
        farm.deposit()
        witness = Witness(farm, f"repeat with --seed {seed}, farm {number}")
        jobs = [submit(farm, 150)]
        for name in ("anna", "ben"):
            farm.join(name)
        kills = 0
        while kills < min(FARM_KILLS, totals["coordinator_wanted"] - totals["coordinator_kills"]) and time.time() < until:
            time.sleep(rng.uniform(0.05, 0.9))
            farm.kill_coordinator()
            witness.note_checkpoint()
            time.sleep(rng.choice([0, rng.uniform(0, 0.4)]))
            totals["start_s"].append(round(farm.start(), 3))
            kills += 1
            witness.check()
            if farm.status(jobs[-1])["state"] != "running":
                jobs.append(submit(farm, 150))
        finish(farm, witness, jobs, totals)
        totals["coordinator_kills"] += kills


def outbox(farm, name):
    found = []
    for path in (farm.folder / name).glob("farms/*/outbox/*.result"):
        found.append(commitment(path.read_bytes()))
    return found


def kill_workers(number, seed, until, totals):
    rng = random.Random(f"worker {seed} {number}")
    with Farm() as farm:
        farm.deposit()
        witness = Witness(farm, f"repeat with --seed {seed}, farm {number}")
        jobs = [submit(farm, 400)]
        for name in ("anna", "ben"):
            farm.join(name)
        kills, owed = 0, []
        while kills < min(FARM_KILLS, totals["worker_wanted"] - totals["worker_kills"]) and time.time() < until:
            name = rng.choice(["anna", "ben"])
            time.sleep(rng.uniform(0.3, 2.5))
            # Half of the time the coordinator does not answer for a moment, so that results wait.
            is_deaf = rng.random() < 0.5
            if is_deaf:
                farm.coordinator.send_signal(signal.SIGSTOP)
                time.sleep(rng.uniform(0.1, 0.6))
            farm.kill_worker(name)
            owed += outbox(farm, name)
            if is_deaf:
                farm.coordinator.send_signal(signal.SIGCONT)
            time.sleep(rng.choice([0, rng.uniform(0, 1)]))
            farm.join(name)
            kills += 1
            if farm.status(jobs[-1])["state"] != "running":
                jobs.append(submit(farm, 400))
        for job in jobs:
            farm.wait(job, 240)
        log = Log(farm.data)
        for digest, job, tile in owed:
            totals["outbox_results"] += 1
            totals["outbox_accepted"] += digest in log.results
            witness.expect(digest in log.results or (job, tile) in log.verified, f"tile {tile} of {job} is lost")
        finish(farm, witness, jobs, totals)
        totals["worker_kills"] += kills


def main():
    words = sys.argv[1:]
    state = pathlib.Path(option(words, "--state", str(ROOT / "out/bench/kills.json")))
    state.parent.mkdir(parents=True, exist_ok=True)
    if state.exists():
        totals = json.loads(state.read_text())
    else:
        totals = {"seed": seeded(words)[1], "farms": 0, "coordinator_kills": 0, "worker_kills": 0, "tiles": 0,
                  "accepted": 0, "entries": 0, "outbox_results": 0, "outbox_accepted": 0, "start_s": [], "seconds": 0}
    totals["coordinator_wanted"] = option(words, "--coordinator", 1000)
    totals["worker_wanted"] = option(words, "--workers", 100)
    until = time.time() + option(words, "--seconds", 240)
    while time.time() < until:
        began = time.time()
        if totals["worker_kills"] < totals["worker_wanted"]:
            kill_workers(totals["farms"], totals["seed"], until, totals)
        elif totals["coordinator_kills"] < totals["coordinator_wanted"]:
            kill_coordinators(totals["farms"], totals["seed"], until, totals)
        else:
            break
        totals["farms"] += 1
        totals["seconds"] += round(time.time() - began)
        state.write_text(json.dumps(totals))
    starts = totals["start_s"]
    say("kills", **{name: totals[name] for name in totals if name != "start_s" and not name.endswith("_wanted")},
        start_s_p50=part(starts, 0.5) if starts else None, start_s_p99=part(starts, 0.99) if starts else None,
        accepted_tiles_lost=0, tiles_paid_twice=0)


if __name__ == "__main__":
    main()
