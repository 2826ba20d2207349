"""Writes glTF 2.0: one .gltf, one .bin, both the same bytes on every run."""
import json
import math
import struct


def look_rotation(eye, target, up=(0.0, 1.0, 0.0), toward=-1.0):
    """Quaternion x, y, z, w that points a node's -Z (toward=-1: cameras) or +Z (toward=1) from eye at target."""
    z = unit([toward * (t - e) for e, t in zip(eye, target)])
    x = unit(cross(up, z))
    y = cross(z, x)
    m = (x, y, z)
    w = math.sqrt(max(0.0, 1 + m[0][0] + m[1][1] + m[2][2])) / 2
    qx = math.copysign(math.sqrt(max(0.0, 1 + m[0][0] - m[1][1] - m[2][2])) / 2, m[1][2] - m[2][1])
    qy = math.copysign(math.sqrt(max(0.0, 1 - m[0][0] + m[1][1] - m[2][2])) / 2, m[2][0] - m[0][2])
    qz = math.copysign(math.sqrt(max(0.0, 1 - m[0][0] - m[1][1] + m[2][2])) / 2, m[0][1] - m[1][0])
    return [qx, qy, qz, w]


def turn(axis, degrees):
    """Quaternion of a turn about a unit axis."""
    half = math.radians(degrees) / 2
    return [a * math.sin(half) for a in axis] + [math.cos(half)]


def unit(v):
    length = math.sqrt(sum(c * c for c in v))
    return [c / length for c in v]


def cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def tidy(numbers):
    """Six decimals: what differs between two machines' sines is far below."""
    return [round(float(n), 6) + 0.0 for n in numbers]


