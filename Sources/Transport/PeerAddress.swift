import Foundation

/// An IP address: who is at the other end of a connection.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
  /// 4 bytes, or 16 of an IPv6 address that is no IPv4 one in disguise; empty when it is unknown.
  public let bytes: [UInt8]

  private init(bytes: [UInt8]) {
    let isMapped = bytes.count == 16 && bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10..<12] == [255, 255]
    self.bytes = isMapped ? Array(bytes[12...]) : bytes
  }

  /// Of a socket address; unknown when it is of no IP network.
  public init(_ address: UnsafePointer<sockaddr>?) {
    guard let address else {
      self.init(bytes: [])
      return
    }
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      let ip = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr
      self.init(bytes: withUnsafeBytes(of: ip) { Array($0) })
    case AF_INET6:
      let ip = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self).sin6_addr
      self.init(bytes: withUnsafeBytes(of: ip) { Array($0) })
    default: self.init(bytes: [])
    }
  }

  /// Reads "192.0.2.7" or "2001:db8::1"; nil for anything else.
  public init?(_ text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(bytes: Array(bytes[0..<4]))
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes: bytes)
    } else {
      return nil
    }
  }

  /// What one customer of a network usually has: the IPv4 address, or the /64 of an IPv6 one.
  public var network: PeerAddress {
    bytes.count == 16 ? PeerAddress(bytes: bytes[0..<8] + [UInt8](repeating: 0, count: 8)) : self
  }

  /// As it is usually written.
  public var description: String {
    guard !bytes.isEmpty else { return "an unknown address" }
    var text = [CChar](repeating: 0, count: 64)
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "an unknown address" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
