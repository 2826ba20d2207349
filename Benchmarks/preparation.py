#!/usr/bin/env python3
"""Times what comes before the first sample, on scenes that are large in one thing each; a line of JSON a scene:

textures      24 images of 2,048 x 2,048
environment   one of 8,192 x 4,096
grid          two million triangles
normal-map    the same with a normal map, whose tangents are made

prep_s, peak_rss_mb    scene prepared and uploaded; memory of the whole process. Medians of five starts after a first.
The files are made once, in out/bench/preparation, from fixed seeds.

    preparation.py [SCENE ...]    default: all
"""
import array, json, math, os, pathlib, random, struct, subprocess, sys, zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
RENDER = ROOT / ".build/release/render"
WORK = ROOT / "out/bench/preparation"
STARTS = 5


def write_png(path, side, seed):
    """Bands of colour with noise in their low bits."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    noise, low_bits = random.Random(seed), bytes(i & 7 for i in range(256))
    packer, packed = zlib.compressobj(1), []
    for y in range(side):
        band = bytes((8 * y // 64 * 8 + 40 * c) & 0xF8 for c in range(3)) * side
        row = int.from_bytes(band, "big") ^ int.from_bytes(noise.randbytes(3 * side).translate(low_bits), "big")
        packed.append(packer.compress(b"\0" + row.to_bytes(3 * side, "big")))
    packed.append(packer.flush())
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b""))


def write_sky(path, width, height):
    """Grey, with noise, and a sun of 8 x 8 texels."""
    noise, shades = random.Random(7), bytes(128 + i // 8 for i in range(256))
    with path.open("wb") as file:
        file.write(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width))
        for y in range(height):
            row = bytearray(4 * width)
            row[0::4] = row[1::4] = row[2::4] = noise.randbytes(width).translate(shades)
            row[3::4] = bytes([128]) * width
            if height // 5 <= y < height // 5 + 8:
                row[width + 3 : width + 35 : 4] = bytes([140]) * 8
            file.write(row)


def document(**parts):
    return {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": list(range(len(parts["nodes"])))}], **parts}


def camera(distance):
    return {"camera": 0, "translation": [0, 0, distance]}


CAMERAS = [{"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}]


def write_grid(folder, side, material, images=()):
    """A waving sheet of 2 side^2 triangles, as each of `material` (JSON objects) beside the last."""
    count = (side + 1) ** 2
    positions, normals, uvs = array.array("f"), array.array("f"), array.array("f")
    for j in range(side + 1):
        for i in range(side + 1):
            x, y = 2 * i / side - 1, 2 * j / side - 1
            positions.extend((x, y, 0.1 * math.sin(4 * x) * math.cos(3 * y)))
            dx, dy = 0.4 * math.cos(4 * x) * math.cos(3 * y), -0.3 * math.sin(4 * x) * math.sin(3 * y)
            length = math.sqrt(dx * dx + dy * dy + 1)
            normals.extend((-dx / length, -dy / length, 1 / length))
            uvs.extend((4 * i / side, 4 * j / side))
    indices = array.array("I")
    for j in range(side):
        for a in range(j * (side + 1), j * (side + 1) + side):
            b = a + side + 1
            indices.extend((a, a + 1, b + 1, a, b + 1, b))
    parts = [a.tobytes() for a in (positions, normals, uvs, indices)]
    (folder / "grid.bin").write_bytes(b"".join(parts))
    views = [{"buffer": 0, "byteOffset": sum(map(len, parts[:i])), "byteLength": len(p)} for i, p in enumerate(parts)]
    kinds = [(5126, count, "VEC3"), (5126, count, "VEC3"), (5126, count, "VEC2"), (5125, 6 * side * side, "SCALAR")]
    accessors = [{"bufferView": i, "componentType": c, "count": n, "type": t} for i, (c, n, t) in enumerate(kinds)]
    accessors[0].update(min=[-1, -1, -0.1], max=[1, 1, 0.1])
    attributes = {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2}
    meshes = [{"primitives": [{"attributes": attributes, "indices": 3, "material": i}]} for i in range(len(material))]
    columns = math.ceil(math.sqrt(len(material)))
    nodes = [{"mesh": i, "translation": [2 * (i % columns) - columns + 1, 2 * (i // columns) - columns + 1, 0]} for i in range(len(material))]
    scene = document(
        nodes=nodes + [camera(3.0 * columns)], cameras=CAMERAS, meshes=meshes, materials=material, accessors=accessors,
        bufferViews=views, buffers=[{"uri": "grid.bin", "byteLength": sum(map(len, parts))}])
    if images:
        scene.update(images=[{"uri": name} for name in images], textures=[{"source": i} for i in range(len(images))])
    (folder / "scene.gltf").write_text(json.dumps(scene))


def make_textures(folder):
    names = [f"{i}.png" for i in range(24)]
    for i, name in enumerate(names):
        write_png(folder / name, 2048, seed=i)
    write_grid(folder, 1, [{"pbrMetallicRoughness": {"baseColorTexture": {"index": i}}} for i in range(24)], names)


def make_environment(folder):
    write_sky(folder / "sky.hdr", 8192, 4096)
    write_grid(folder, 1, [{}])


def make_grid(folder):
    write_grid(folder, 1000, [{}])


def make_normal_map(folder):
    write_png(folder / "bumps.png", 2048, seed=99)
    write_grid(folder, 1000, [{"normalTexture": {"index": 0}}], ["bumps.png"])


SCENES = {"textures": make_textures, "environment": make_environment, "grid": make_grid, "normal-map": make_normal_map}


def start(folder):
    """(prep_s, peak MB) of one process."""
    words = [str(RENDER), "frame", str(folder / "scene.gltf"), "-o", str(folder / "image.exr"), "--width", "64", "--height", "64",
             "--samples", "1", "--json"]
    if (folder / "sky.hdr").exists():
        words += ["--environment", str(folder / "sky.hdr")]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    text, notes = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{folder.name}: {notes}")
    return json.loads(text.strip().splitlines()[-1])["prep_s"], usage.ru_maxrss / 1024


def measure(name):
    folder = WORK / name
    if not (folder / "made").exists():
        print(f"making {folder}", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        SCENES[name](folder)
        (folder / "made").touch()
    start(folder)  # compiles the kernels
    runs = sorted(start(folder) for _ in range(STARTS))
    peaks = sorted(peak for _, peak in runs)
    print(json.dumps({
        "benchmark": "preparation", "scene": name, "prep_s": round(runs[STARTS // 2][0], 3),
        "prep_s_least": round(runs[0][0], 3), "peak_rss_mb": round(peaks[STARTS // 2])}), flush=True)


if __name__ == "__main__":
    for name in sys.argv[1:] or SCENES:
        if name not in SCENES:
            raise SystemExit(f"preparation.py: no scene '{name}'; there are {', '.join(SCENES)}")
        measure(name)
