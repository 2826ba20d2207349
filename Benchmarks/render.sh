#!/usr/bin/env bash
# Renders our own scenes here; one JSON line each, in the form of `render frame --json`, with the scene's name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for scene in cornell/cornell materials/materials orrery/orrery; do
  line=$(.build/release/render frame "Scenes/$scene.gltf" -o "$scratch/x.exr" --width 256 --height 256 --samples 64 \
    --json 2>/dev/null | tail -n 1)
  printf '{"benchmark":"render","scene":"%s",%s\n' "${scene%%/*}" "${line#\{}"
done
