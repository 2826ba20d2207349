import FarmProtocol

extension HTTPServer {
  /// A certificate chain and its key, both as PEM text.
  public struct TLS: Hashable, Sendable {
    /// The server's certificate, then those that lead to an authority.
    public var certificatePEM: String
    /// Its private key.
    public var keyPEM: String
    /// Both.
    public init(certificatePEM: String, keyPEM: String) {
      self.certificatePEM = certificatePEM
      self.keyPEM = keyPEM
    }
  }

  /// Where a server listens and what it puts up with.
  public struct Options: Sendable {
    /// A name or address of this machine; `0.0.0.0` or `::` for all.
    public var host: String
    /// 0 for any that is free.
    public var port: UInt16
    /// Network threads.
    public var threads: Int = 2
    /// Connections at a time; further ones wait or are closed.
    public var connectionsMax = Limits.connectionsMax
    /// Connections at a time of one address; nil for no such limit, as where all come from a proxy.
    public var connectionsPerAddressMax: Int? = Limits.connectionsPerAddressMax
    /// Memory of a connection for its headers: larger ones are answered 431 or 414.
    public var connectionBytesMax = Limits.connectionBytesMax
    /// Most time for the first request's header block, with the TLS handshake before it.
    public var headerMSMax = Limits.headerMSMax
    /// Most time between two requests on a connection, the second's header block included.
    public var idleMSMax = Limits.idleMSMax
    /// A body or an answer may take this long, and a second more for each `bytesPerSecondMin`.
    public var transferMS = Limits.transferMS
    /// Slowest a body or an answer may be, over its whole length.
    public var bytesPerSecondMin = Limits.bytesPerSecondMin
    /// How often an event stream without events gets a comment line.
    public var heartbeatMS = Limits.streamHeartbeatMS
    /// How often deadlines are looked at.
    public var watchdogMS: UInt64 = 500
    /// Most bytes of a request's body, by method and path; more are answered 413.
    public var bodyBytesMax: @Sendable (_ method: String, _ path: String) -> Int = { _, _ in
      Limits.jsonBytesMax
    }
    /// Bodies beyond this go to a file.
    public var memoryBodyBytesMax = Limits.memoryBodyBytesMax
    /// Bodies in memory, all together.
    public var memoryBodiesBytesMax = Limits.memoryBodiesBytesMax
    /// Asked before a body is read that will not be kept in memory: an answer refuses it, and the connection
    /// ends. The request is without its body. On a thread of the network: must not block.
    public var refusesBody: @Sendable (HTTPRequest) -> HTTPReply? = { _ in nil }
    /// Requests whose body goes to a file whatever its size, by method and path.
    public var spoolsAlways: @Sendable (_ method: String, _ path: String) -> Bool = { _, _ in false }
    /// An existing directory for such files, on the file system where handlers keep them.
    public var spoolDirectory: String
    /// Nil for plain HTTP.
    public var tls: TLS?

    /// Loopback and any free port unless told otherwise.
    public init(host: String = "127.0.0.1", port: UInt16 = 0, spoolDirectory: String) {
      self.host = host
      self.port = port
      self.spoolDirectory = spoolDirectory
    }
  }
}
