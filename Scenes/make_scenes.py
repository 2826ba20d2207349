#!/usr/bin/env python3
"""Makes every scene of this folder: `python3 Scenes/make_scenes.py [FOLDER]`. Python 3 alone, no packages.

The output is committed; run this after changing it, and commit both."""
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kit import gltf, orrery, pictures, shapes  # noqa: E402


def cornell(folder):
    """A box with one open side, two blocks and a lamp; metres."""
    doc = gltf.Document("cornell", {"width": 512, "height": 512, "samples": 64})
    chalk = doc.material("chalk", (0.72, 0.71, 0.68), roughness=1.0)
    clay = doc.material("clay", (0.58, 0.075, 0.055), roughness=1.0)
    moss = doc.material("moss", (0.12, 0.42, 0.10), roughness=1.0)
    lamp = doc.material("lamp", (0.0, 0.0, 0.0), roughness=1.0, emission=(30.0, 24.5, 16.5))
    side = doc.shape(shapes.quad(2.0, 2.0))
    for name, material, translation, rotation in (
        ("floor", chalk, (0, 0, 0), gltf.turn((1, 0, 0), -90)), ("ceiling", chalk, (0, 2, 0), gltf.turn((1, 0, 0), 90)),
        ("back", chalk, (0, 1, -1), None), ("left", clay, (-1, 1, 0), gltf.turn((0, 1, 0), 90)),
        ("right", moss, (1, 1, 0), gltf.turn((0, 1, 0), -90)),
    ):
        doc.node(name, mesh=doc.mesh(name, (side, material)), translation=translation, rotation=rotation)
    for name, size, translation, degrees in (
        ("tall block", (0.56, 1.2, 0.56), (-0.36, 0.6, -0.32), 19), ("low block", (0.58, 0.58, 0.58), (0.38, 0.29, 0.3), -17),
    ):
        block = doc.mesh(name, (doc.shape(shapes.box(*size)), chalk))
        doc.node(name, mesh=block, translation=translation, rotation=gltf.turn((0, 1, 0), degrees))
    panel = doc.mesh("lamp", (doc.shape(shapes.quad(0.5, 0.4)), lamp))
    doc.node("lamp", mesh=panel, translation=(0, 1.995, 0), rotation=gltf.turn((1, 0, 0), 90))
    doc.camera("camera", (0, 1, 3.75), (0, 1, 0), 40.0, 1.0)
    doc.write(folder)


def furnace(folder):
    """Everything around has radiance 1: a mirror shows only what plaster, whose colour is 1, absorbs."""
    doc = gltf.Document("furnace", {"environment": "white.hdr", "width": 256, "height": 128, "samples": 64})
    pictures.write_hdr(folder / "white.hdr", 16, 8, lambda x, y: (1.0, 1.0, 1.0))
    ball = doc.shape(shapes.sphere(96, 48))
    for i, (name, metallic, roughness) in enumerate((("mirror", 1.0, 0.0), ("plaster", 0.0, 1.0))):
        material = doc.material(name, (1.0, 1.0, 1.0), metallic, roughness)
        doc.node(name, mesh=doc.mesh(name, (ball, material)), translation=(2.4 * (i - 0.5), 0, 0))
    doc.camera("camera", (0, 0, 12.0), (0, 0, 0), 14.0, 2.0)
    doc.write(folder)


def room(x, y):
    """A sky that is bright on one side, over a dim floor."""
    azimuth, height = math.radians(360 * (x + 0.5) / 128 - 180), math.radians(90 - 180 * (y + 0.5) / 64)
    key = math.exp(-8 * (1 - math.cos(height - 0.7) * math.cos(azimuth + 2.2)))
    up = 0.5 + 0.5 * math.sin(height)
    return [0.08 + 0.5 * up + 9 * key, 0.08 + 0.55 * up + 8.2 * key, 0.08 + 0.65 * up + 7 * key]


def materials(folder):
    """Metallic rises by rows, roughness by columns."""
    doc = gltf.Document("materials", {"environment": "room.hdr", "width": 768, "height": 512, "samples": 64})
    pictures.write_hdr(folder / "room.hdr", 128, 64, room)
    ball = doc.shape(shapes.sphere(48, 24))
    for row in range(4):
        for column in range(6):
            metallic, roughness = row / 3, column / 5
            name = "metallic %.2f roughness %.1f" % (metallic, roughness)
            material = doc.material(name, (0.93, 0.42, 0.18), round(metallic, 6), round(roughness, 6))
            place = (1.1 * (column - 2.5), 1.1 * (1.5 - row), 0)
            doc.node(name, mesh=doc.mesh(name, (ball, material)), translation=place, scale=(0.5, 0.5, 0.5))
    doc.camera("camera", (0, 0, 11.0), (0, 0, 0), 24.0, 1.5)
    doc.write(folder)


def main():
    top = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent
    for make in (cornell, furnace, materials, orrery.make):
        folder = top / make.__module__.rpartition(".")[2] if make is orrery.make else top / make.__name__
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)


main()
