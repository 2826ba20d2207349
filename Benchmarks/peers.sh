#!/usr/bin/env bash
# The peers (Mitsuba, Cycles, LuxCore) and ours on the four scenes of ../shared/peers, side by side, each against a
# reference of its own. Venvs in $PEER_VENVS (default .venv-peers). Takes the better part of an hour.
#
#     peers.sh [PEER ...]       default: mitsuba mitsuba-mj cycles luxcore-cpu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
peers=../shared/peers
[ -d "$peers" ] || { echo "no $peers: the peer benchmark is not part of this repository" >&2; exit 1; }
export PEER_VENVS=${PEER_VENVS:-$PWD/.venv-peers}
venv() {
  [ -x "$PEER_VENVS/$1/bin/python" ] && return
  python3 -m venv "$PEER_VENVS/$1"
  "$PEER_VENVS/$1/bin/pip" install -q "${@:2}" OpenEXR pillow
}
venv base numpy
venv mitsuba mitsuba==3.9.1
venv cycles bpy==5.0.1
venv luxcore pyluxcore==2.11.2
names=("$@")
[ $# -gt 0 ] || names=(mitsuba mitsuba-mj cycles luxcore-cpu)
work=out/bench
base=$PEER_VENVS/base/bin/python
ours="ours=$PWD/.build/release/render frame {scene} -o {out} --samples {spp} --seed {seed} --width {size} \
--height {size} --max-depth {depth} --json"
compare() { "$base" "$peers/compare.py" "$@" --work "$work"; }
[ -e "$work/scenes/interior.glb" ] || compare scenes
compare refs --ref-spp 512 --peers "${names[@]}"
# The harness makes references of renderers that it knows; ours is made here.
mkdir -p "$work/refs"
for scene in cornell spheres terrain interior; do
  reference=$work/refs/$scene-ours-256
  [ -e "$reference.npy" ] && continue
  .build/release/render frame "$work/scenes/$scene.glb" -o "$reference.exr" --samples 1024 --seed 1000 --width 256 \
    --height 256 --max-depth 8
  PYTHONPATH=$peers "$base" -c 'import sys, numpy, scene_io; numpy.save(sys.argv[1], scene_io.read_image(sys.argv[2]))' \
    "$reference.npy" "$reference.exr"
done
# Slow renderers get fewer samples, so that all take about as long: efficiency grows with the sample count. Ours goes
# scene by scene beside Mitsuba's multijitter, whose efficiency it is measured by.
for name in "${names[@]}"; do
  case $name in mitsuba-mj) continue ;; mitsuba*) spp=32 ;; *) spp=8 ;; esac
  compare run --spp "$spp" --repeats 3 --peers "$name"
done
compare run --spp 32 --repeats 3 --peers mitsuba-mj --command "$ours"
compare table
