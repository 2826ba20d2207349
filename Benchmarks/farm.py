#!/usr/bin/env python3
"""Times a farm of one coordinator and two workers on this machine. Prints one line of JSON.

submit_to_first_pixels_s   from the start of `render submit` to the first verified tile
join_to_first_verified_s   from the start of `render-worker join` to its first verified tile
farm_overhead              wall time of the job over that of `render sequence` for the same frames
probe_share                rays traced to check tiles over rays of verified tiles
bytes_per_tile             mean size of a fragment
"""
import json, os, pathlib, shutil, subprocess, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / ".build/release"
SCENE = str(ROOT / "Scenes/orrery/orrery.gltf")
LOOK = ["--width", "480", "--height", "270", "--samples", "32"]
FRAMES = "1-8"


def run(*words):
    done = subprocess.run([str(BIN / words[0]), *words[1:]], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{words}: {done.stderr}")
    return done.stdout


def main():
    work = pathlib.Path(tempfile.mkdtemp())
    processes = []
    try:
        data = work / "coordinator"
        data.mkdir()
        log = open(work / "log", "w")
        serve = [str(BIN / "render-coordinator"), "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
        processes.append(subprocess.Popen(serve, stdout=log, stderr=log))
        while not (data / "address").exists() or not (data / "address").read_text():
            time.sleep(0.05)
        url = (data / "address").read_text().strip()
        access = ["--coordinator", url, "--key", str(work / "key")]
        account = json.loads(run("render", "account", "--json", *access))["key"]
        run("render-coordinator", "deposit", account, "100000", "--data", str(data))

        submitted = time.monotonic()
        job = json.loads(run("render", "submit", SCENE, "--frames", FRAMES, "--tile-side", "96", "--json", *LOOK, *access))
        accepted = time.monotonic()
        for name in ["anna", "ben"]:
            join = [str(BIN / "render-worker"), "join", url, "--home", str(work / name), "--name", name]
            processes.append(subprocess.Popen(join, stdout=log, stderr=log))
        joined = time.monotonic()
        first = None
        while True:
            status = json.loads(run("render", "status", job["id"], "--json", *access))
            if first is None and status["tilesVerified"] > 0:
                first = time.monotonic()
            if status["state"] != "running":
                break
            time.sleep(0.05)
        ended = time.monotonic()
        sizes = fragment_sizes(data)
        for process in reversed(processes):
            process.terminate()
            process.wait()
        alone = time.monotonic()
        run("render", "sequence", SCENE, "--frames", FRAMES, "-o", str(work / "alone"), *LOOK)
        alone = time.monotonic() - alone
        print(json.dumps({
            "benchmark": "farm", "state": status["state"], "tiles": status["tileCount"],
            "submit_to_first_pixels_s": round(first - submitted - (joined - accepted), 2),
            "join_to_first_verified_s": round(first - joined, 2),
            "job_s": round(ended - joined, 2), "alone_s": round(alone, 2),
            "farm_overhead": round((ended - joined) / alone, 2),
            "probe_share": round(status["probeWork"] / max(1, status["work"]), 4),
            "bytes_per_tile": round(sum(sizes) / max(1, len(sizes))),
        }))
    finally:
        for process in processes:
            process.kill()
        shutil.rmtree(work, ignore_errors=True)


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
