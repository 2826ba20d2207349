import Cryptography

/// Finds out who sent a request. A pure state machine: its only state is the nonces of requests it let in
/// lately.
public struct RequestVerifier: Sendable {
  /// What every signature must cover; `@authority` may be covered as well, nothing else.
  public static let requiredComponents = ["@method", "@path", "@query", "content-digest"]

  private var nonces: NonceMemory
  private let ageMSMax: UInt64
  private let authorities: Set<String>

  /// - Parameter ageMSMax: how far `created` may be from the clock, either way.
  /// - Parameter noncesMax: how many nonces are remembered; further requests are refused as `busy`.
  /// - Parameter authorities: names (`HOST:PORT`, lower case) this server goes by. Unless empty, signatures
  ///   must cover `@authority` and it must be one of them: a request signed for another farm is worth nothing
  ///   here.
  public init(
    ageMSMax: UInt64 = Limits.requestAgeMSMax, noncesMax: Int = Limits.noncesMax,
    authorities: Set<String> = []
  ) {
    self.ageMSMax = ageMSMax
    self.authorities = authorities
    nonces = NonceMemory(countMax: noncesMax, ageMSMax: ageMSMax)
  }

  /// The key that signed this request, or why it is refused, in this order: `unauthorized` (no signature),
  /// `badRequest` (malformed), `wrongSignature` (body digest, coverage, signature), `requestTooOld`,
  /// `replayed`, `busy`. A refused request leaves no trace.
  ///
  /// - Parameters:
  ///   - path: as it travelled, not percent-decoded.
  ///   - query: as it travelled, without `?`.
  ///   - headers: names in lower case; fields that came twice joined with `", "`.
  ///   - bodyDigest: SHA-256 of the body that arrived.
  public mutating func verify(
    method: String, path: String, query: String = "", headers: [String: String], bodyDigest: Digest,
    nowMS: UInt64
  ) -> Result<PublicKey, Refusal> {
    do throws(Refusal) {
      let input = try RequestVerifier.input(headers)
      let signature = try RequestVerifier.signature(headers, label: input.label)
      let key = try RequestVerifier.key(input)
      try RequestVerifier.checkBody(headers, bodyDigest)
      try checkAuthority(input, headers)
      let values = try RequestVerifier.components(
        input, method: method, path: path, query: query, headers: headers)
      let base = SignatureInput.base(components: values, parameters: input.text)
      guard key.verifies(signature, of: base) else {
        throw .init(.wrongSignature, "the signature of \(method) \(path) is not key \(key.short)'s")
      }
      try admit(input, key, nowMS: nowMS)
      return .success(key)
    } catch {
      return .failure(error)
    }
  }

  private func checkAuthority(_ input: SignatureInput, _ headers: [String: String]) throws(Refusal) {
    if authorities.isEmpty { return }
    let host = headers["host", default: ""].lowercased()
    guard input.components.contains("@authority"), authorities.contains(host) else {
      throw .init(.wrongSignature, "the request is not signed for this farm, but for \"\(host)\"")
    }
  }

  private mutating func admit(_ input: SignatureInput, _ key: PublicKey, nowMS: UInt64) throws(Refusal) {
    guard let createdS = input.createdS, let nonce = input.nonce, (1...64).contains(nonce.utf8.count) else {
      throw .init(.badRequest, "signature-input needs \"created\" and a \"nonce\" of 1 to 64 characters")
    }
    let createdMS = createdS * 1000
    let distanceMS = createdMS > nowMS ? createdMS - nowMS : nowMS - createdMS
    guard distanceMS <= ageMSMax else {
      throw .init(
        .requestTooOld,
        "the request was signed \(distanceMS / 1000) s from now, at most \(ageMSMax / 1000) s are allowed",
        remedy: "set the clock of the machine that sent it")
    }
    if let expiresS = input.expiresS, expiresS * 1000 < nowMS {
      throw .init(.requestTooOld, "the request's signature expired \(nowMS / 1000 - expiresS) s ago")
    }
    switch nonces.admit(key: key, nonce: nonce, createdMS: createdMS, nowMS: nowMS) {
    case .admitted: return
    case .seen: throw .init(.replayed, "nonce \"\(nonce)\" of key \(key.short) was used before")
    case .full:
      throw .init(.busy, "too many requests in the last \(ageMSMax / 1000) s", remedy: "try again later")
    }
  }

  private static func input(_ headers: [String: String]) throws(Refusal) -> SignatureInput {
    guard let field = headers["signature-input"] else {
      throw .init(.unauthorized, "the request is not signed", remedy: "sign it as docs/PROTOCOL.md says")
    }
    return try SignatureInput(parsing: field)
  }

  private static func signature(_ headers: [String: String], label: String) throws(Refusal) -> Signature {
    guard let field = headers["signature"] else {
      throw .init(.unauthorized, "the request has signature-input but no signature")
    }
    var cursor = try FieldCursor(field, field: "signature")
    guard try cursor.key() == label else { throw cursor.wrong("label \"\(label)\" before it") }
    try cursor.expect("=")
    let bytes = try cursor.byteSequence(count: Signature.byteCount)
    try cursor.expectEnd()
    guard let signature = Signature(bytes: bytes) else { throw cursor.wrong("64 bytes") }
    return signature
  }

  private static func key(_ input: SignatureInput) throws(Refusal) -> PublicKey {
    guard let text = input.keyID, let key = PublicKey(hex: text), key.hex == text else {
      throw .init(.badRequest, "keyid must be the public key, 64 lower-case hex digits")
    }
    guard input.algorithm == nil || input.algorithm == "ed25519" else {
      throw .init(.badRequest, "alg is \"\(input.algorithm ?? "")\", only \"ed25519\" is known")
    }
    return key
  }

  private static func checkBody(_ headers: [String: String], _ bodyDigest: Digest) throws(Refusal) {
    guard let field = headers["content-digest"] else {
      throw .init(.badRequest, "header content-digest is missing")
    }
    let claimed = try ContentDigest.parse(field)
    guard claimed == bodyDigest else {
      throw .init(
        .wrongSignature, "content-digest says \(claimed.short), the body that arrived has \(bodyDigest.short)"
      )
    }
  }

  private static func components(
    _ input: SignatureInput, method: String, path: String, query: String, headers: [String: String]
  ) throws(Refusal) -> [(name: String, value: String)] {
    for name in requiredComponents where !input.components.contains(name) {
      throw .init(.wrongSignature, "the signature does not cover \"\(name)\"")
    }
    var values: [(name: String, value: String)] = []
    for name in input.components {
      switch name {
      case "@method": values.append((name, method))
      case "@path": values.append((name, path))
      case "@query": values.append((name, "?" + query))
      case "@authority": values.append((name, headers["host", default: ""].lowercased()))
      case "content-digest": values.append((name, headers[name, default: ""]))
      default: throw .init(.badRequest, "the signature covers \"\(name)\", which this server does not know")
      }
    }
    return values
  }
}
