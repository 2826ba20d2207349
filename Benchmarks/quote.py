#!/usr/bin/env python3
"""Quotes against bills: three scenes on a farm of one worker on this machine. Prints a line of JSON for each.

error           bill over the quote's likely price, less one (aim: within 0.1)
bound           the quote's high price over its likely one, less one
reserved        reservation over bill
worst_case      what would be reserved without a quote, over bill
quote_s         time of `render quote`
"""
import json, pathlib, shutil, subprocess, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / ".build/release"
JOBS = [
    ("cornell", ["--width", "320", "--height", "320", "--samples", "32"]),
    ("materials", ["--width", "480", "--height", "270", "--samples", "16"]),
    ("orrery", ["--width", "240", "--height", "136", "--samples", "8", "--frames", "1-48", "--tile-side", "64"]),
]


def run(*words):
    done = subprocess.run([str(BIN / words[0]), *words[1:]], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{words}: {done.stderr}")
    return done.stdout


def measure(scene, look, access):
    path = str(ROOT / f"Scenes/{scene}/{scene}.gltf")
    start = time.monotonic()
    run("render", "quote", path, *look, *access)
    quote_s = time.monotonic() - start
    job = json.loads(run("render", "submit", path, "--json", *look, *access).splitlines()[-1])
    while (status := json.loads(run("render", "status", job["id"], "--json", *access)))["state"] == "running":
        time.sleep(0.2)
    quote, bill = status["quote"], status["spent"]
    terms = status["terms"]
    side = terms["tileSidePX"]
    bound = min(side, terms["widthPX"]) * min(side, terms["heightPX"]) * terms["samplesPerPixel"]
    worst = status["tileCount"] * bound * (2 * terms["maxDepth"] + 1) * terms["pricePerRay"] * 1.03
    print(json.dumps({
        "benchmark": "quote", "scene": scene, "state": status["state"],
        "error": round(bill / quote["price"]["likely"] - 1, 5),
        "bound": round(quote["price"]["high"] / quote["price"]["likely"] - 1, 4),
        "reserved": round(status["budget"] / bill, 2), "worst_case": round(worst / bill, 2),
        "quote_s": round(quote_s, 2)}), flush=True)


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
        join = [str(BIN / "render-worker"), "join", url, "--home", str(work / "anna"), "--name", "anna"]
        processes.append(subprocess.Popen(join, stdout=log, stderr=log))
        for scene, look in JOBS:
            measure(scene, look, access)
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
