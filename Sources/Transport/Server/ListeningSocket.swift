import Foundation

/// Binds `host`:`port` and listens.
/// - Returns: the descriptor and the port, which was chosen when `port` is 0.
func listeningSocket(host: String, port: UInt16) throws(TransportError) -> (descriptor: Int32, port: UInt16) {
  let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  var hints = addrinfo()
  hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
  var found: UnsafeMutablePointer<addrinfo>?
  let code = getaddrinfo(host, "\(port)", &hints, &found)
  defer { if found != nil { freeaddrinfo(found) } }
  guard code == 0, let info = found?.pointee else {
    throw .cannotListen(address: address, reason: String(cString: gai_strerror(code)))
  }
  let descriptor = socket(info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), info.ai_protocol)
  guard descriptor >= 0 else { throw .cannotListen(address: address, reason: systemErrorText(errno)) }
  var on: Int32 = 1
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
  guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, 1024) == 0 else {
    let reason =
      errno == EADDRINUSE
      ? "the port is in use by another program; choose another with --listen" : systemErrorText(errno)
    close(descriptor)
    throw .cannotListen(address: address, reason: reason)
  }
  return (descriptor, boundPort(descriptor))
}

/// The port a socket is bound to. IPv4 and IPv6 addresses have it at the same place.
private func boundPort(_ descriptor: Int32) -> UInt16 {
  var storage = sockaddr_storage()
  var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
  return withUnsafeMutableBytes(of: &storage) { bytes in
    guard let base = bytes.baseAddress else { return 0 }
    getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &count)
    return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
  }
}
