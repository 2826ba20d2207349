import Cryptography
import FarmProtocol
import Foundation
import Settlement

/// A coordinator's HTTP interface, one method a route, every request signed. Safe to use from many tasks.
///
/// What the farm says "no" to is thrown as `Refusal`; what the network does is thrown as `TransportError`,
/// and `TransportError.isRetryable` says whether the same call may succeed later.
public final class FarmClient: Sendable {
  /// Who signs.
  public let key: SigningKey
  private let client: HTTPClient
  private let signer: RequestSigner

  /// A client of the farm at `url`: `http://HOST:PORT`, or `https://HOST:PORT/#sha256-...` with its key.
  public init(url: String, key: SigningKey, options: HTTPClient.Options = .init()) throws(TransportError) {
    self.key = key
    client = try HTTPClient(url: url, options: options)
    signer = RequestSigner(key: key)
  }

  /// `http://HOST:PORT`, without a slash at the end and without the key.
  public var url: String { client.origin }

  /// Signs and performs one call, again when the farm says "later" and when. An answer of status 400 or above
  /// is thrown as a `Refusal`.
  func send(
    _ method: String, _ target: String, body: HTTPCall.Body = .none, bodyDigest: Digest,
    contentType: String? = nil,
    sink: HTTPCall.Sink, stallS: Int = 60
  ) async throws -> HTTPAnswer {
    let (path, query) = split(target)
    var later = RetryLater()
    while true {
      var headers = signer.headers(
        method: method, path: path, query: query, authority: client.authority, bodyDigest: bodyDigest,
        createdS: UInt64(Date().timeIntervalSince1970), nonce: RequestSigner.randomNonce())
      if let contentType { headers.append(("content-type", contentType)) }
      let answer = try await client.perform(
        HTTPCall(method: method, target: target, headers: headers, body: body, sink: sink, stallS: stallS))
      if answer.status < 400 { return answer }
      guard
        let waitMS = later.waitMS(
          status: answer.status, headers: answer.headers, random: .random(in: 0 ... .max))
      else { throw refusal(answer, method, path) }
      try await Task.sleep(for: .milliseconds(waitMS))
    }
  }

  /// A call with a JSON answer.
  func fetch<T: Decodable>(
    _ method: String, _ target: String, body: [UInt8]? = nil, type: String = "application/json",
    stallS: Int = 60
  ) async throws -> T {
    let answer = try await send(
      method, target, body: body.map { .bytes($0) } ?? .none, bodyDigest: Digest(of: body ?? []),
      contentType: body == nil ? nil : type, sink: .bytes(max: FarmClient.answerBytesMax), stallS: stallS)
    do throws(Refusal) {
      return try WireJSON.decode(T.self, from: answer.body, bytesMax: FarmClient.answerBytesMax)
    } catch {
      throw TransportError.malformedAnswer(host: client.authority, reason: error.message)
    }
  }

  /// Lists may be long: a statement has all of an account's movements.
  private static let answerBytesMax = 16 * Limits.jsonBytesMax

  private func split(_ target: String) -> (path: String, query: String) {
    guard let mark = target.firstIndex(of: "?") else { return (target, "") }
    return (String(target[..<mark]), String(target[target.index(after: mark)...]))
  }

  /// The farm's own words, or what a gateway or another server's status stands for.
  private func refusal(_ answer: HTTPAnswer, _ method: String, _ path: String) -> any Error {
    if let refusal: Refusal = try? WireJSON.decode(from: answer.body) { return refusal }
    let text = "\(method) \(path) was answered with status \(answer.status)"
    return switch answer.status {
    case 413: Refusal(.tooLarge, text)
    case 404: Refusal(.notFound, text)
    case 500...: TransportError.unreachable(host: client.authority, reason: text)
    default: Refusal(.badRequest, text)
    }
  }
}

/// What every key may ask.
extension FarmClient {
  /// What anyone may know about the farm.
  public func farmInfo() async throws -> FarmInfo { try await fetch("GET", Routes.farm) }

  /// The caller's balances and movements.
  public func account() async throws -> AccountStatement { try await fetch("GET", Routes.account) }

  /// Operator only: credits an account. Returns that account's statement.
  public func deposit(_ request: DepositRequest) async throws -> AccountStatement {
    try await fetch("POST", Routes.deposits, body: try WireJSON.encode(request))
  }

  /// A file of the public log (`checkpoint`, `vkey`, `tile/...`); nil when the log does not have it.
  public func logFile(_ path: String) async throws -> [UInt8]? {
    do {
      let answer = try await send(
        "GET", "\(Routes.log)/\(path)", bodyDigest: Digest(of: []), sink: .bytes(max: Limits.jsonBytesMax))
      return answer.body
    } catch let refusal as Refusal where refusal.code == .notFound {
      return nil
    }
  }
}
