import Cryptography

/// Which pixels of a committed tile are rendered again. Nobody can know before the tile is committed to: the
/// seed needs the commitment's digest and the epoch's secret. Everyone can know once the secret is revealed.
public enum Challenge {
  /// SHA-256 of `farm/challenge/v1\n`, the commitment's digest, the epoch's secret.
  public static func seed(commitment: Digest, secret: [UInt8]) -> Digest {
    precondition(secret.count == LogEntry.secretByteCount, "an epoch secret of \(secret.count) bytes")
    var writer = CanonicalWriter(type: "challenge")
    writer.write(commitment)
    for byte in secret { writer.write(byte) }
    return Digest(of: writer.bytes)
  }

  /// Probes drawn uniformly beside `workProbes` in proportion to work: a quarter, rounded up. A pixel without
  /// work earns nothing, yet its fake spoils the image.
  public static func uniformProbes(workProbes: Int) -> Int { (workProbes + 3) / 4 }

  /// Pixel indexes in the order drawn, with repetitions: `workProbes` in proportion to the committed work
  /// (monetary-unit sampling: the share of faked money is found whatever pixels it sits in), then a quarter
  /// as many uniform ones. All are uniform when no pixel has work.
  public static func probes(seed: Digest, work: [UInt32], workProbes: Int) -> [Int] {
    precondition(!work.isEmpty && workProbes >= 0, "\(workProbes) probes of \(work.count) pixels")
    var ends: [UInt64] = []
    ends.reserveCapacity(work.count)
    var total: UInt64 = 0
    for value in work {
      total += UInt64(value)
      ends.append(total)
    }
    var draws = Draws(seed: seed)
    var pixels: [Int] = []
    for _ in 0..<workProbes {
      pixels.append(
        total == 0 ? Int(draws.next(below: UInt64(work.count))) : place(draws.next(below: total), ends))
    }
    for _ in 0..<uniformProbes(workProbes: workProbes) {
      pixels.append(Int(draws.next(below: UInt64(work.count))))
    }
    return pixels
  }

  /// The same pixels once each, in the order of their first draw: what a verifier renders.
  public static func distinct(_ probes: [Int]) -> [Int] {
    var seen: Set<Int> = []
    return probes.filter { seen.insert($0).inserted }
  }

  /// `Verdict.observed`: SHA-256 over the distinct probes' records, as in a `PixelTree`'s leaves, in the
  /// order of first draw.
  public static func observed(_ records: [PixelRecord]) -> Digest {
    var bytes: [UInt8] = []
    for record in records {
      for half in record.rgbaHalfBits { withUnsafeBytes(of: half.bigEndian) { bytes.append(contentsOf: $0) } }
      for sum in record.sums { withUnsafeBytes(of: sum.bigEndian) { bytes.append(contentsOf: $0) } }
      for word in [record.work] + record.layers {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
      }
    }
    return Digest(of: bytes)
  }

  /// The first index whose end lies beyond `unit`.
  private static func place(_ unit: UInt64, _ ends: [UInt64]) -> Int {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > unit { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Numbers from a seed: the first 8 bytes of SHA-256(seed || j), big-endian, for j = 0, 1, ... as u32.
private struct Draws {
  let seed: Digest
  var j: UInt32 = 0

  init(seed: Digest) { self.seed = seed }

  /// Uniform in 0 ..< bound: what lies beyond the last whole multiple of the bound is drawn again.
  mutating func next(below bound: UInt64) -> UInt64 {
    let beyond = (UInt64.max % bound + 1) % bound
    while true {
      var writer = seed.bytes
      withUnsafeBytes(of: j.bigEndian) { writer.append(contentsOf: $0) }
      j += 1
      let value = Digest(of: writer).bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if value <= UInt64.max - beyond { return value % bound }
    }
  }
}
