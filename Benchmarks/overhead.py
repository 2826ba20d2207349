#!/usr/bin/env python3
"""What a farm costs beside `render sequence` for the same frames, and how well it keeps workers of different speeds busy.

    overhead.py [cost | mixed]

cost     64 frames on 4 workers of this machine: processor and wall time over that of the same frames alone, split into
         checking (the verifier's renderer), the coordinator, the workers themselves, and their renderers; the time from
         submit to the first verified tile, and from join to the first paid one
mixed    4 workers, one of them slowed down four times: the time that the same tiles would take if every worker were busy
         until the end, over the time they took
Prints lines of JSON.
"""
import os, signal, subprocess, sys, threading, time

from farm_processes import BIN, Farm, children, cpu_s, say, scene, tree_cpu_s

LOOK = ["--width", "480", "--height", "270", "--samples", "16"]
WORKERS = ["anna", "ben", "cleo", "dora"]


def alone(farm, frames):
    """Wall and processor seconds of `render sequence`."""
    began, before = time.monotonic(), os.times()
    subprocess.run([str(BIN / "render"), "sequence", scene("orrery"), "--frames", frames, "-o", str(farm.folder / "alone"),
                    *LOOK], check=True, capture_output=True)
    after = os.times()
    return time.monotonic() - began, after.children_user + after.children_system - before.children_user - before.children_system


def cost(frames="1-64"):
    with Farm() as farm:
        farm.deposit()
        for name in WORKERS:
            farm.join(name)
        joined = time.monotonic()
        while any(not farm.said(name, "joined") for name in WORKERS):
            time.sleep(0.05)
        coordinator, started = farm.coordinator.pid, {}
        verifiers = children(coordinator)
        for name, process in farm.workers.items():
            started[name] = (cpu_s(process.pid), sum(map(tree_cpu_s, children(process.pid))))
        before = (cpu_s(coordinator), sum(map(tree_cpu_s, verifiers)))
        submitted = time.monotonic()
        job = farm.submit("orrery", "--frames", frames, "--tile-side", "96", *LOOK)
        accepted = time.monotonic()
        quote_cpu_s = sum(map(tree_cpu_s, verifiers)) - before[1]
        first = None
        while (status := farm.status(job))["state"] == "running":
            if first is None and status["tilesVerified"]:
                first = time.monotonic()
            time.sleep(0.1)
        ended = time.monotonic()
        used = {"checking": sum(map(tree_cpu_s, verifiers)) - before[1] - quote_cpu_s,
                "coordinator": cpu_s(coordinator) - before[0],
                "workers": sum(cpu_s(p.pid) - started[n][0] for n, p in farm.workers.items()),
                "renderers": sum(sum(map(tree_cpu_s, children(p.pid))) - started[n][1] for n, p in farm.workers.items())}
        farm.stop()
        wall_s, cpu = alone(farm, frames)
        total = sum(used.values())
        say("overhead", what="cost", frames=status["terms"]["lastFrame"], tiles=status["tileCount"], workers=len(WORKERS),
            cores=os.cpu_count(), state=status["state"], farm_s=round(ended - accepted, 1), alone_s=round(wall_s, 1),
            wall_percent=round(((ended - accepted) / wall_s - 1) * 100, 1), farm_cpu_s=round(total, 1),
            alone_cpu_s=round(cpu, 1), cpu_percent=round((total / cpu - 1) * 100, 1),
            **{f"{name}_percent": round(spent / cpu * 100, 1) for name, spent in used.items()},
            probe_share=round(status["probeWork"] / status["work"], 4), quote_cpu_s=round(quote_cpu_s, 2),
            submit_to_first_tile_s=round((first or ended) - submitted, 2),
            join_to_first_paid_s=round((first or ended) - joined, 2))


class Slowed(threading.Thread):
    """Lets a worker's renderer run a quarter of the time."""

    def __init__(self, worker):
        super().__init__(daemon=True)
        self.worker, self.ends = worker, False

    def run(self):
        while not self.ends:
            for sent, seconds in [(signal.SIGSTOP, 0.09), (signal.SIGCONT, 0.03)]:
                for pid in children(self.worker.pid):
                    os.kill(pid, sent)
                time.sleep(seconds)


def mixed():
    with Farm() as farm:
        farm.deposit()
        for name in WORKERS:
            farm.join(name)
        while any(not farm.said(name, "joined") for name in WORKERS):
            time.sleep(0.05)
        slowed = Slowed(farm.workers["dora"])
        slowed.start()
        job = farm.submit("orrery", "--frames", "1-32", "--tile-side", "96", "--no-quote", *LOOK)
        began = time.monotonic()
        status = farm.wait(job, every=0.1)
        took = time.monotonic() - began
        slowed.ends = True
        tiles = {name: farm.said(name, "tile") for name in WORKERS}
        busy_s = {name: sum(tile["ms"] for tile in tiles[name]) / 1000 for name in WORKERS}
        rays_s = {name: sum(tile["rays"] for tile in tiles[name]) / busy_s[name] for name in WORKERS if busy_s[name]}
        ideal_s = sum(tile["rays"] for name in WORKERS for tile in tiles[name]) / sum(rays_s.values())
        fastest = max(rays_s.values())
        say("overhead", what="mixed", state=status["state"], tiles=status["tileCount"], seconds=round(took, 1),
            efficiency=round(ideal_s / took, 3),
            **{name: {"speed": round(rays_s[name] / fastest, 2), "busy": round(busy_s[name] / took, 3),
                      "tiles": len(tiles[name])} for name in rays_s},
            leases_lost=sum(len(farm.said(name, "lease_lost")) for name in WORKERS))


def main():
    for what in sys.argv[1:] or ["cost", "mixed"]:
        {"cost": cost, "mixed": mixed}[what]()


if __name__ == "__main__":
    main()
