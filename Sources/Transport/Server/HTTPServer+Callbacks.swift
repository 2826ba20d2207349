import CMicroHTTPD
import Cryptography
import FarmProtocol
import Foundation

/// What libmicrohttpd calls, on the thread of the connection. Pointers it passes are copied before any wait.
extension HTTPServer {
  func setCallbacks(_ settings: inout farm_mhd_options) {
    settings.accepts = { context, address, _ in
      HTTPServer.of(context).accepts(PeerAddress(address)) ? .YES : .NO
    }
    settings.target = { context, target, connection in
      guard let target, let connection else { return nil }
      return HTTPServer.of(context).opened(String(cString: target), connection)
    }
    settings.access = { context, connection, _, method, _, data, count, state in
      guard let connection, let method, let count, let state = state?.pointee else { return .NO }
      let exchange = Unmanaged<Exchange>.fromOpaque(state).takeUnretainedValue()
      let bytes = UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : count.pointee)
      count.pointee = 0
      return HTTPServer.of(context).access(exchange, connection, method, bytes)
    }
    settings.completed = { context, connection, state, _ in
      guard let connection, let pointer = state?.pointee else { return }
      state?.pointee = nil
      HTTPServer.of(context).completed(
        Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue(), connection)
    }
    settings.connection = { context, connection, _, code in
      guard let connection else { return }
      HTTPServer.of(context).connectionChanged(connection, isOpen: code == .CONNECTION_NOTIFY_STARTED)
    }
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPServer {
    guard let context else { preconditionFailure("libmicrohttpd lost its context") }
    return Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
  }

  /// Asked before anything of a new connection is read.
  private func accepts(_ peer: PeerAddress) -> Bool {
    live.withLock { live in
      guard !live.isStopping else { return false }
      guard let max = options.connectionsPerAddressMax else { return true }
      return live.connections[peer.network, default: 0] < max
    }
  }

  private func connectionChanged(_ connection: OpaquePointer, isOpen: Bool) {
    let descriptor = farm_mhd_fd(connection)
    let network = PeerAddress(farm_mhd_address(connection)).network
    live.withLock { live in
      if isOpen {
        live.connections[network, default: 0] += 1
        live.watchdog.enter(.header(untilMS: monotonicMS() + options.headerMSMax), descriptor)
      } else {
        let count = live.connections[network, default: 1] - 1
        live.connections[network] = count > 0 ? count : nil
        live.watchdog.remove(descriptor)
      }
    }
  }

  /// A request line came.
  private func opened(_ target: String, _ connection: OpaquePointer) -> UnsafeMutableRawPointer {
    let exchange = Exchange(target: target)
    live.withLock { $0.exchanges[ObjectIdentifier(exchange)] = exchange }
    return Unmanaged.passRetained(exchange).toOpaque()
  }

  /// A request is over, well or not.
  private func completed(_ exchange: Exchange, _ connection: OpaquePointer) {
    live.withLock { live in
      live.memoryBytes -= exchange.chargedBytes
      live.exchanges[ObjectIdentifier(exchange)] = nil
      live.watchdog.enter(.header(untilMS: monotonicMS() + options.idleMSMax), farm_mhd_fd(connection))
    }
  }

  private func access(
    _ exchange: Exchange, _ connection: OpaquePointer, _ method: UnsafePointer<CChar>,
    _ bytes: UnsafeRawBufferPointer
  ) -> MHD_Result {
    switch exchange.phase {
    case .header:
      exchange.phase = .body
      exchange.method = String(cString: method)
      return begin(exchange, connection)
    case .body where bytes.count > 0: return take(bytes, exchange, connection)
    case .body: return handle(exchange, connection)
    case .handling:
      guard let reply = exchange.takeReply() else { return .YES }
      return answer(reply, exchange, connection)
    case .answered: return .YES
    }
  }

  /// The header block is complete: refuses what must not be read any further.
  private func begin(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
    exchange.bodyBytesMax = options.bodyBytesMax(exchange.method, exchange.path)
    let descriptor = farm_mhd_fd(connection)
    live.withLock { $0.watchdog.enter(.transfer(startMS: monotonicMS()), descriptor) }
    let framing = Framing(connection)
    guard framing.isSound else {
      return answer(
        .refusal(.init(.badRequest, "the request's framing is ambiguous")), exchange, connection, closes: true
      )
    }
    if let length = framing.contentLength, length > exchange.bodyBytesMax {
      return answer(tooLarge(exchange), exchange, connection, closes: true)
    }
    if let length = framing.contentLength ?? (framing.encodingCount > 0 ? Int.max : nil),
      length > options.memoryBodyBytesMax,
      let reply = options.refusesBody(request(exchange, connection, (.bytes([]), Digest(of: []))))
    {
      return answer(reply, exchange, connection, closes: true)
    }
    return .YES
  }

  private func request(
    _ exchange: Exchange, _ connection: OpaquePointer, _ body: (body: HTTPRequest.Body, digest: Digest)
  ) -> HTTPRequest {
    HTTPRequest(
      method: exchange.method, path: exchange.path, query: exchange.query,
      headers: requestHeaders(connection), body: body.body, bodyDigest: body.digest,
      peer: PeerAddress(farm_mhd_address(connection)))
  }

  private func take(_ bytes: UnsafeRawBufferPointer, _ exchange: Exchange, _ connection: OpaquePointer)
    -> MHD_Result
  {
    let descriptor = farm_mhd_fd(connection)
    let hasRoom = live.withLock { live in
      live.watchdog.progress(descriptor, bytes: UInt64(bytes.count))
      guard live.memoryBytes + bytes.count <= options.memoryBodiesBytesMax else { return false }
      live.memoryBytes += bytes.count
      exchange.chargedBytes += bytes.count
      return true
    }
    if exchange.isTooLarge || exchange.bodyBytes + bytes.count > exchange.bodyBytesMax {
      exchange.isTooLarge = true
      exchange.discard(bytes.count)
      return exchange.bodyBytes <= exchange.bodyBytesMax + Limits.discardedBytesMax ? .YES : .NO
    }
    return exchange.take(
      bytes, memoryBytesMax: hasRoom ? options.memoryBodyBytesMax : 0,
      spoolDirectory: options.spoolDirectory) ? .YES : .NO
  }

  /// The body is complete: starts the handler while the connection waits.
  private func handle(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
    if exchange.isTooLarge { return answer(tooLarge(exchange), exchange, connection, closes: true) }
    let spoolsAlways = options.spoolsAlways(exchange.method, exchange.path)
    guard let body = exchange.finishBody(spoolsAlways: spoolsAlways, spoolDirectory: options.spoolDirectory)
    else {
      return answer(
        .refusal(.init(.internalFault, "the body cannot be stored")), exchange, connection, closes: true)
    }
    let request = request(exchange, connection, body)
    let descriptor = farm_mhd_fd(connection)
    // Stopping resumes what is suspended before it; whatever comes later must not be suspended.
    let isStopping = live.withLock { live in
      if !live.isStopping {
        live.watchdog.enter(.waiting, descriptor)
        exchange.phase = .handling
        exchange.suspend(connection)
      }
      return live.isStopping
    }
    if isStopping { return answer(HTTPServer.stopping, exchange, connection, closes: true) }
    Task { [handler] in exchange.finish(await handler(request)) }
    return .YES
  }

  private func tooLarge(_ exchange: Exchange) -> HTTPReply {
    .refusal(
      .init(
        .tooLarge, "the body of \(exchange.method) \(exchange.path) may have \(exchange.bodyBytesMax) bytes"))
  }
}
