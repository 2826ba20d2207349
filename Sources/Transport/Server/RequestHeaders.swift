import CMicroHTTPD
import Foundation

/// How a request says where its body ends. Two ways at once is how requests are smuggled past proxies
/// (RFC 9112, section 11.2).
struct Framing {
  private(set) var lengthCount = 0
  private(set) var encodingCount = 0
  private(set) var isOtherEncoding = false
  /// What the header says; nil without one.
  private(set) var contentLength: Int?

  /// Reads a connection's headers.
  init(_ connection: OpaquePointer) {
    withUnsafeMutablePointer(to: &self) { pointer in
      _ = MHD_get_connection_values(
        connection, .HEADER_KIND,
        { context, _, name, value in
          guard let framing = context?.assumingMemoryBound(to: Framing.self), let name else { return .YES }
          framing.pointee.take(name, value.map { String(cString: $0) } ?? "")
          return .YES
        }, pointer)
    }
  }

  private mutating func take(_ name: UnsafePointer<CChar>, _ value: String) {
    if strcasecmp(name, "content-length") == 0 {
      lengthCount += 1
      contentLength = Int(value)
    } else if strcasecmp(name, "transfer-encoding") == 0 {
      encodingCount += 1
      isOtherEncoding = value.lowercased() != "chunked"
    }
  }

  /// Whether there is one way at most, and one that is understood.
  var isSound: Bool {
    lengthCount + encodingCount <= 1 && !isOtherEncoding && (lengthCount == 0 || contentLength != nil)
  }
}

/// All header fields: names in lower case, those that came twice joined with `", "` (RFC 9110, section 5.3).
func requestHeaders(_ connection: OpaquePointer) -> [String: String] {
  var headers: [String: String] = [:]
  withUnsafeMutablePointer(to: &headers) { pointer in
    _ = MHD_get_connection_values(
      connection, .HEADER_KIND,
      { context, _, name, value in
        guard let headers = context?.assumingMemoryBound(to: [String: String].self), let name else {
          return .YES
        }
        let key = String(cString: name).lowercased()
        let text = value.map { String(cString: $0) } ?? ""
        headers.pointee[key] = headers.pointee[key].map { "\($0), \(text)" } ?? text
        return .YES
      }, pointer)
  }
  return headers
}
