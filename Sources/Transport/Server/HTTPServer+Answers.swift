import CMicroHTTPD
import Foundation

/// Answers, on the thread of the connection.
extension HTTPServer {
  /// What a response of libmicrohttpd holds on to while it streams events.
  private final class StreamContext {
    let stream: EventStream
    // Not weak: a running daemon has responses only while its server is alive.
    let server: HTTPServer
    init(stream: EventStream, server: HTTPServer) {
      self.stream = stream
      self.server = server
    }
  }

  func answer(
    _ reply: HTTPReply, _ exchange: Exchange, _ connection: OpaquePointer, closes: Bool = false
  ) -> MHD_Result {
    exchange.phase = .answered
    var status = 200
    var fields: [(name: String, value: String)]
    var byteCount: UInt64? = 0
    let response: OpaquePointer?
    switch reply {
    case .bytes(let code, let type, let bytes, let headers):
      status = code
      fields = [("Content-Type", type)] + headers
      byteCount = UInt64(bytes.count)
      response = bytes.withUnsafeBytes {
        MHD_create_response_from_buffer(
          $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .file(let path, let type, let headers):
      guard let file = fileResponse(path) else {
        return answer(
          .refusal(.init(.notFound, "there is no such file")), exchange, connection, closes: closes)
      }
      fields = [("Content-Type", type)] + headers
      (response, byteCount) = (file.response, file.byteCount)
    case .events(let stream):
      fields = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")]
      byteCount = nil
      response = eventResponse(stream, connection)
    }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    if closes { fields.append(("Connection", "close")) }
    for (name, value) in fields { MHD_add_response_header(response, name, value) }
    enterAnswer(connection, byteCount)
    return MHD_queue_response(connection, UInt32(status), response)
  }

  private func enterAnswer(_ connection: OpaquePointer, _ byteCount: UInt64?) {
    let descriptor = farm_mhd_fd(connection)
    live.withLock { live in
      guard let byteCount else { return live.watchdog.enter(.waiting, descriptor) }
      live.watchdog.enter(.transfer(startMS: monotonicMS()), descriptor, bytes: byteCount)
    }
  }

  /// libmicrohttpd closes the descriptor, and sends it without copying when there is no TLS.
  private func fileResponse(_ path: String) -> (response: OpaquePointer?, byteCount: UInt64)? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    let byteCount = UInt64(status.st_size)
    return (MHD_create_response_from_fd64(byteCount, descriptor), byteCount)
  }

  private func eventResponse(_ stream: EventStream, _ connection: OpaquePointer) -> OpaquePointer? {
    stream.attach(connection)
    let isStopping = live.withLock { live in
      live.streams[ObjectIdentifier(stream)] = stream
      return live.isStopping
    }
    if isStopping { stream.close() }
    let context = Unmanaged.passRetained(StreamContext(stream: stream, server: self)).toOpaque()
    return MHD_create_response_from_callback(
      farm_mhd_size_unknown, 4096,
      { context, _, bytes, max in
        guard let context, let bytes else { return farm_mhd_end_of_stream }
        return Unmanaged<StreamContext>.fromOpaque(context).takeUnretainedValue().stream.read(
          into: bytes, max: max)
      }, context,
      { context in
        guard let context else { return }
        let done = Unmanaged<StreamContext>.fromOpaque(context).takeRetainedValue()
        done.server.live.withLock { $0.streams[ObjectIdentifier(done.stream)] = nil }
        done.stream.gone()
      })
  }
}
