"""The demo scene: a brass orrery in gimbal rings on a turned wooden base, photographed like a product."""
import math

from kit import gltf, pictures, shapes

SECONDS = 2.0  # the loop: 48 frames at 24 a second
CENTER = (0.0, 1.78, 0.0)


def make(folder):
    doc = gltf.Document("orrery", {
        "environment": "studio.hdr", "environmentStrength": 1.0, "width": 960, "height": 540, "samples": 64,
    })
    materials = _materials(doc)
    forms = _forms(doc)
    _stage(doc, materials, forms)
    _stand(doc, materials, forms)
    _rings(doc, materials, forms)
    _ornaments(doc, materials, forms)
    _lights(doc)
    doc.camera("camera", (1.00, 2.36, 5.25), (0.02, 1.42, 0.0), 35.0, 16 / 9)
    doc.camera("close", (1.05, 2.25, 2.75), (0.0, 1.72, 0.0), 35.0, 16 / 9)
    doc.write(folder)
    _pictures(folder)


def _pictures(folder):
    pictures.write_png(folder / "terrazzo.png", 512, 512, pictures.terrazzo(512, 36, 1))
    pictures.write_png(folder / "walnut.png", 512, 256, pictures.wood(512, 256, 2))
    pictures.write_png(folder / "marble.png", 512, 256, pictures.marble(512, 256, 3))
    pictures.write_png(folder / "giant.png", 512, 256, pictures.giant(512, 256, 4))
    pictures.write_png(folder / "terra.png", 256, 128, pictures.terra(256, 128, 5))
    pictures.write_png(folder / "backdrop.png", 256, 192, backdrop)
    pictures.write_hdr(folder / "studio.hdr", 256, 128, studio)


def backdrop(x, y):
    """Painted paper: a pale blue cloud behind the orrery, darker all round."""
    u, v = (x + 0.5) / 256 - 0.5, (y + 0.5) / 192 - 0.37
    glow = math.exp(-(u / 0.12) ** 2 - (v / 0.10) ** 2)
    grain = 1.5 * (pictures.noise_byte(x, y, 77) - 0.5)
    return tuple(c + grain for c in pictures.mix((22, 29, 37), (104, 127, 142), glow))


def studio(x, y):
    """A dark room: a dim ceiling, a cool wall left of the camera, a warm one right, three strips for metal to show."""
    azimuth = 360 * (x + 0.5) / 256 - 180  # 0 is -Z, 90 is +X
    height = 90 - 180 * (y + 0.5) / 128

    def glow(a, h, wide, high):
        da = (azimuth - a + 180) % 360 - 180
        return math.exp(-(da / wide) ** 4 - ((height - h) / high) ** 4)

    up = 0.5 + 0.5 * math.sin(math.radians(height))
    color = [0.03 + 0.09 * up, 0.035 + 0.10 * up, 0.045 + 0.13 * up]
    for a, h, wide, high, light in (
        (-120, 25, 38, 30, (0.45, 0.62, 0.9)), (125, 20, 40, 26, (1.0, 0.66, 0.38)),
        (-165, 12, 9, 40, (2.2, 2.2, 2.3)), (60, 30, 7, 30, (1.6, 1.9, 2.4)), (-55, 35, 7, 26, (2.4, 1.8, 1.2)),
    ):
        g = glow(a, h, wide, high)
        color = [c + g * l for c, l in zip(color, light)]
    return color


def _materials(doc):
    white = (1.0, 1.0, 1.0)
    return {
        "paper": doc.material("backdrop", white, roughness=0.9, texture=doc.texture("backdrop.png")),
        "terrazzo": doc.material("terrazzo", (0.72, 0.72, 0.72), roughness=0.2, texture=doc.texture("terrazzo.png")),
        "slate": doc.material("slate", (0.028, 0.030, 0.034), roughness=0.35),
        "walnut": doc.material("walnut", white, roughness=0.32, texture=doc.texture("walnut.png")),
        "gold": doc.material("gold", (1.0, 0.766, 0.336), metallic=1.0, roughness=0.14),
        "brass": doc.material("brass", (0.900, 0.705, 0.350), metallic=1.0, roughness=0.19),
        "copper": doc.material("copper", (0.955, 0.638, 0.538), metallic=1.0, roughness=0.18),
        "old copper": doc.material("old copper", (0.80, 0.46, 0.34), metallic=1.0, roughness=0.42),
        "steel": doc.material("brushed steel", (0.62, 0.61, 0.60), metallic=1.0, roughness=0.34),
        "chrome": doc.material("chrome", (0.70, 0.71, 0.72), metallic=1.0, roughness=0.06),
        "ink": doc.material("ink", (0.012, 0.012, 0.014), roughness=0.6),
        "marble": doc.material("marble", white, roughness=0.16, texture=doc.texture("marble.png")),
        "giant": doc.material("giant", white, roughness=0.55, texture=doc.texture("giant.png")),
        "terra": doc.material("terra", white, roughness=0.38, texture=doc.texture("terra.png")),
        "sun": doc.material("sun", (0.95, 0.45, 0.05), roughness=0.2, emission=(1.0, 0.36, 0.03)),
    }