class Document:
    """A scene being put together; names of textures and materials are unique."""

    def __init__(self, name, extras):
        self.name = name
        self.binary = bytearray()
        self.root = {
            "asset": {"version": "2.0", "generator": "Scenes/make_scenes.py"},
            "scene": 0,
            "scenes": [{"name": name, "nodes": [], "extras": extras}],
            "nodes": [], "meshes": [], "materials": [], "accessors": [], "bufferViews": [],
        }
        self.children = {}

    def _add(self, key, value):
        entries = self.root.setdefault(key, [])
        entries.append(value)
        return len(entries) - 1

    def accessor(self, rows, kind, component, bounds=False):
        """Rows of numbers as an accessor. component: "f" float, "H" uint16, "I" uint32."""
        while len(self.binary) % 4:
            self.binary.append(0)
        start = len(self.binary)
        flat = [n for row in rows for n in row]
        if component == "f":
            flat = tidy(flat)
        self.binary += struct.pack("<%d%s" % (len(flat), component), *flat)
        view = self._add("bufferViews", {"buffer": 0, "byteOffset": start, "byteLength": len(self.binary) - start})
        entry = {
            "bufferView": view, "componentType": {"f": 5126, "H": 5123, "I": 5125}[component], "count": len(rows),
            "type": kind,
        }
        if bounds:
            packed = [struct.unpack("<f", struct.pack("<f", n))[0] for n in flat]
            width = len(rows[0])
            entry["min"] = [min(packed[i::width]) for i in range(width)]
            entry["max"] = [max(packed[i::width]) for i in range(width)]
        return self._add("accessors", entry)

    def texture(self, file):
        image = self._add("images", {"uri": file})
        if "samplers" not in self.root:
            self._add("samplers", {"magFilter": 9729, "minFilter": 9729, "wrapS": 10497, "wrapT": 10497})
        return self._add("textures", {"source": image, "sampler": 0})

    def material(self, name, color, metallic=0.0, roughness=0.5, texture=None, emission=None, double_sided=False):
        """color and emission: linear Rec. 709; emission may exceed 1."""
        pbr = {"baseColorFactor": tidy(list(color) + [1.0]), "metallicFactor": metallic, "roughnessFactor": roughness}
        if texture is not None:
            pbr["baseColorTexture"] = {"index": texture}
        entry = {"name": name, "pbrMetallicRoughness": pbr}
        if emission:
            strength = max(emission)
            entry["emissiveFactor"] = tidy(c / strength for c in emission)
            entry["extensions"] = {"KHR_materials_emissive_strength": {"emissiveStrength": strength}}
            self.root["extensionsUsed"] = ["KHR_materials_emissive_strength"]
        if double_sided:
            entry["doubleSided"] = True
        return self._add("materials", entry)

    def shape(self, shape):
        """Accessors of a shape, to be used by any number of meshes."""
        wide = "I" if len(shape.positions) > 65535 else "H"
        attributes = {"POSITION": self.accessor(shape.positions, "VEC3", "f", bounds=True)}
        if shape.normals:
            attributes["NORMAL"] = self.accessor(shape.normals, "VEC3", "f")
        if shape.uvs:
            attributes["TEXCOORD_0"] = self.accessor(shape.uvs, "VEC2", "f")
        indices = self.accessor([[i] for t in shape.triangles for i in t], "SCALAR", wide)
        return attributes, indices

    def mesh(self, name, *parts):
        """A mesh of (accessors from `shape`, material) pairs."""
        primitives = [{"attributes": a, "indices": i, "material": m} for (a, i), m in parts]
        return self._add("meshes", {"name": name, "primitives": primitives})

    def node(self, name, parent=None, mesh=None, camera=None, translation=None, rotation=None, scale=None):
        entry = {"name": name}
        for key, value in (("mesh", mesh), ("camera", camera)):
            if value is not None:
                entry[key] = value
        for key, value in (("translation", translation), ("rotation", rotation), ("scale", scale)):
            if value is not None:
                entry[key] = tidy(value)
        index = self._add("nodes", entry)
        if parent is None:
            self.root["scenes"][0]["nodes"].append(index)
        else:
            self.root["nodes"][parent].setdefault("children", []).append(index)
        return index

    def camera(self, name, eye, target, yfov_deg, aspect):
        camera = self._add("cameras", {
            "type": "perspective",
            "perspective": {"yfov": round(math.radians(yfov_deg), 6), "aspectRatio": round(aspect, 6), "znear": 0.05},
        })
        return self.node(name, camera=camera, translation=eye, rotation=look_rotation(eye, target))

    def animate(self, node, path, times, values, interpolation="LINEAR"):
        """One channel of the one animation."""
        if "animations" not in self.root:
            self._add("animations", {"name": "loop", "samplers": [], "channels": []})
        animation = self.root["animations"][0]
        kind = "VEC4" if path == "rotation" else "VEC3"
        animation["samplers"].append({
            "input": self.accessor([[t] for t in times], "SCALAR", "f", bounds=True),
            "output": self.accessor(values, kind, "f"), "interpolation": interpolation,
        })
        target = {"node": node, "path": path}
        animation["channels"].append({"sampler": len(animation["samplers"]) - 1, "target": target})

    def spin(self, node, axis, turns, seconds, base=None):
        """Whole turns at even speed: keys a quarter turn apart, so that each is the short way round."""
        steps = 4 * abs(turns)
        keys = [seconds * i / steps for i in range(steps + 1)]
        angle = 90.0 if turns > 0 else -90.0
        self.animate(node, "rotation", keys, [product(base or [0, 0, 0, 1], turn(axis, angle * i)) for i in range(steps + 1)])

    def write(self, folder):
        self.root["buffers"] = [{"uri": self.name + ".bin", "byteLength": len(self.binary)}]
        (folder / (self.name + ".bin")).write_bytes(bytes(self.binary))
        text = json.dumps(self.root, indent=1, ensure_ascii=True)
        (folder / (self.name + ".gltf")).write_text(text + "\n", encoding="utf-8")


def product(a, b):
    """Quaternion of b followed by a."""
    (ax, ay, az, aw), (bx, by, bz, bw) = a, b
    return [
        aw * bx + ax * bw + ay * bz - az * by, aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw, aw * bw - ax * bx - ay * by - az * bz,
    ]
