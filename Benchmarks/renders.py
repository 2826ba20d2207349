#!/usr/bin/env python3
"""Times our renderer on our scenes and, where ../shared/peers is present, on the four scenes of the peer benchmark.

One line of JSON a scene:
msamples_s, msamples_core_s   million camera samples a second of render time; of processor time
efficiency                    1 / (relMSE * seconds), seconds = processor seconds / cores, against our own reference
efficiency_trimmed            the same without the worst 0.1 % of pixels, which single fireflies decide
prep_s, peak_rss_mb           scene read, hierarchy built and uploaded; memory of the whole process
first_pixel_cold_s, _warm_s   a whole `render frame` of 8 x 8 pixels with no program cached, and with one

    renders.py [SCENE ...]    default: all
"""
import json, os, pathlib, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RENDER = ROOT / ".build/release/render"
PEERS = ROOT.parent / "shared/peers"
WORK = ROOT / "out/bench"
OWN = {name: ROOT / f"Scenes/{name}/{name}.gltf" for name in ["cornell", "materials", "orrery"]}
THEIRS = ["cornell", "spheres", "terrain", "interior"]
SIZE, SPP, REFERENCE_SPP, SEEDS = 256, 32, 1024, (1, 2, 3)
CORES = len(os.sched_getaffinity(0))


def render(scene, out, spp, seed, size=SIZE, env=None):
    """(figures, wall seconds, peak MB) of one process."""
    words = [str(RENDER), "frame", str(scene), "-o", str(out), "--width", str(size), "--height", str(size),
             "--samples", str(spp), "--seed", str(seed), "--json"]
    start = time.monotonic()
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    text, notes = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{scene}: {notes}")
    return json.loads(text.strip().splitlines()[-1]), time.monotonic() - start, usage.ru_maxrss / 1024


def read_image(path):
    sys.path.insert(0, str(PEERS))
    import scene_io
    return scene_io.read_image(str(path))


def relmse(image, reference):
    """Plain, and without the worst 0.1 % of pixels: mean of (x - r)^2 / (r^2 + 0.01), as the peer benchmark has it."""
    sys.path.insert(0, str(PEERS))
    import compare
    return compare.relmse(image, reference)


def median(values):
    return sorted(values)[len(values) // 2]


def measure(name, scene, with_error):
    out = WORK / "images"
    out.mkdir(parents=True, exist_ok=True)
    runs = [render(scene, out / f"{name}-{seed}.exr", SPP, seed) for seed in SEEDS]
    samples = SIZE * SIZE * SPP
    row = {
        "benchmark": "render", "scene": name, "spp": SPP, "size": SIZE,
        "msamples_s": round(median([samples / r["render_s"] / 1e6 for r, _, _ in runs]), 3),
        "msamples_core_s": round(median([samples / r["render_cpu_s"] / 1e6 for r, _, _ in runs]), 3),
        "rays_per_sample": round(runs[0][0]["rays"] / samples, 2),
        "prep_s": round(median([r["prep_s"] for r, _, _ in runs]), 3),
        "process_s": round(median([wall for _, wall, _ in runs]), 2),
        "peak_rss_mb": round(max(rss for _, _, rss in runs)), "device": runs[0][0]["device"],
    }
    if with_error:
        reference = out / f"{name}-reference.exr"
        render(scene, reference, REFERENCE_SPP, 1000)
        truth = read_image(reference)
        errors = [relmse(read_image(out / f"{name}-{seed}.exr"), truth) for seed in SEEDS]
        seconds = median([r["render_cpu_s"] for r, _, _ in runs]) / CORES
        row["relmse"] = round(median([e[0] for e in errors]), 6)
        row["efficiency"] = round(1 / (row["relmse"] * seconds), 2)
        row["efficiency_trimmed"] = round(1 / (median([e[1] for e in errors]) * seconds), 2)
    print(json.dumps(row), flush=True)


def first_pixel():
    with tempfile.TemporaryDirectory() as cache:
        env = dict(os.environ, XDG_CACHE_HOME=cache, POCL_CACHE_DIR=cache + "/pocl")
        walls = [render(OWN["cornell"], cache + "/x.exr", 1, 1, 8, env)[1] for _ in range(4)]
    print(json.dumps({"benchmark": "first pixel", "first_pixel_cold_s": round(walls[0], 3),
                      "first_pixel_warm_s": round(median(walls[1:]), 3)}), flush=True)


def peer_scenes():
    """The peer benchmark's scene files, made when they are missing."""
    folder = WORK / "scenes"
    missing = [name for name in THEIRS if not (folder / f"{name}.glb").exists()]
    if missing:
        subprocess.run([sys.executable, str(PEERS / "compare.py"), "scenes", "--work", str(WORK), "--scenes", *missing],
                       check=True, stdout=sys.stderr)
    return {f"peers-{name}": folder / f"{name}.glb" for name in THEIRS}


def main():
    scenes, with_error = dict(OWN), False
    if PEERS.exists():
        try:
            import numpy, OpenEXR, PIL  # noqa: F401
            scenes.update(peer_scenes())
            with_error = True
        except ImportError as missing:
            print(f"peer scenes and efficiency left out: {missing}; ./farm bench makes a venv for it", file=sys.stderr)
    wanted = sys.argv[1:] or list(scenes)
    if not sys.argv[1:]:
        first_pixel()
    for name in wanted:
        if name not in scenes:
            raise SystemExit(f"no scene {name}; there are: {', '.join(scenes)}")
        measure(name, scenes[name], with_error)


if __name__ == "__main__":
    main()
