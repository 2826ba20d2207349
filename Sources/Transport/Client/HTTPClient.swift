import CCurl
import Foundation
import Synchronization

/// HTTP/1.1 and 2 to one server, by libcurl. Calls may run side by side; each blocks a thread of its own,
/// never one of Swift's. Connections are kept and used again.
public final class HTTPClient: Sendable {
  /// How to reach the server.
  public struct Options: Hashable, Sendable {
    /// Most time to connect, milliseconds.
    public var connectMSMax: Int
    /// A PEM file of certificate authorities to trust instead of the system's.
    public var authorityFile: String?
    /// Most bytes of bodies a second, all calls and both ways together; nil for any.
    public var bytesPerS: Int?

    /// Connects within 10 s, trusts the system's authorities.
    public init(connectMSMax: Int = 10_000, authorityFile: String? = nil, bytesPerS: Int? = nil) {
      self.connectMSMax = connectMSMax
      self.authorityFile = authorityFile
      self.bytesPerS = bytesPerS
    }
  }

  /// `http://HOST:PORT` or `https://HOST:PORT`, without a slash at the end.
  public let origin: String
  /// `HOST:PORT` as it travels in `Host`: the port is left out when it is the scheme's own.
  public let authority: String
  private let options: Options
  /// What the URL says about the server's key; then no authority is needed.
  private let pin: KeyPin?
  private let isLoopback: Bool
  private let bandwidth: SharedBandwidth?
  private let idle = Mutex<[CurlHandle]>([])
  private static let idleMax = 16
  private static let ready: Void = farm_curl_global_init()

  /// A client of the server at `url`, which is a scheme and an authority, and for https, if you like, the
  /// server's key: `http://127.0.0.1:8080`, `https://farm.example:8080/#sha256-...`.
  public init(url: String, options: Options = .init()) throws(TransportError) {
    guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
      throw .badURL(url, reason: "write it as http://HOST:PORT or https://HOST:PORT")
    }
    guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
      throw .badURL(url, reason: "it must start with http:// or https://")
    }
    guard parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.user == nil else {
      throw .badURL(url, reason: "nothing may come after the port but the server's key, /#sha256-...")
    }
    pin = try parts.fragment.map { text throws(TransportError) in
      guard let pin = KeyPin(text) else {
        throw .badURL(url, reason: "\"#\(text)\" is no key; it must be #sha256- and 43 characters")
      }
      guard scheme == "https" else { throw .badURL(url, reason: "a server has a key with https:// only") }
      return pin
    }
    let isDefaultPort = parts.port == nil || parts.port == (scheme == "http" ? 80 : 443)
    authority = isDefaultPort ? host : "\(host):\(parts.port ?? 0)"
    origin = "\(scheme)://\(authority)"
    isLoopback = host == "localhost" || host.hasPrefix("127.") || host == "[::1]"
    self.options = options
    bandwidth = options.bytesPerS.map { SharedBandwidth(bytesPerS: $0) }
    _ = HTTPClient.ready
  }

  /// Performs one call. Answers of any status are returned; only the world's failures are thrown. Cancelling
  /// the task ends the call within about a second.
  public func perform(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    let transfer = Transfer(call: call, host: authority, bandwidth: bandwidth)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation {
        (done: CheckedContinuation<Result<HTTPAnswer, TransportError>, Never>) in
        Thread.detachNewThread { done.resume(returning: self.run(transfer)) }
      }
    } onCancel: {
      transfer.cancel()
    }
    return try outcome.get()
  }

  private func run(_ transfer: Transfer) -> Result<HTTPAnswer, TransportError> {
    guard let handle = idle.withLock({ $0.popLast() }) ?? CurlHandle() else {
      return .failure(.unreachable(host: authority, reason: "libcurl has no memory"))
    }
    handle.reset(connectMSMax: options.connectMSMax, usesProxy: !isLoopback)
    if let file = options.authorityFile { handle.set(CURLOPT_CAINFO, file) }
    handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let pin {
      handle.set(CURLOPT_PINNEDPUBLICKEY, pin.libcurlText)
      // The key itself is known: nobody has to vouch for it, unless authorities are named as well.
      if options.authorityFile == nil {
        handle.set(CURLOPT_SSL_VERIFYPEER, 0)
        handle.set(CURLOPT_SSL_VERIFYHOST, 0)
      }
    }
    handle.set(CURLOPT_URL, origin + transfer.call.target)
    let outcome = Result { () throws(TransportError) in try transfer.perform(with: handle) }
    idle.withLock { if $0.count < HTTPClient.idleMax { $0.append(handle) } }
    return outcome
  }
}