def _forms(doc):
    """Shapes that several meshes share."""
    return {
        "ball": doc.shape(shapes.sphere(48, 24)),
        "bead": doc.shape(shapes.sphere(20, 10)),
        "rod": doc.shape(shapes.rod(1.0, 1.0)),
    }


def _rod(doc, name, parent, form, material, start, end, radius):
    """A rod between two points of its parent."""
    along = [e - s for s, e in zip(start, end)]
    length = math.sqrt(sum(c * c for c in along))
    y = [c / length for c in along]
    axis = [y[2], 0.0, -y[0]]  # (0, 1, 0) x y
    sine = math.hypot(axis[0], axis[2])
    degrees = math.degrees(math.atan2(sine, y[1]))
    rotation = gltf.turn([a / sine for a in axis], degrees) if sine > 1e-9 else None
    doc.node(
        name, parent, doc.mesh(name, (form, material)), translation=[(s + e) / 2 for s, e in zip(start, end)],
        rotation=rotation, scale=(radius, length, radius))


def _stage(doc, m, forms):
    wall = [(9.0, 0.0), (2.0, 0.0), (-2.6, 0.0)]
    wall += [(-2.6 - 3.4 * math.sin(math.radians(a)), 3.4 - 3.4 * math.cos(math.radians(a))) for a in range(6, 91, 6)]
    wall += [(-6.0, 9.0)]
    doc.node("backdrop", mesh=doc.mesh("backdrop", (doc.shape(shapes.sweep(wall, 30.0)), m["paper"])))
    top, radius = 0.14, 2.15
    doc.node("plinth", mesh=doc.mesh(
        "stage",
        (doc.shape(shapes.lathe([(radius + 0.02, 0.0), (radius + 0.02, top - 0.04)]
                                + shapes.arc((radius - 0.02, top - 0.04), 0.04, 0, 90, 4), 128)), m["slate"])))
    doc.node("terrazzo", mesh=doc.mesh("terrazzo", (doc.shape(shapes.disc(radius - 0.02, 6, 128, 0.55)), m["terrazzo"])),
             translation=(0, top, 0))
    inlay = doc.shape(shapes.band(radius - 0.12, 0.03, 0.02, 0.004, 128))
    doc.node("inlay", mesh=doc.mesh("inlay", (inlay, m["brass"])), translation=(0, top - 0.008, 0))


