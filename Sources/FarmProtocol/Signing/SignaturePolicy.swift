import Cryptography
import Settlement

/// What a signed request has to be like at this farm. Pure: it remembers nothing, so that signatures can be
/// checked side by side.
public struct SignaturePolicy: Sendable {
  /// What every signature must cover; `@authority` may be covered as well, and must be where the farm has
  /// names; nothing else.
  public static let requiredComponents = ["@method", "@path", "@query", "content-digest"]

  /// A request whose signature is right; whether it came before is for the nonces to say.
  public struct Signed: Hashable, Sendable {
    /// Who signed.
    public let key: PublicKey
    let nonce: String
    let createdMS: UInt64
  }

  let ageMSMax: UInt64
  private let authorities: Set<String>

  /// - Parameter ageMSMax: how far `created` may be from the clock, either way.
  /// - Parameter authorities: names (`HOST:PORT`, lower case) this server goes by. Unless empty, signatures
  ///   must cover `@authority` and it must be one of them: a request signed for another farm is worth nothing
  ///   here.
  public init(ageMSMax: UInt64 = Limits.requestAgeMSMax, authorities: Set<String> = []) {
    self.ageMSMax = ageMSMax
    self.authorities = authorities
  }

  /// Who signed this request, or why it is refused, in this order: `unauthorized` (no signature),
  /// `badRequest` (malformed), `wrongSignature` (body digest, authority, coverage, signature),
  /// `requestTooOld`.
  ///
  /// - Parameters:
  ///   - path: as it travelled, not percent-decoded.
  ///   - query: as it travelled, without `?`.
  ///   - headers: names in lower case; fields that came twice joined with `", "`.
  ///   - bodyDigest: SHA-256 of the body that arrived; nil when it did not yet.
  public func check(
    method: String, path: String, query: String = "", headers: [String: String], bodyDigest: Digest?,
    nowMS: UInt64
  ) throws(Refusal) -> Signed {
    let input = try SignaturePolicy.input(headers)
    let signature = try SignaturePolicy.signature(headers, label: input.label)
    let key = try SignaturePolicy.key(input)
    try SignaturePolicy.checkBody(headers, bodyDigest)
    try checkAuthority(input, headers)
    let values = try SignaturePolicy.components(
      input, method: method, path: path, query: query, headers: headers)
    let base = SignatureInput.base(components: values, parameters: input.text)
    guard key.verifies(signature, of: base) else {
      throw .init(.wrongSignature, "the signature of \(method) \(path) is not key \(key.short)'s")
    }
    return try checkTime(input, key, nowMS: nowMS)
  }

  private func checkAuthority(_ input: SignatureInput, _ headers: [String: String]) throws(Refusal) {
    if authorities.isEmpty { return }
    guard input.components.contains("@authority") else {
      throw .init(
        .wrongSignature, "the signature does not cover \"@authority\"",
        remedy: "cover it, so that the request is worth nothing at another farm")
    }
    let host = headers["host", default: ""].lowercased()
    guard authorities.contains(host) else {
      throw .init(
        .wrongSignature, "the request is signed for \"\(host)\", which is no name of this farm",
        remedy: "use its own address, or have the operator add this name with 'serve --names'")
    }
  }

  private func checkTime(_ input: SignatureInput, _ key: PublicKey, nowMS: UInt64) throws(Refusal) -> Signed {
    guard let createdS = input.createdS, let nonce = input.nonce, (1...64).contains(nonce.utf8.count) else {
      throw .init(.badRequest, "signature-input needs \"created\" and a \"nonce\" of 1 to 64 characters")
    }
    let createdMS = createdS * 1000
    let distanceMS = createdMS > nowMS ? createdMS - nowMS : nowMS - createdMS
    guard distanceMS <= ageMSMax else {
      throw .init(
        .requestTooOld,
        "the request was signed at \(utcText(ms: createdMS)) and this farm's clock says "
          + "\(utcText(ms: nowMS)): \(distanceMS / 1000) s apart, at most \(ageMSMax / 1000) s are allowed",
        remedy: "set the clock of the machine that is wrong")
    }
    if let expiresS = input.expiresS, expiresS * 1000 < nowMS {
      throw .init(
        .requestTooOld,
        "the signature expired at \(utcText(ms: expiresS * 1000)), this farm's clock says "
          + utcText(ms: nowMS))
    }
    return Signed(key: key, nonce: nonce, createdMS: createdMS)
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

  private static func checkBody(_ headers: [String: String], _ bodyDigest: Digest?) throws(Refusal) {
    guard let field = headers["content-digest"] else {
      throw .init(.badRequest, "header content-digest is missing")
    }
    let claimed = try ContentDigest.parse(field)
    if let bodyDigest, claimed != bodyDigest {
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

/// A moment as RFC 3339 writes it, to the second.
private func utcText(ms: UInt64) -> String {
  let moment = UTCTime(timeMS: ms)
  return "\(moment.date)T\(moment.time)Z"
}
