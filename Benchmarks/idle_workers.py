#!/usr/bin/env python3
"""Thousands of workers at one coordinator, each with a connection of its own that it keeps, as real ones do.

    idle_workers.py [--workers 10000] [--seconds 20]

join       each joins once, a thousand a second
idle       each asks for work when it was told to; there is none
busy       each sends a heartbeat every 4 s, as one that holds a lease does
For each: requests a second, latency, and the coordinator's share of a core; its memory. Prints lines of JSON.
"""
import hashlib, json, pathlib, random, resource, sys, time, urllib.request

from farm_clients import Client, Crowd
from farm_processes import Farm, cpu_s, option, part, say

HEARTBEAT_S = 3.8


def memory_mb(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024)


def measure(farm, crowd, phase, seconds, first, request, answer):
    """Runs a phase; `answer(client, status, message)` says when to send again."""
    times, wrong = [], []

    def take(client, status, message, took):
        times.append(took)
        if status != 200:
            wrong.append(f"{status} {message}")
        return answer(client, status, message)

    pid = farm.coordinator.pid
    began, cpu = time.monotonic(), cpu_s(pid)
    crowd.run(began + seconds, first, request, take)
    took = time.monotonic() - began
    say("idle-workers", phase=phase, workers=len(crowd.clients), requests_s=round(len(times) / took),
        ms_p50=round(part(times, 0.5) * 1e3, 2), ms_p99=round(part(times, 0.99) * 1e3, 2),
        cpu_percent=round((cpu_s(pid) - cpu) / took * 100), rss_mb=memory_mb(pid), seconds=round(took, 1),
        not_ok=len(wrong), first_not_ok=wrong[:1])


def main():
    words = sys.argv[1:]
    count, seconds = option(words, "--workers", 10_000), option(words, "--seconds", 20)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < count + 100:
        raise SystemExit(f"idle-workers: {count} connections need as many open files, the limit is {most}: ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with Farm(arguments=["--verifier", "none"]) as farm:
        host, port = farm.listen.split(":")
        kernels = json.load(urllib.request.urlopen(f"{farm.url}/v1/farm"))["kernelSet"]
        empty_mb = memory_mb(farm.coordinator.pid)
        crowd = Crowd([Client(host, int(port), hashlib.sha256(b"worker %d" % number).digest()) for number in range(count)])
        say("idle-workers", phase="connected", workers=count, rss_mb=memory_mb(farm.coordinator.pid), rss_mb_before=empty_mb)
        device = {"id": "0.0", "name": "none", "platform": "none", "driver": "1", "computeUnits": 1}
        joining = {"protocolVersion": 1, "name": "idle", "device": device, "kernelSet": kernels}
        start = time.monotonic()
        # A thousand a second at most, so that the queue is the farm's and not the benchmark's.
        spread = {client: start + number / 1000 for number, client in enumerate(crowd.clients)}
        measure(farm, crowd, "join", 120, spread.get, lambda client: ("/v1/workers", joining), lambda *_: None)
        rng = random.Random(1)
        now = time.monotonic()
        measure(farm, crowd, "idle", seconds, lambda client: now + rng.uniform(0, 16),
                lambda client: ("/v1/leases", {}),
                lambda client, status, message: time.monotonic() + message["retryAfterMS"] / 1000)
        now = time.monotonic()
        measure(farm, crowd, "busy", seconds, lambda client: now + rng.uniform(0, HEARTBEAT_S),
                lambda client: ("/v1/heartbeats", {"fences": [], "released": []}),
                lambda client, status, message: client.sent_at + HEARTBEAT_S)


if __name__ == "__main__":
    main()