def _stand(doc, m, forms):
    """The wooden base, its wheels, and the column that carries the outer ring."""
    foot = doc.node("stand", translation=(0, 0.14, 0))
    base = [(0.66, 0.0), (0.66, 0.05)] + shapes.arc((0.64, 0.05), 0.02, 0, 90, 4)
    base += [(0.60, 0.072)] + [(0.60 - 0.09 * math.sin(t), 0.072 + 0.10 * (1 - math.cos(t))) for t in
                               (math.pi / 2 * i / 8 for i in range(1, 9))]
    base += [(0.51, 0.185)] + shapes.arc((0.50, 0.225), 0.04, -80, 80, 10) + [(0.475, 0.268), (0.46, 0.285)]
    base += [(0.46, 0.315), (0.50, 0.335), (0.52, 0.35), (0.52, 0.375)] + shapes.arc((0.50, 0.375), 0.02, 0, 90, 4)
    base += [(0.0, 0.395)]
    doc.node("base", foot, doc.mesh("base", (doc.shape(shapes.lathe(base, 96, 35, uv_scale=(4, 1))), m["walnut"])))
    for name, radius, height in (("foot ring", 0.655, 0.088), ("top ring", 0.478, 0.30)):
        form = doc.shape(shapes.torus(radius - 0.02, 0.014, 96, 10))
        doc.node(name, foot, doc.mesh(name, (form, m["brass"])), translation=(0, height, 0))
    big = doc.node("great wheel", foot, doc.mesh(
        "great wheel", (doc.shape(shapes.gear(48, 0.275, 0.305, 0.03)), m["brass"])), translation=(0, 0.435, 0))
    small = doc.node("pinion", foot, doc.mesh(
        "pinion", (doc.shape(shapes.gear(16, 0.083, 0.113, 0.034)), m["steel"])),
        translation=(0.392 * math.cos(0.6), 0.435, 0.392 * math.sin(0.6)))
    doc.spin(big, (0, 1, 0), 1, SECONDS)
    # Three turns for one; half a tooth off, so that teeth meet gaps.
    doc.spin(small, (0, 1, 0), -3, SECONDS, gltf.turn((0, 1, 0), 180 - math.degrees(0.6) * 4 + 11.25))
    _rod(doc, "pinion pin", foot, forms["rod"], m["chrome"], (0.392 * math.cos(0.6), 0.39, 0.392 * math.sin(0.6)),
         (0.392 * math.cos(0.6), 0.48, 0.392 * math.sin(0.6)), 0.018)
    column = [(0.12, 0.45)] + shapes.arc((0.12, 0.465), 0.015, -90, 90, 6) + [(0.085, 0.485), (0.06, 0.52)]
    column += [(0.05, 0.545)] + shapes.arc((0.05, 0.565), 0.02, -90, 90, 6) + [(0.045, 0.59), (0.07, 0.62), (0.0, 0.63)]
    doc.node("column", foot, doc.mesh("column", (doc.shape(shapes.lathe(column, 48, 35)), m["gold"])), translation=(0, -0.06, 0))


def _rings(doc, m, forms):
    """Three rings, each turning in the next, and the planets on the innermost one's axle."""
    flat = gltf.turn((1, 0, 0), 90)  # a ring about +Y becomes one about +Z
    outer = doc.node("outer", translation=CENTER, rotation=gltf.turn((0, 1, 0), -24))
    marks = doc.shape(shapes.ticks(1.14, 0.0605, 120, 10, 0.05, 0.025, 0.0022))
    doc.node("meridian", outer, doc.mesh(
        "meridian", (doc.shape(shapes.band(1.14, 0.075, 0.12, 0.010, 128)), m["brass"]), (marks, m["ink"])), rotation=flat)
    for side in (-1, 1):
        _rod(doc, "pivot", outer, forms["rod"], m["chrome"], (side * 0.98, 0, 0), (side * 1.20, 0, 0), 0.02)
        doc.node("knob", outer, doc.mesh("knob", (forms["bead"], m["gold"])), translation=(side * 1.215, 0, 0),
                 scale=(0.036,) * 3)
    middle = doc.node("middle", outer, rotation=gltf.turn((1, 0, 0), 52))
    steps = 8
    tilt = [(52 + 16 * math.sin(2 * math.pi * i / steps), 16 * 2 * math.pi / SECONDS * math.cos(2 * math.pi * i / steps))
            for i in range(steps + 1)]
    rows = []
    for degrees, slope in tilt:
        q = gltf.turn((1, 0, 0), degrees)
        half = math.radians(slope) / 2
        tangent = [math.cos(math.radians(degrees) / 2) * half, 0, 0, -math.sin(math.radians(degrees) / 2) * half]
        rows += [tangent, q, tangent]
    doc.animate(middle, "rotation", [SECONDS * i / steps for i in range(steps + 1)], rows, "CUBICSPLINE")
    doc.node("middle ring", middle, doc.mesh(
        "middle ring", (doc.shape(shapes.band(1.0, 0.055, 0.10, 0.009, 128)), m["steel"])), rotation=flat)
    for side in (-1, 1):
        _rod(doc, "pivot", middle, forms["rod"], m["chrome"], (0, side * 0.84, 0), (0, side * 1.05, 0), 0.017)
    inner = doc.node("inner", middle, rotation=gltf.turn((0, 1, 0), 62))
    doc.spin(inner, (0, 1, 0), 1, SECONDS, gltf.turn((0, 1, 0), 62))
    doc.node("inner ring", inner, doc.mesh(
        "inner ring", (doc.shape(shapes.band(0.875, 0.05, 0.09, 0.009, 128)), m["copper"])), rotation=flat)
    axle = doc.node("axle", inner, rotation=gltf.turn((0, 0, 1), -34))
    _rod(doc, "axle rod", axle, forms["rod"], m["chrome"], (0, -0.86, 0), (0, 0.86, 0), 0.011)
    doc.node("sun", axle, doc.mesh("sun", (forms["ball"], m["sun"])), scale=(0.158,) * 3)
    _planet(doc, m, forms, axle, ("terra", 0.270, 0.070, 0.27, 3, 120))
    _planet(doc, m, forms, axle, ("old copper", 0.385, 0.043, -0.27, -2, 215))
    giant = _planet(doc, m, forms, axle, ("giant", 0.62, 0.125, 0.37, 1, 300))
    halo = doc.shape(shapes.lathe([(0.15, -0.002), (0.19, -0.002), (0.19, 0.002), (0.15, 0.002)], 96, 40, closed=True))
    doc.node("halo", giant, doc.mesh("halo", (halo, m["gold"])), rotation=gltf.turn((0.8, 0, 0.6), 24))


