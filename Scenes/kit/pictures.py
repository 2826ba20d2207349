"""Procedural pictures and their files: PNG (8-bit RGB), Radiance .hdr."""
import math
import struct
import zlib


def write_png(path, width, height, pixel):
    """pixel(x, y) -> (r, g, b), sRGB, 0 ... 255."""
    rows = bytearray()
    for y in range(height):
        rows.append(1)  # filter "sub"
        before = (0, 0, 0)
        for x in range(width):
            now = tuple(min(255, max(0, int(c + 0.5))) for c in pixel(x, y))
            rows += bytes((n - b) & 255 for n, b in zip(now, before))
            before = now

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b""))


def write_hdr(path, width, height, radiance):
    """radiance(x, y) -> (r, g, b), linear. Scanlines in the run-length form, without runs."""
    out = bytearray(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width))
    for y in range(height):
        pixels = [_rgbe(radiance(x, y)) for x in range(width)]
        out += bytes((2, 2, width >> 8, width & 255))
        for channel in range(4):
            plane = bytes(p[channel] for p in pixels)
            for start in range(0, width, 128):
                part = plane[start:start + 128]
                out += bytes((len(part),)) + part
    path.write_bytes(bytes(out))


def _rgbe(color):
    peak = max(color)
    if peak < 1e-32:
        return 0, 0, 0, 0
    mantissa, exponent = math.frexp(peak)
    scale = mantissa * 256 / peak
    return tuple(min(255, int(c * scale)) for c in color) + (exponent + 128,)


def noise_byte(*cell):
    """A hash of whole numbers, 0 ... 1: the same on every machine."""
    h = 2166136261
    for c in cell:
        h = ((h ^ (c & 0xFFFFFFFF)) * 16777619) & 0xFFFFFFFF
        h ^= h >> 13
        h = (h * 0x5BD1E995) & 0xFFFFFFFF
        h ^= h >> 15
    return h / 0xFFFFFFFF


def value_noise(x, y, period_x, period_y, seed):
    """Smooth noise, 0 ... 1, that repeats after whole periods."""
    ix, iy = math.floor(x), math.floor(y)
    fx, fy = x - ix, y - iy
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)

    def at(i, j):
        return noise_byte(i % period_x, j % period_y, seed)

    top = at(ix, iy) + (at(ix + 1, iy) - at(ix, iy)) * fx
    low = at(ix, iy + 1) + (at(ix + 1, iy + 1) - at(ix, iy + 1)) * fx
    return top + (low - top) * fy


def fractal(u, v, cells_x, cells_y, octaves, seed):
    """Octaves of noise over the unit square, 0 ... 1, seamless at its edges."""
    total, weight, share = 0.0, 0.0, 1.0
    for o in range(octaves):
        total += share * value_noise(u * cells_x, v * cells_y, cells_x, cells_y, seed + o)
        weight += share
        share /= 2
        cells_x, cells_y = cells_x * 2, cells_y * 2
    return total / weight


def mix(a, b, t):
    t = min(1.0, max(0.0, t))
    return tuple(x + (y - x) * t for x, y in zip(a, b))


def ramp(stops, t):
    """Colour at t of (position, colour) stops in order."""
    for (p0, c0), (p1, c1) in zip(stops, stops[1:]):
        if t <= p1:
            return mix(c0, c1, (t - p0) / (p1 - p0))
    return stops[-1][1]


