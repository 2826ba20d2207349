#!/usr/bin/env python3
"""Times a farm of one coordinator and two workers on this machine. Prints one line of JSON.

submit_to_first_pixels_s   from the start of `render submit` to the first verified tile
join_to_first_verified_s   from the start of `render-worker join` to its first verified tile
farm_overhead              wall time of the job over that of `render sequence` for the same frames
probe_share                rays traced to check tiles over rays of verified tiles
bytes_per_tile             mean size of a fragment
"""
import os, time

from farm_processes import Farm, run, say, scene

LOOK = ["--width", "480", "--height", "270", "--samples", "32"]
FRAMES = "1-8"


def main():
    with Farm() as farm:
        farm.deposit()
        submitted = time.monotonic()
        job = farm.submit("orrery", "--frames", FRAMES, "--tile-side", "96", *LOOK)
        accepted = time.monotonic()
        for name in ["anna", "ben"]:
            farm.join(name)
        joined = time.monotonic()
        first = None
        while (status := farm.status(job))["state"] == "running" or first is None:
            if first is None and status["tilesVerified"] > 0:
                first = time.monotonic()
            time.sleep(0.05)
        ended = time.monotonic()
        sizes = fragment_sizes(farm.data)
        farm.stop()
        alone = time.monotonic()
        run("render", "sequence", scene("orrery"), "--frames", FRAMES, "-o", farm.folder / "alone", *LOOK)
        alone = time.monotonic() - alone
        say("farm", state=status["state"], tiles=status["tileCount"],
            submit_to_first_pixels_s=round(first - submitted - (joined - accepted), 2),
            join_to_first_verified_s=round(first - joined, 2),
            job_s=round(ended - joined, 2), alone_s=round(alone, 2),
            farm_overhead=round((ended - joined) / alone, 2),
            probe_share=round(status["probeWork"] / max(1, status["work"]), 4),
            bytes_per_tile=round(sum(sizes) / max(1, len(sizes))))


def fragment_sizes(data):
    """Sizes of the blobs that are fragments: zstd frames; scene files are not compressed so."""
    sizes = []
    for blob in (data / "blobs").rglob("*"):
        if blob.is_file():
            with open(blob, "rb") as file:
                if file.read(4) == b"\x28\xb5\x2f\xfd":
                    sizes.append(os.path.getsize(blob))
    return sizes


if __name__ == "__main__":
    main()
