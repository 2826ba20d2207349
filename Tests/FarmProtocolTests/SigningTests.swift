import Cryptography
import FarmProtocol
import Foundation
import Testing

struct SigningTests {
  private static let nowMS: UInt64 = 1_800_000_000_000

  /// A request as it travels.
  private struct Request {
    var method = "POST"
    var path = "/v1/jobs"
    var query = "a=b&c"
    var body = Array("{}".utf8)
    var headers: [String: String] = ["host": "farm.example:7800"]

    init(
      key: SigningKey, createdS: UInt64 = SigningTests.nowMS / 1000, nonce: String = "n1",
      authority: String? = nil
    ) {
      let signer = RequestSigner(key: key)
      let fields = signer.headers(
        method: method, path: path, query: query, authority: authority, bodyDigest: Digest(of: body),
        createdS: createdS, nonce: nonce)
      for (name, value) in fields { headers[name] = value }
    }

    func verify(with verifier: inout RequestVerifier, nowMS: UInt64 = SigningTests.nowMS) -> Result<
      PublicKey, Refusal
    > {
      verifier.verify(
        method: method, path: path, query: query, headers: headers, bodyDigest: Digest(of: body), nowMS: nowMS
      )
    }

    func code(nowMS: UInt64 = SigningTests.nowMS) -> Refusal.Code? {
      var verifier = RequestVerifier()
      if case .failure(let refusal) = verify(with: &verifier, nowMS: nowMS) { return refusal.code }
      return nil
    }
  }

  /// RFC 9421, appendix B.2.6, with the key of B.1.4.
  @Test func `RFC example has the RFC's signature`() throws {
    let seed = try #require(Data(base64Encoded: "n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU="))
    let key = try #require(SigningKey(seed: Array(seed)))
    let field =
      #"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")"#
      + #";created=1618884473;keyid="test-key-ed25519""#
    let input = try SignatureInput(parsing: field)
    #expect(input.label == "sig-b26" && input.createdS == 1_618_884_473 && input.keyID == "test-key-ed25519")
    let values = [
      "Tue, 20 Apr 2021 02:07:55 GMT", "POST", "/foo", "example.com", "application/json", "18",
    ]
    let components = zip(input.components, values).map { (name: $0, value: $1) }
    let signature = key.sign(SignatureInput.base(components: components, parameters: input.text))
    #expect(
      Data(signature.bytes).base64EncodedString()
        == "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
  }

  /// RFC 9530, appendix D: the digest of `{"hello": "world"}` and a line feed.
  @Test func `content digest is the RFC's`() throws {
    let digest = Digest(of: Array("{\"hello\": \"world\"}\n".utf8))
    let field = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    #expect(ContentDigest.field(digest) == field)
    #expect(try ContentDigest.parse(field) == digest)
  }

  @Test func `signed request names its signer`() throws {
    let key = try Fixtures.key(1)
    var verifier = RequestVerifier()
    #expect(Request(key: key).verify(with: &verifier) == .success(key.publicKey))
    let bound = Request(key: key, nonce: "n2", authority: "Farm.Example:7800")
    #expect(bound.verify(with: &verifier) == .success(key.publicKey))
  }

  @Test func `whatever is changed after signing is noticed`() throws {
    let good = Request(key: try Fixtures.key(1), authority: "farm.example:7800")
    #expect(good.code() == nil)
    let other = Request(key: try Fixtures.key(2), authority: "farm.example:7800")
    var changed = good
    changed.method = "PUT"
    #expect(changed.code() == .wrongSignature)
    changed = good
    changed.path = "/v1/jobs/"
    #expect(changed.code() == .wrongSignature)
    changed = good
    changed.query = ""
    #expect(changed.code() == .wrongSignature)
    changed = good
    changed.body = []
    #expect(changed.code() == .wrongSignature)
    changed = good
    changed.headers["host"] = "other.example"
    #expect(changed.code() == .wrongSignature)
    changed = good
    changed.headers["signature"] = other.headers["signature"]
    #expect(changed.code() == .wrongSignature)
    changed = good
    changed.headers["signature-input"] = good.headers["signature-input"]?.replacing("n1", with: "n2")
    #expect(changed.code() == .wrongSignature)
  }

