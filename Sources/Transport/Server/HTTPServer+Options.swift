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
    public var connectionsMax: Int = 2_000
    /// Memory of a connection for its headers: larger ones are answered 431 or 414.
    public var connectionBytesMax: Int = 16 << 10
    /// Most time for a request's header block, from the first connection or the end of the request before.
    public var headerMSMax: UInt64 = 10_000
    /// Most time between two requests on a connection, the second's header block included.
    public var idleMSMax: UInt64 = 60_000
    /// A body or an answer may take this long, and a second more for each `bytesPerSecondMin`.
    public var transferMS: UInt64 = 20_000
    /// Slowest a body or an answer may be, over its whole length.
    public var bytesPerSecondMin: UInt64 = 16 << 10
    /// How often an event stream without events gets a comment line.
    public var heartbeatMS: UInt64 = 10_000
    /// How often deadlines are looked at.
    public var watchdogMS: UInt64 = 500
    /// Most bytes of a request's body, by method and path; more are answered 413.
    public var bodyBytesMax: @Sendable (_ method: String, _ path: String) -> Int = { _, _ in
      Limits.jsonBytesMax
    }
    /// Bodies beyond this go to a file.
    public var memoryBodyBytesMax: Int = 64 << 10
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
