import Foundation

/// A socket on a free port of this machine, closed with it.
public final class BoundSocket: Sendable {
  /// To accept from.
  public let descriptor: Int32
  /// Where it is.
  public let port: UInt16

  /// A stream's listens as well, unless told otherwise.
  public init(_ type: __socket_type = SOCK_STREAM, listens: Bool = true) throws {
    descriptor = socket(AF_INET, Int32(type.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
      }
    }
    port = UInt16(bigEndian: place.sin_port)
    let isHeard = type != SOCK_STREAM || !listens || listen(descriptor, 8) == 0
    guard isBound, isHeard else { throw POSIXError(.EADDRINUSE) }
  }

  deinit { close(descriptor) }
}
