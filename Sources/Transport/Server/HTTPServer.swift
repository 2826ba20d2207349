import CMicroHTTPD
import Foundation
import Synchronization

// The daemon and its timer are written by start and stop only; all else is immutable or guarded.
/// An HTTP/1.1 server by libmicrohttpd: strict about framing, patient with nobody, asynchronous towards its
/// handler. Request bodies are limited, hashed as they come, and spooled to files beyond a size.
///
/// Bad framing (two lengths, length and chunks), missing `Host` and malformed requests are answered 400; a
/// body beyond its limit 413; headers beyond theirs 431 or 414; slow ones are cut. The handler sees none of
/// these.
public final class HTTPServer: @unchecked Sendable {
  /// Answers a request. Runs as a task of its own; the connection waits meanwhile.
  public typealias Handler = @Sendable (HTTPRequest) async -> HTTPReply

  struct Live {
    var isStopping = false
    /// Requests whose answer is not all sent.
    var exchanges: [ObjectIdentifier: Exchange] = [:]
    var streams: [ObjectIdentifier: EventStream] = [:]
    /// Bodies in memory, all together.
    var memoryBytes = 0
    /// Open connections by the network they come from.
    var connections: [PeerAddress: Int] = [:]
    var watchdog: Watchdog
  }

  let options: Options
  let handler: Handler
  let live: Mutex<Live>
  // Written by start and stop only, as the daemon is.
  private var timer: (any DispatchSourceTimer)?
  private var daemon: OpaquePointer?

  /// Ready to start.
  public init(options: Options, handler: @escaping Handler) {
    self.options = options
    self.handler = handler
    live = Mutex(
      Live(watchdog: Watchdog(transferMS: options.transferMS, bytesPerSecondMin: options.bytesPerSecondMin)))
  }

  deinit { precondition(daemon == nil, "a server at \(options.host) was let go without being stopped") }

  /// Listens and serves until `stop`. Once only.
  /// - Returns: the port.
  @discardableResult
  public func start() throws(TransportError) -> UInt16 {
    precondition(daemon == nil, "a server starts once")
    signal(SIGPIPE, SIG_IGN)
    raiseDescriptorLimit()
    let (descriptor, port) = try listeningSocket(host: options.host, port: options.port)
    guard let started = startDaemon(descriptor) else {
      close(descriptor)
      throw .cannotListen(
        address: "\(options.host):\(port)",
        reason: options.tls == nil
          ? "libmicrohttpd does not start" : "libmicrohttpd refuses the certificate or key")
    }
    daemon = started
    startTimer()
    return port
  }

  /// Takes no more connections, lets requests finish within `grace`, ends event streams, answers what is left
  /// with 503 and returns when no thread of the server runs.
  public func stop(grace: Duration = .seconds(5)) async {
    guard let running = daemon else { return }
    daemon = nil
    // New connections are cut by the accept policy from here on. Not by MHD_quiesce_daemon, which up to
    // 0.9.75 at least races with its own threads to take the socket out of their epoll sets, and aborts.
    let streams = live.withLock { live in
      live.isStopping = true
      return Array(live.streams.values)
    }
    for stream in streams { stream.close() }
    await waitForExchanges(grace)
    for exchange in live.withLock({ Array($0.exchanges.values) }) { exchange.finish(HTTPServer.stopping) }
    await waitForExchanges(.seconds(1))
    timer?.cancel()
    timer = nil
    // From here on that thread's alone.
    nonisolated(unsafe) let stopped = running
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      Thread.detachNewThread {
        MHD_stop_daemon(stopped)
        done.resume()
      }
    }
  }

  static let stopping = HTTPReply.refusal(.init(.busy, "the server stops", remedy: "try again in a moment"))

  private func waitForExchanges(_ limit: Duration) async {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end, live.withLock({ !$0.exchanges.isEmpty }) {
      // Cancelled or not, stopping goes through all its steps.
      try? await Task.sleep(for: .milliseconds(10))
      if Task.isCancelled { return }
    }
  }

  private func startDaemon(_ descriptor: Int32) -> OpaquePointer? {
    var settings = farm_mhd_options()
    settings.context = Unmanaged.passUnretained(self).toOpaque()
    settings.listen_fd = descriptor
    settings.threads = UInt32(options.threads)
    settings.connections_max = UInt32(options.connectionsMax)
    // The watchdog has the finer deadlines; this one is for what it cannot see.
    settings.idle_s = UInt32(max(options.idleMSMax, options.transferMS) / 1000 + 1)
    settings.connection_bytes = options.connectionBytesMax
    setCallbacks(&settings)
    guard let tls = options.tls else { return farm_mhd_start(&settings) }
    return tls.certificatePEM.withCString { certificate in
      tls.keyPEM.withCString { key in
        settings.certificate_pem = certificate
        settings.key_pem = key
        return farm_mhd_start(&settings)
      }
    }
  }

  private func startTimer() {
    let source = DispatchSource.makeTimerSource(queue: .global())
    let interval = DispatchTimeInterval.milliseconds(Int(options.watchdogMS))
    source.schedule(deadline: .now() + interval, repeating: interval)
    let beatEvery = max(1, options.heartbeatMS / options.watchdogMS)
    let ticks = Mutex<UInt64>(0)
    source.setEventHandler { [weak self] in
      guard let self else { return }
      let tick = ticks.withLock { ticks in
        ticks += 1
        return ticks
      }
      cutLate()
      if tick.isMultiple(of: beatEvery) {
        for stream in live.withLock({ Array($0.streams.values) }) { stream.heartbeat() }
      }
    }
    source.resume()
    timer = source
  }

  /// Under the lock that removal takes: a descriptor in the watchdog is still the connection's.
  private func cutLate() {
    live.withLock { live in
      for descriptor in live.watchdog.late(nowMS: monotonicMS()) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }
}
