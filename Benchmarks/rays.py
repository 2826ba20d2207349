#!/usr/bin/env python3
"""Rays a second: our traversal against Embree 3, on the same meshes and rays (files under out/bench/rays).

One line of JSON for each mesh and kind of ray. Rates are of processor time, times the cores: a busy machine disturbs
them less. Single rays stand beside rtcIntersect1 or rtcOccluded1, packets beside rtcIntersect16 or rtcOccluded16.
Without libembree-dev ours are printed alone.
"""
import json, pathlib, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "out/bench/rays"


def harness():
    """The compiled C program, or nothing where Embree's headers are not installed."""
    if not pathlib.Path("/usr/include/embree3/rtcore.h").exists() or not shutil.which("gcc"):
        print("Embree left out: apt-get install libembree-dev gcc", file=sys.stderr)
        return None
    program = WORK / "embree"
    subprocess.run(["gcc", "-O3", "-march=native", "-o", str(program), str(ROOT / "Benchmarks/embree.c"),
                    "-lembree3", "-lpthread"], check=True)
    return program


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    embree = harness()
    ours = subprocess.run([str(ROOT / ".build/release/RayBenchmark"), str(WORK)], check=True, capture_output=True,
                          text=True).stdout
    for line in ours.splitlines():
        row = json.loads(line)
        if embree:
            mesh, kind = row["mesh"], row["kind"]
            words = [str(embree), str(WORK / f"{mesh}.mesh"), str(WORK / f"{mesh}-{kind}.rays"),
                     "1" if kind == "shadow" else "0", "2"]
            row.update(json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout))
            row["single_ratio"] = round(row["single_mrays_s"] / row["embree1_mrays_s"], 2)
            row["packets_ratio"] = round(row["packets_mrays_s"] / row["embree16_mrays_s"], 2)
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
