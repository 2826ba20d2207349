import Cryptography

/// Nonces that were used, until their requests are too old to be let in anyway. Bounded.
struct NonceMemory: Sendable {
  /// What became of a nonce.
  enum Outcome: Hashable {
    case admitted, seen, full
  }

  /// Half of a SHA-256 over key, time and nonce: enough that nobody finds two alike.
  private struct Mark: Hashable {
    let high: UInt64
    let low: UInt64
  }

  private static let bucketMS: UInt64 = 10_000
  private let countMax: Int
  private let ageMSMax: UInt64
  /// By the time of signing, which a replay repeats.
  private var buckets: [UInt64: Set<Mark>] = [:]
  private var count = 0
  private var sweptMS: UInt64 = 0

  /// An empty memory.
  init(countMax: Int, ageMSMax: UInt64) {
    self.countMax = countMax
    self.ageMSMax = ageMSMax
  }

  /// Remembers a nonce, unless it is known or there is no room.
  mutating func admit(key: PublicKey, nonce: String, createdMS: UInt64, nowMS: UInt64) -> Outcome {
    if nowMS >= sweptMS + NonceMemory.bucketMS { sweep(nowMS: nowMS) }
    var writer = CanonicalWriter(type: "nonce")
    writer.write(key)
    writer.write(createdMS)
    writer.write(nonce)
    let digest = Digest(of: writer.bytes).bytes
    let mark = Mark(
      high: digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) },
      low: digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) })
    let bucket = createdMS / NonceMemory.bucketMS
    if buckets[bucket]?.contains(mark) == true { return .seen }
    guard count < countMax else { return .full }
    buckets[bucket, default: []].insert(mark)
    count += 1
    return .admitted
  }

  private mutating func sweep(nowMS: UInt64) {
    sweptMS = nowMS
    for (bucket, marks) in buckets where (bucket + 1) * NonceMemory.bucketMS + ageMSMax < nowMS {
      count -= marks.count
      buckets[bucket] = nil
    }
  }
}
