import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Testing
import Transport

/// Someone at the farm's door: makes requests as they arrive there, signed or not.
struct Visitor: Sendable {
  static let authority = "farm.example:8080"
  var key: SigningKey?
  var token: String?
  var address = "192.0.2.7"

  func request(
    _ method: String, _ path: String, _ body: [UInt8] = [], atMS: UInt64, host: String = authority,
    forwarded: String? = nil
  ) throws -> HTTPRequest {
    var headers = ["host": host]
    if let token { headers["authorization"] = "Bearer \(token)" }
    if let forwarded { headers["x-forwarded-for"] = forwarded }
    if let key {
      let fields = RequestSigner(key: key).headers(
        method: method, path: path, authority: host, bodyDigest: Digest(of: body), createdS: atMS / 1000,
        nonce: RequestSigner.randomNonce())
      for (name, value) in fields { headers[name] = value }
    }
    return HTTPRequest(
      method: method, path: path, query: "", headers: headers, body: .bytes(body),
      bodyDigest: Digest(of: body), peer: try #require(PeerAddress(address)))
  }
}

/// What an answer says: its status, and for a refusal its code.
struct Said: Hashable {
  var status: Int
  var code: Refusal.Code?
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  init(_ reply: HTTPReply) {
    switch reply {
    case .bytes(let status, _, let bytes, let headers):
      self.status = status
      self.headers = Dictionary(headers.map { ($0.name, $0.value) }) { $1 }
      body = bytes
      code = status >= 400 ? (try? WireJSON.decode(Refusal.self, from: bytes))?.code : nil
    case .file, .events: status = 200
    }
  }
}

extension TestFarm {
  /// A service with an open door over a coordinator.
  func service(
    _ farm: FarmCoordinator, isBehindProxy: Bool = false, keyRate: Rate = Limits.keyRate,
    addressRate: Rate = Limits.addressRate, failureRate: Rate = Limits.failureRate
  ) async throws -> FarmService {
    let door = Door(
      .init(verifier: farm.keys.verifier.publicKey, operator: farm.keys.operator),
      isBehindProxy: isBehindProxy, keyRate: keyRate, addressRate: addressRate, failureRate: failureRate,
      nowMS: clock.nowMS)
    let service = FarmService(farm, sceneCheck: TestSceneCheck(), door: door)
    try await service.open(authorities: [Visitor.authority])
    return service
  }

  func say(
    _ service: FarmService, _ visitor: Visitor, _ method: String, _ path: String, _ body: [UInt8] = []
  ) async throws -> Said {
    Said(await service.reply(to: try visitor.request(method, path, body, atMS: clock.nowMS)))
  }
}
