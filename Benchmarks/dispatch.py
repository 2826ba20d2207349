#!/usr/bin/env python3
"""Leases and accepts a second through the real coordinator, every answer durable (SQLite, synchronous FULL). The renderer
is left out: tiles of 8 x 8 pixels, all alike.

    dispatch.py [--tiles 8000] [--workers 64]

floor    a flush of this disk, a signature made and verified, a file with its name flushed
single   in one process: a lease for each tile, no verification
runs     in one process: leases of many tiles, each verified (trivially), paid and put into its frame
http     over HTTP with signed requests, as `single`, clients beside the server; cpu_us_per_tile is the clients',
         server_cpu_us_per_tile the coordinator's
Prints a line of JSON for each.
"""
import json, subprocess, sys, tempfile, time

from farm_processes import BIN, cpu_s, option, say

PROGRAM = str(BIN / "DispatchBenchmark")


def measure(*words):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def over_http(tiles, workers):
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([PROGRAM, "serve", folder, str(tiles)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        try:
            url = server.stdout.readline().strip()
            before = cpu_s(server.pid)
            row = measure("ask", url, workers)
            row["server_cpu_us_per_tile"] = round((cpu_s(server.pid) - before) / max(1, row["tiles"]) * 1e6)
            return row
        finally:
            server.communicate("\n", timeout=60)


def main():
    words = sys.argv[1:]
    tiles, workers = option(words, "--tiles", 8000), option(words, "--workers", 64)
    for mode in ("floor", "single", "runs"):
        with tempfile.TemporaryDirectory() as folder:
            say(**measure(mode, folder, *([tiles, workers] if mode != "floor" else [])))
    say(**over_http(tiles, workers))


if __name__ == "__main__":
    main()
