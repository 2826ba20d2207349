"""Meshes: positions, normals (or none: flat), texture coordinates, triangles counter-clockwise from outside."""
import math
from dataclasses import dataclass, field


@dataclass
class Shape:
    positions: list = field(default_factory=list)
    normals: list = field(default_factory=list)
    uvs: list = field(default_factory=list)
    triangles: list = field(default_factory=list)


def quad(width, height, uv_scale=(1.0, 1.0)):
    """In the plane z = 0, facing +Z."""
    w, h, (u, v) = width / 2, height / 2, uv_scale
    return Shape(
        [(-w, -h, 0), (w, -h, 0), (w, h, 0), (-w, h, 0)], [(0, 0, 1)] * 4, [(0, v), (u, v), (u, 0), (0, 0)],
        [(0, 1, 2), (0, 2, 3)])


def sphere(columns, rows):
    """Radius 1; u runs east, v down from the north pole."""
    s = Shape()
    for r in range(rows + 1):
        polar = math.pi * r / rows
        for c in range(columns + 1):
            around = 2 * math.pi * c / columns
            n = (math.sin(polar) * math.cos(around), math.cos(polar), -math.sin(polar) * math.sin(around))
            s.positions.append(n)
            s.normals.append(n)
            s.uvs.append((c / columns, r / rows))
    step = columns + 1
    for r in range(rows):
        for c in range(columns):
            a = r * step + c
            if r > 0:
                s.triangles.append((a, a + step + 1, a + 1))
            if r < rows - 1:
                s.triangles.append((a, a + step, a + step + 1))
    return s


def lathe(profile, segments, smooth_deg=40.0, closed=False, uv_scale=(1.0, 1.0)):
    """Turns a profile of (radius, y) points about +Y. The profile runs so that the outside is on its right hand
    going up (downwards on an inner side). Corners sharper than smooth_deg stay sharp."""
    points = [profile[0]] + [b for a, b in zip(profile, profile[1:]) if math.dist(a, b) > 1e-9]
    points += [profile[0]] if closed else []
    edges = []
    for (r0, y0), (r1, y1) in zip(points, points[1:]):
        length = math.hypot(r1 - r0, y1 - y0)
        edges.append(((y1 - y0) / length, -(r1 - r0) / length, length))
    total = sum(e[2] for e in edges)
    rows = []  # (radius, y, normal r, normal y, v)
    along = 0.0
    for i, (nr, ny, length) in enumerate(edges):
        start = _blend(edges, i, i - 1, closed, smooth_deg)
        end = _blend(edges, i, i + 1, closed, smooth_deg)
        rows.append((*points[i], *start, along / total))
        along += length
        rows.append((*points[i + 1], *end, along / total))
    s = Shape()
    for r, y, nr, ny, v in rows:
        for c in range(segments + 1):
            a = 2 * math.pi * c / segments
            s.positions.append((r * math.cos(a), y, -r * math.sin(a)))
            s.normals.append((nr * math.cos(a), ny, -nr * math.sin(a)))
            s.uvs.append((uv_scale[0] * c / segments, uv_scale[1] * (1 - v)))
    step = segments + 1
    for row in range(0, len(rows), 2):
        for c in range(segments):
            a, b = row * step + c, (row + 1) * step + c
            if rows[row][0] > 0:
                s.triangles.append((a, a + 1, b + 1))
            if rows[row + 1][0] > 0:
                s.triangles.append((a, b + 1, b))
    return s


def _blend(edges, i, j, closed, smooth_deg):
    """Normal of edge i at its end towards edge j: the mean of both when the corner between is soft."""
    nr, ny, _ = edges[i]
    if not closed and not 0 <= j < len(edges):
        return nr, ny
    mr, my, _ = edges[j % len(edges)]
    if nr * mr + ny * my < math.cos(math.radians(smooth_deg)):
        return nr, ny
    length = math.hypot(nr + mr, ny + my)
    return (nr + mr) / length, (ny + my) / length


def arc(center, radius, start_deg, end_deg, steps):
    """Points of a profile on a circle, both ends included."""
    return [
        (center[0] + radius * math.cos(math.radians(a)), center[1] + radius * math.sin(math.radians(a)))
        for a in (start_deg + (end_deg - start_deg) * i / steps for i in range(steps + 1))
    ]


def band(radius, thickness, width, bevel, segments):
    """A ring about +Y with a rectangular section whose edges are rounded."""
    t, w, b = thickness / 2, width / 2, bevel
    profile = []
    for cr, cy, start in ((t - b, -w + b, -90), (t - b, w - b, 0), (-t + b, w - b, 90), (-t + b, -w + b, 180)):
        profile += arc((radius + cr, cy), b, start, start + 90, 3)
    return lathe(profile, segments, smooth_deg=50, closed=True)


