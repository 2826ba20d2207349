import Foundation
import Testing

/// A bare TCP connection, for what no honest client sends.
final class RawSocket: Sendable {
  let descriptor: Int32

  /// Connects to a port of this machine. `receiveBytes` makes a reader that is easily overrun.
  init(port: UInt16, receiveBytes: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var receiveBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(code == 0, "connect: \(String(cString: strerror(errno)))")
    setTimeout(seconds: 10)
  }

  deinit { close(descriptor) }

  private func setTimeout(seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  /// False when the other side has closed.
  @discardableResult
  func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// Up to so many bytes; nil when nothing came for 10 s, empty at the end.
  func receive(max: Int = 65_536) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: max)
    let count = recv(descriptor, &bytes, max, 0)
    if count < 0 { return errno == ECONNRESET || errno == EPIPE ? [] : nil }
    return Array(bytes.prefix(count))
  }

  /// Everything until the other side closes, nil when it does not.
  func receiveAll() -> String? {
    var all: [UInt8] = []
    while let bytes = receive() {
      if bytes.isEmpty { return String(decoding: all, as: UTF8.self) }
      all += bytes
    }
    return nil
  }

  /// Bytes until `text` has come.
  func receive(until text: String) -> String? {
    var all: [UInt8] = []
    while true {
      guard let bytes = receive(), !bytes.isEmpty else { return nil }
      all += bytes
      // Only what is new can have it, and only once.
      if String(decoding: all.suffix(bytes.count + text.utf8.count), as: UTF8.self).contains(text) {
        return String(decoding: all, as: UTF8.self)
      }
    }
  }
}

/// The status of a raw answer; nil for none.
func status(_ answer: String?) -> Int? {
  answer.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
}
