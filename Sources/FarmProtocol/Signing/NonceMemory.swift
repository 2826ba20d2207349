import Cryptography

/// Nonces that were used, until their requests are too old to be let in anyway. Bounded, and fair: a key that
/// has more than its share forgets the older half of its own nonces and refuses requests signed then or
/// before; other keys notice nothing.
struct NonceMemory: Sendable {
  /// What became of a nonce.
  enum Outcome: Hashable {
    case admitted
    case seen
    /// Signed at or before a time that is no longer remembered.
    case forgotten
    /// No room for another key.
    case full
  }

  /// Half of a SHA-256 over time and nonce: enough that nobody finds two alike.
  private struct Mark: Hashable {
    let high: UInt64
    let low: UInt64
  }

  /// What is remembered of one key.
  private struct Share {
    /// Nonces and when their requests were signed.
    var marks: [Mark: UInt64] = [:]
    /// Requests signed at this time or before are refused; 0 for none.
    var floorMS: UInt64 = 0
    /// The latest signing time.
    var newestMS: UInt64 = 0
    var sweptMS: UInt64 = 0
  }

  private static let sweepMS: UInt64 = 30_000
  private let countMax: Int
  private let perKeyMax: Int
  private let keysMax: Int
  private let ageMSMax: UInt64
  private var shares: [PublicKey: Share] = [:]
  private(set) var count = 0
  private var sweptMS: UInt64 = 0

  /// An empty memory.
  init(countMax: Int, perKeyMax: Int, keysMax: Int, ageMSMax: UInt64) {
    precondition(
      countMax >= 2 * keysMax && perKeyMax >= 2, "\(countMax) nonces are no two for \(keysMax) keys")
    self.countMax = countMax
    self.perKeyMax = perKeyMax
    self.keysMax = keysMax
    self.ageMSMax = ageMSMax
  }

  /// Remembers a nonce, unless it is known or cannot be told from a known one.
  mutating func admit(key: PublicKey, nonce: String, createdMS: UInt64, nowMS: UInt64) -> Outcome {
    if nowMS >= sweptMS + NonceMemory.sweepMS { forgetKeys(nowMS: nowMS) }
    guard var share = shares[key] ?? (shares.count < keysMax ? Share() : nil) else { return .full }
    let mark = NonceMemory.mark(nonce, createdMS)
    if share.marks[mark] != nil { return .seen }
    if createdMS <= share.floorMS { return .forgotten }
    // Taken out, so that the share is changed in place.
    shares[key] = nil
    defer { shares[key] = share }
    if nowMS >= share.sweptMS + NonceMemory.sweepMS { sweep(&share, nowMS: nowMS) }
    if share.marks.count >= perKeyMax { halve(&share) }
    if count >= countMax { makeRoom(beside: &share) }
    if createdMS <= share.floorMS { return .forgotten }
    share.marks[mark] = createdMS
    share.newestMS = max(share.newestMS, createdMS)
    count += 1
    return .admitted
  }

  private static func mark(_ nonce: String, _ createdMS: UInt64) -> Mark {
    var writer = CanonicalWriter(type: "nonce")
    writer.write(createdMS)
    writer.write(nonce)
    let digest = Digest(of: writer.bytes).bytes
    return Mark(
      high: digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) },
      low: digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Drops what is too old to be let in.
  private mutating func sweep(_ share: inout Share, nowMS: UInt64) {
    share.sweptMS = nowMS
    let before = share.marks.count
    share.marks = share.marks.filter { $0.value + ageMSMax >= nowMS }
    count -= before - share.marks.count
  }

  /// Drops the older half; requests signed in that time are refused from now on.
  private mutating func halve(_ share: inout Share) {
    let times = share.marks.values.sorted()
    guard !times.isEmpty else { return }
    share.floorMS = max(share.floorMS, times[times.count / 2])
    let before = share.marks.count
    share.marks = share.marks.filter { $0.value > share.floorMS }
    count -= before - share.marks.count
  }

  /// The key with most nonces gives way.
  private mutating func makeRoom(beside share: inout Share) {
    guard let (key, largest) = shares.max(by: { $0.value.marks.count < $1.value.marks.count }),
      largest.marks.count > share.marks.count
    else { return halve(&share) }
    var other = largest
    halve(&other)
    shares[key] = other
  }

  /// Drops keys whose last request is too old to be let in again.
  private mutating func forgetKeys(nowMS: UInt64) {
    sweptMS = nowMS
    for (key, share) in shares where max(share.newestMS, share.floorMS) + ageMSMax < nowMS {
      count -= share.marks.count
      shares[key] = nil
    }
  }
}