def _planet(doc, m, forms, axle, planet):
    """A planet on an arm from the axle; the node that carries it."""
    name, orbit, radius, hub, turns, start = planet
    arm = doc.node(name + " arm", axle)
    doc.spin(arm, (0, 1, 0), turns, SECONDS, gltf.turn((0, 1, 0), start))
    collar = doc.shape(shapes.lathe([(0.012, -0.022), (0.03, -0.022), (0.03, 0.022), (0.012, 0.022)], 32))
    doc.node(name + " hub", arm, doc.mesh(name + " hub", (collar, m["gold"])), translation=(0, hub, 0))
    _rod(doc, name + " beam", arm, forms["rod"], m["brass"], (0.02, hub, 0), (orbit, hub, 0), 0.0085)
    doc.node(name + " elbow", arm, doc.mesh(name + " elbow", (forms["bead"], m["brass"])), translation=(orbit, hub, 0),
             scale=(0.015,) * 3)
    _rod(doc, name + " stem", arm, forms["rod"], m["brass"], (orbit, hub, 0), (orbit, 0, 0), 0.0085)
    body = doc.node(name + " body", arm, translation=(orbit, 0, 0))
    doc.node(name, body, doc.mesh(name, (forms["ball"], m[name])), scale=(radius,) * 3,
             rotation=gltf.turn((0.6, 0, 0.8), 18))
    return body


def _ornaments(doc, m, forms):
    """Three balls on the stage, for scale and for the lights to play on."""
    for name, x, z, radius in (("marble", -1.12, 0.55, 0.27), ("chrome", 1.06, 0.72, 0.17), ("copper", -0.60, 0.98, 0.115)):
        doc.node(name + " ball", mesh=doc.mesh(name + " ball", (forms["ball"], m[name])), scale=(radius,) * 3,
                 translation=(x, 0.14 + radius, z), rotation=gltf.turn((0.6, 0.0, 0.8), 70))


def _lights(doc):
    """Softboxes, dark behind."""
    for name, eye, target, size, radiance in (
        ("key softbox", (-3.4, 4.6, 3.9), (0, 1.4, 0), (2.6, 2.6), (34.0, 25.5, 16.5)),
        ("cool strip", (4.9, 2.9, -1.4), (0, 1.6, 0), (1.0, 4.0), (9.0, 14.0, 23.0)),
        ("overhead", (0.4, 5.8, -0.6), (0, 1.0, 0), (3.2, 1.6), (6.0, 6.2, 6.6)),
        ("backdrop glow", (-7.6, 1.8, -1.6), (0.6, 2.2, -6.2), (1.8, 2.4), (12.0, 20.0, 32.0)),
    ):
        material = doc.material(name, (0.0, 0.0, 0.0), roughness=1.0, emission=radiance)
        panel = doc.mesh(name, (doc.shape(shapes.quad(*size)), material))
        doc.node(name, mesh=panel, translation=eye, rotation=gltf.look_rotation(eye, target, toward=1.0))
