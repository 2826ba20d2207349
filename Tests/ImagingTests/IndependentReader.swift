import Foundation

/// Readers that share no code with ours: Python's standard library, where there is a python3.
enum IndependentReader {
  static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Runs a script with the file's path as its argument; what it prints.
  static func run(_ script: String, on bytes: [UInt8]) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("imaging-\(UUID().uuidString)")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = python.map { URL(fileURLWithPath: $0) }
    process.arguments = ["-c", script, file.path]
    process.standardOutput = pipe
    try process.run()
    let output = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
    return output
  }

  /// Prints width, height, bits, colour type as 4 bytes each, then the unfiltered rows (PNG, section 9).
  static let png = """
    import sys, zlib, struct
    f = open(sys.argv[1], 'rb').read()
    assert f[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    at, data = 8, b''
    while at < len(f):
        n, = struct.unpack('>I', f[at:at+4]); t = f[at+4:at+8]; c = f[at+8:at+8+n]
        assert struct.unpack('>I', f[at+8+n:at+12+n])[0] == zlib.crc32(t + c)
        if t == b'IHDR': w, h, bits, ct = struct.unpack('>IIBB', c[:10])
        if t == b'IDAT': data += c
        if t == b'cICP': cicp = list(c)
        at += 12 + n
    assert at == len(f) and t == b'IEND' and cicp == [1, 13, 0, 1]
    raw = zlib.decompress(data); bpp = 4 * bits // 8; row = w * bpp; prior = bytearray(row); out = b''
    for y in range(h):
        k = raw[y*(row+1)]; r = bytearray(raw[y*(row+1)+1:(y+1)*(row+1)])
        for i in range(row):
            a = r[i-bpp] if i >= bpp else 0; b = prior[i]; c = prior[i-bpp] if i >= bpp else 0
            p = a + b - c; d = (abs(p-a), abs(p-b), abs(p-c))
            paeth = a if d[0] <= d[1] and d[0] <= d[2] else b if d[1] <= d[2] else c
            r[i] = (r[i] + [0, a, b, (a+b)//2, paeth][k]) & 255
        out += r; prior = r
    sys.stdout.buffer.write(struct.pack('>IIII', w, h, bits, ct) + out)
    """

  /// Prints the rows of a one-part scan line file with ZIP chunks: A, B, G, R, work, planar in each row
  /// (openexr.com, "OpenEXR File Layout").
  static let exr = """
    import sys, zlib, struct
    f = open(sys.argv[1], 'rb').read()
    assert f[:4] == bytes([0x76, 0x2f, 0x31, 0x01])
    at, attrs = 8, {}
    def text(at):
        end = f.index(0, at); return f[at:end].decode(), end + 1
    while f[at]:
        name, at = text(at); kind, at = text(at); n, = struct.unpack('<i', f[at:at+4])
        attrs[name] = f[at+4:at+4+n]; at += 4 + n
    at += 1
    x0, y0, x1, y1 = struct.unpack('<iiii', attrs['dataWindow']); w, h = x1 + 1, y1 + 1
    assert attrs['compression'] == bytes([3]) and attrs['farm.job'] == b'0123'
    for i in range((h + 15) // 16):
        offset, = struct.unpack('<Q', f[at+8*i:at+8*i+8])
        y, n = struct.unpack('<ii', f[offset:offset+8]); data = f[offset+8:offset+8+n]
        size = min(16, h - y) * w * 12
        if n < size:
            d = bytearray(zlib.decompress(data))
            for k in range(1, len(d)): d[k] = (d[k-1] + d[k] - 128) & 255
            half = (len(d) + 1) // 2; data = bytearray(len(d)); data[0::2] = d[:half]; data[1::2] = d[half:]
        assert len(data) == size
        sys.stdout.buffer.write(data)
    """
}
