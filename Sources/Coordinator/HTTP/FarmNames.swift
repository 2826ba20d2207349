import Foundation
import Transport

/// The names a farm goes by: what its certificate is for, what signatures may be made for, and the one it
/// tells people. Pure.
package struct FarmNames: Sendable {
  /// What others may write in `Host`, lower case: a host, and the port unless it is the scheme's own.
  package let authorities: Set<String>
  /// Host names and addresses, without brackets and ports.
  package let hosts: [String]
  /// What a join URL names.
  package let main: String
  /// What programs on this machine use.
  package let local: String

  /// - Parameters:
  ///   - scheme: "http" or "https".
  ///   - host: where it listens; `0.0.0.0` and `::` are every address of the machine.
  ///   - given: authorities that the operator names, the first for people.
  ///   - machine: host name and addresses of this machine.
  package init(scheme: String, host: String, port: UInt16, given: [String], machine: [String]) {
    let isEvery = host == "0.0.0.0" || host == "::"
    let ownPort: UInt16 = scheme == "https" ? 443 : 80
    let named = given.map { $0.lowercased() }
    func authority(_ host: String) -> String {
      let bracketed = host.contains(":") ? "[\(host)]" : host.lowercased()
      return port == ownPort ? bracketed : "\(bracketed):\(port)"
    }
    let loopback = ["127.0.0.1", "localhost", "::1"]
    let reached = isEvery ? machine : [host]
    hosts = (named.map(FarmNames.host) + reached + loopback).reduce(into: []) { list, host in
      if !list.contains(host) { list.append(host) }
    }
    authorities = Set(named + (reached + loopback).map(authority))
    local = authority(isEvery ? (host == "::" ? "::1" : "127.0.0.1") : host)
    main = named.first ?? reached.first.map(authority) ?? local
  }

  /// An authority without its port and brackets.
  private static func host(_ authority: String) -> String {
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" })
  }

  /// Why a text cannot be an authority that the operator names; nil when it can.
  package static func reason(against text: String) -> String? {
    guard let parts = URLComponents(string: "https://\(text)"), let host = parts.host, !host.isEmpty,
      parts.path.isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil
    else { return "expected HOST or HOST:PORT as in the farm's URL" }
    return nil
  }

  /// Addresses of this machine that others may reach, then its host name.
  package static func ofThisMachine() -> [String] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [ProcessInfo.processInfo.hostName] }
    defer { freeifaddrs(first) }
    var addresses: [String] = []
    var next = first
    while let interface = next?.pointee {
      next = interface.ifa_next
      let peer = PeerAddress(interface.ifa_addr.map { UnsafePointer($0) })
      let isLoopback = interface.ifa_flags & UInt32(IFF_LOOPBACK) != 0
      let isLinkLocal = peer.bytes.count == 16 && peer.bytes[0] == 0xfe && peer.bytes[1] & 0xc0 == 0x80
      if !peer.bytes.isEmpty, !isLoopback, !isLinkLocal { addresses.append("\(peer)") }
    }
    return addresses + [ProcessInfo.processInfo.hostName.lowercased()]
  }
}
