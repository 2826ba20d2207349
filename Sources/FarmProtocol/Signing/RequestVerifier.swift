import Cryptography

/// Refuses signed requests that came before. A pure state machine: its only state is the nonces of requests
/// it let in lately.
public struct ReplayGuard: Sendable {
  private var nonces: NonceMemory
  private let ageMSMax: UInt64

  /// Nothing came yet.
  /// - Parameter ageMSMax: the policy's.
  /// - Parameter noncesMax: how many nonces are remembered, over all keys: at least two for each key.
  /// - Parameter perKeyMax: how many of one key.
  /// - Parameter keysMax: of how many keys.
  public init(
    ageMSMax: UInt64 = Limits.requestAgeMSMax, noncesMax: Int = Limits.noncesMax,
    perKeyMax: Int = Limits.noncesPerKeyMax, keysMax: Int = Limits.nonceKeysMax
  ) {
    self.ageMSMax = ageMSMax
    nonces = NonceMemory(countMax: noncesMax, perKeyMax: perKeyMax, keysMax: keysMax, ageMSMax: ageMSMax)
  }

  /// Lets a request in once. Refuses `replayed`; `requestTooOld` for one so old that it may have come and be
  /// forgotten, which happens to a key with more than its share of requests; `busy` when too many keys came.
  public mutating func admit(_ signed: SignaturePolicy.Signed, nowMS: UInt64) throws(Refusal) {
    switch nonces.admit(key: signed.key, nonce: signed.nonce, createdMS: signed.createdMS, nowMS: nowMS) {
    case .admitted: return
    case .seen:
      throw .init(.replayed, "nonce \"\(signed.nonce)\" of key \(signed.key.short) was used before")
    case .forgotten:
      throw .init(
        .requestTooOld, "key \(signed.key.short) sent many requests since this one was signed",
        remedy: "sign it again")
    case .full:
      throw .init(
        .busy, "too many keys in the last \(ageMSMax / 1000) s", remedy: "try again in some minutes")
    }
  }
}

/// Both: finds out who sent a request, and lets it in once.
public struct RequestVerifier: Sendable {
  private let policy: SignaturePolicy
  private var replays: ReplayGuard

  /// A policy with a memory of the usual size.
  public init(_ policy: SignaturePolicy = .init()) {
    self.policy = policy
    replays = ReplayGuard(ageMSMax: policy.ageMSMax)
  }

  /// The key that signed this request, or why it is refused; see `SignaturePolicy.check` and
  /// `ReplayGuard.admit`. A refused request leaves no trace.
  public mutating func verify(
    method: String, path: String, query: String = "", headers: [String: String], bodyDigest: Digest,
    nowMS: UInt64
  ) -> Result<PublicKey, Refusal> {
    do throws(Refusal) {
      let signed = try policy.check(
        method: method, path: path, query: query, headers: headers, bodyDigest: bodyDigest, nowMS: nowMS)
      try replays.admit(signed, nowMS: nowMS)
      return .success(signed.key)
    } catch {
      return .failure(error)
    }
  }
}