def terrazzo(size, cells, seed):
    """Stone chips in dark cement, seamless."""
    chips = [(196, 190, 178), (164, 154, 138), (92, 100, 104), (142, 100, 78), (178, 150, 104), (118, 122, 122), (36, 40, 44)]
    cement = (58, 61, 64)

    def pixel(px, py):
        x, y = px / size * cells, py / size * cells
        ix, iy = int(x), int(y)
        near, second, best = 9.0, 9.0, (0, 0)
        for j in (-1, 0, 1):
            for i in (-1, 0, 1):
                cx, cy = (ix + i) % cells, (iy + j) % cells
                dx = ix + i + noise_byte(cx, cy, seed) - x
                dy = iy + j + noise_byte(cx, cy, seed + 1) - y
                d = math.sqrt(dx * dx + dy * dy)
                if d < near:
                    near, second, best = d, near, (cx, cy)
                elif d < second:
                    second = d
        grain = 10 * (noise_byte(px, py, seed + 2) - 0.5)
        size_here = noise_byte(*best, seed + 3)
        color = cement
        if size_here > 0.45:
            color = mix(cement, chips[int(noise_byte(*best, seed + 4) * 6.999)], min(0.8, (second - near - 0.12 - 0.25 * (1 - size_here)) * 16))
        return tuple(c + grain for c in color)

    return pixel


def wood(width, height, seed):
    """Walnut; the grain runs along u."""
    stops = [(0.0, (58, 33, 20)), (0.45, (101, 60, 34)), (0.75, (133, 84, 50)), (1.0, (152, 101, 63))]

    def pixel(px, py):
        u, v = px / width, py / height
        warp = fractal(u, v, 2, 4, 3, seed)
        rings = 0.5 + 0.5 * math.sin(2 * math.pi * (9 * v + 2.6 * warp))
        fiber = fractal(u, v, 6, 160, 2, seed + 10)
        return ramp(stops, 0.15 + 0.5 * rings * (0.6 + 0.4 * warp) + 0.35 * (fiber - 0.3))

    return pixel


def marble(width, height, seed):
    """White stone with grey and ochre veins."""

    def pixel(px, py):
        u, v = px / width, py / height
        a = fractal(u, v, 4, 3, 5, seed)
        b = fractal(u, v, 3, 2, 4, seed + 20)
        vein = 1 - min(1.0, abs(a - 0.5) * 14)
        fine = 1 - min(1.0, abs(b - 0.47) * 22)
        base = mix((236, 232, 224), (214, 210, 204), b)
        return mix(mix(base, (120, 116, 112), 0.75 * vein * vein), (176, 140, 92), 0.6 * fine * fine)

    return pixel


def giant(width, height, seed):
    """A banded planet."""
    stops = [
        (0.0, (120, 96, 84)), (0.16, (196, 158, 122)), (0.27, (232, 210, 176)), (0.36, (176, 112, 74)),
        (0.46, (240, 224, 196)), (0.56, (204, 150, 104)), (0.64, (150, 88, 62)), (0.75, (226, 196, 156)),
        (0.88, (168, 130, 104)), (1.0, (110, 92, 84)),
    ]

    def pixel(px, py):
        u, v = px / width, py / height
        swirl = fractal(u, v, 6, 10, 4, seed) - 0.5
        streak = fractal(u, v, 3, 48, 3, seed + 30) - 0.5
        return tuple(c * (1 + 0.25 * streak) for c in ramp(stops, min(1.0, max(0.0, v + 0.07 * swirl + 0.03 * streak))))

    return pixel


def terra(width, height, seed):
    """A planet with seas and clouds."""
    land = [(0.0, (86, 108, 58)), (0.4, (128, 124, 72)), (0.75, (150, 118, 80)), (1.0, (228, 222, 210))]

    def pixel(px, py):
        u, v = px / width, py / height
        h = fractal(u, v, 5, 4, 6, seed)
        pole = abs(v - 0.5) * 2
        color = mix((14, 42, 84), (28, 84, 122), (h - 0.3) * 5) if h < 0.52 else ramp(land, (h - 0.52) * 5)
        color = mix(color, (240, 244, 248), (pole - 0.82 + 0.3 * (h - 0.5)) * 14)
        cloud = fractal(u, v, 6, 8, 5, seed + 40)
        return mix(color, (246, 246, 246), (cloud - 0.56) * 5)

    return pixel