  @Test(arguments: [
    ("sig=", Refusal.Code.badRequest), ("", .badRequest), ("sig=()", .badRequest),
    (#"sig=("@method" "@path" "@query")"#, .badRequest),
    (#"sig=("@method"  "@path")"#, .badRequest), (#"sig=("@method" "@method")"#, .badRequest),
    (#"sig=("@method");created=01"#, .badRequest), (#"sig=("@method");created=-1"#, .badRequest),
    (#"sig=("@method");created=1234567890123456"#, .badRequest),
    (#"sig=("@method");created=1;created=1"#, .badRequest),
    (#"sig=("@method");tag="x""#, .badRequest), (#"sig=("@method"), b=()"#, .badRequest),
    (#"SIG=("@method")"#, .badRequest), (#"sig=("\"")"#, .badRequest), (#"sig=("@method"#, .badRequest),
  ])
  func `malformed signature input is refused`(field: String, code: Refusal.Code) throws {
    var request = Request(key: try Fixtures.key(1))
    request.headers["signature-input"] = field
    #expect(request.code() == code)
  }

  @Test func `signature that leaves out the body is refused`() throws {
    let key = try Fixtures.key(1)
    var request = Request(key: key)
    let parameters =
      #"("@method" "@path" "@query");created=1800000000;nonce="n";keyid="\#(key.publicKey.hex)""#
    let base = SignatureInput.base(
      components: [("@method", "POST"), ("@path", "/v1/jobs"), ("@query", "?a=b&c")], parameters: parameters)
    request.headers["signature-input"] = "sig=" + parameters
    request.headers["signature"] = "sig=:\(Data(key.sign(base).bytes).base64EncodedString()):"
    #expect(request.code() == .wrongSignature)
  }

  @Test(arguments: [
    "sig=:AAAA:", "sig=AAAA", "other=:AAAA:", "", "sig=:\(String(repeating: "A", count: 85))B==:",
  ])
  func `malformed signature is refused`(field: String) throws {
    var request = Request(key: try Fixtures.key(1))
    request.headers["signature"] = field
    #expect(request.code() == .badRequest)
  }

  @Test func `unsigned request is unauthorized`() throws {
    var request = Request(key: try Fixtures.key(1))
    request.headers["signature"] = nil
    #expect(request.code() == .unauthorized)
    request.headers["signature-input"] = nil
    #expect(request.code() == .unauthorized)
  }

  @Test func `age window is closed at both ends`() throws {
    let request = Request(key: try Fixtures.key(1))
    #expect(request.code(nowMS: SigningTests.nowMS + 300_000) == nil)
    #expect(request.code(nowMS: SigningTests.nowMS + 300_001) == .requestTooOld)
    #expect(request.code(nowMS: SigningTests.nowMS - 300_000) == nil)
    #expect(request.code(nowMS: SigningTests.nowMS - 300_001) == .requestTooOld)
  }

  @Test func `replay is refused as long as its time would let it in`() throws {
    let request = Request(key: try Fixtures.key(1))
    var verifier = RequestVerifier()
    #expect(throws: Never.self) { try request.verify(with: &verifier).get() }
    for laterMS in stride(from: UInt64(0), through: 300_000, by: 7_000) {
      guard case .failure(let refusal) = request.verify(with: &verifier, nowMS: SigningTests.nowMS + laterMS)
      else {
        Issue.record("replayed after \(laterMS) ms")
        return
      }
      #expect(refusal.code == .replayed)
    }
  }

  @Test func `request signed for another farm is refused`() throws {
    let key = try Fixtures.key(1)
    var ours = RequestVerifier(SignaturePolicy(authorities: ["farm.example:7800"]))
    var theirs = RequestVerifier(SignaturePolicy(authorities: ["other.example"]))
    let bound = Request(key: key, authority: "farm.example:7800")
    #expect(bound.verify(with: &ours) == .success(key.publicKey))
    let unbound = Request(key: key, nonce: "n2")
    for outcome in [bound.verify(with: &theirs), unbound.verify(with: &ours)] {
      guard case .failure(let refusal) = outcome else {
        Issue.record("let in")
        return
      }
      #expect(refusal.code == .wrongSignature)
    }
  }

  @Test func `nonce belongs to its key`() throws {
    var verifier = RequestVerifier()
    for byte in [UInt8(1), 2] {
      let key = try Fixtures.key(byte)
      #expect(Request(key: key).verify(with: &verifier) == .success(key.publicKey))
    }
  }

  @Test func `refused request does not use its nonce up`() throws {
    let good = Request(key: try Fixtures.key(1))
    var changed = good
    changed.body = []
    var verifier = RequestVerifier()
    guard case .failure = changed.verify(with: &verifier) else {
      Issue.record("changed body was let in")
      return
    }
    #expect(throws: Never.self) { try good.verify(with: &verifier).get() }
  }

  @Test func `clock that is wrong is told both times`() throws {
    let request = Request(key: try Fixtures.key(1))
    var verifier = RequestVerifier()
    guard case .failure(let refusal) = request.verify(with: &verifier, nowMS: SigningTests.nowMS + 3_600_000)
    else {
      Issue.record("let in")
      return
    }
    #expect(
      refusal.message == "the request was signed at 2027-01-15T08:00:00Z and this farm's clock says "
        + "2027-01-15T09:00:00Z: 3600 s apart, at most 300 s are allowed")
    #expect(Request(key: try Fixtures.key(1), createdS: 999_999_999_999_999).code() == .requestTooOld)
  }
}