def torus(radius, tube, segments, sides):
    """A ring of round section about +Y."""
    profile = arc((radius, 0), tube, -180, 180 - 360 / sides, sides - 1)
    return lathe(profile, segments, smooth_deg=90, closed=True)


def rod(radius, length, segments=20):
    """A cylinder with softened ends, centred, along +Y."""
    h, b = length / 2, min(radius * 0.3, length / 4)
    return lathe([(0, -h), (radius - b, -h), (radius, -h + b), (radius, h - b), (radius - b, h), (0, h)], segments)


def disc(radius, rings, segments, uv_scale):
    """Facing +Y at y = 0, with texture coordinates laid flat: uv_scale repeats a unit of length."""
    s = Shape([(0, 0, 0)], [(0, 1, 0)], [(0, 0)])
    for k in range(1, rings + 1):
        for c in range(segments):
            a = 2 * math.pi * c / segments
            x, z = radius * k / rings * math.cos(a), -radius * k / rings * math.sin(a)
            s.positions.append((x, 0, z))
            s.normals.append((0, 1, 0))
            s.uvs.append((x * uv_scale, z * uv_scale))
    for c in range(segments):
        d = (c + 1) % segments
        s.triangles.append((0, 1 + c, 1 + d))
        for k in range(1, rings):
            a, b = 1 + (k - 1) * segments, 1 + k * segments
            s.triangles += [(a + c, b + c, b + d), (a + c, b + d, a + d)]
    return s


def sweep(profile, width):
    """A profile of (z, y) points, smooth, drawn out along x; its front is on the right hand going along it
    seen from +X."""
    s = Shape()
    lengths = [math.dist(a, b) for a, b in zip(profile, profile[1:])]
    for i, (z, y) in enumerate(profile):
        (z0, y0), (z1, y1) = profile[max(i - 1, 0)], profile[min(i + 1, len(profile) - 1)]
        length = math.hypot(z1 - z0, y1 - y0)
        n = (0, -(z1 - z0) / length, (y1 - y0) / length)
        for x in (-width / 2, width / 2):
            s.positions.append((x, y, z))
            s.normals.append(n)
            s.uvs.append((0.0 if x < 0 else 1.0, 1 - sum(lengths[:i]) / sum(lengths)))
    for i in range(len(profile) - 1):
        a = 2 * i
        s.triangles += [(a, a + 1, a + 3), (a, a + 3, a + 2)]
    return s


def gear(teeth, root, tip, thickness):
    """A gear wheel about +Y; no normals, so that it is flat shaded."""
    outline = []
    for i in range(teeth):
        for share, radius in ((-0.30, root), (-0.16, tip), (0.16, tip), (0.30, root)):
            a = 2 * math.pi * (i + share) / teeth
            outline.append((radius * math.cos(a), -radius * math.sin(a)))
    h, n = thickness / 2, len(outline)
    s = Shape([(x, h, z) for x, z in outline] + [(x, -h, z) for x, z in outline] + [(0, h, 0), (0, -h, 0)])
    for i in range(n):
        j = (i + 1) % n
        s.triangles += [(2 * n, i, j), (2 * n + 1, n + j, n + i), (i, n + i, n + j), (i, n + j, j)]
    return s


def ticks(radius, y, count, long_every, long, short, width):
    """Flat marks on a face at height y about +Y, facing up."""
    s = Shape()
    for i in range(count):
        a = 2 * math.pi * i / count
        half = (long if i % long_every == 0 else short) / 2
        c, d = math.cos(a), math.sin(a)
        first = len(s.positions)
        for r, t in ((-half, -width), (half, -width), (half, width), (-half, width)):
            s.positions.append(((radius + r) * c + t * d, y, -((radius + r) * d - t * c)))
        s.triangles += [(first, first + 1, first + 2), (first, first + 2, first + 3)]
    return s


def box(w, h, d):
    """Centred; no normals, so that it is flat shaded."""
    x, y, z = w / 2, h / 2, d / 2
    p = [(i, j, k) for k in (-z, z) for j in (-y, y) for i in (-x, x)]
    faces = [(4, 5, 7, 6), (1, 0, 2, 3), (0, 4, 6, 2), (5, 1, 3, 7), (6, 7, 3, 2), (0, 1, 5, 4)]
    return Shape(p, [], [], [t for a, b, c, e in faces for t in ((a, b, c), (a, c, e))])
