import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Synchronization
import Transport

/// Answers HTTP requests: finds the route, the signer and the message, asks the coordinator, words the
/// answer.
package struct FarmService: Sendable {
  private final class Signatures: Sendable {
    let verifier = Mutex(RequestVerifier())
  }

  let coordinator: FarmCoordinator
  private let sceneCheck: any SceneChecking
  private let signatures = Signatures()

  /// A service over a coordinator.
  package init(_ coordinator: FarmCoordinator, sceneCheck: any SceneChecking) {
    self.coordinator = coordinator
    self.sceneCheck = sceneCheck
  }

  /// Never throws: what goes wrong is worded as a refusal.
  package func reply(to request: HTTPRequest) async -> HTTPReply {
    guard let endpoint = Endpoint(method: request.method, path: request.path) else {
      return .refusal(Refusal(.notFound, "there is no \(request.method) \(request.path)"))
    }
    do {
      if endpoint.isOpen { return try await open(endpoint) }
      let caller = try signer(of: request)
      return try await answer(endpoint, request, caller)
    } catch let refusal as Refusal {
      return .refusal(refusal)
    } catch {
      return .refusal(Refusal(.internalFault, "\(error)"))
    }
  }

  private func signer(of request: HTTPRequest) throws -> PublicKey {
    let nowMS = coordinator.configuration.nowMS()
    return try signatures.verifier.withLock {
      $0.verify(
        method: request.method, path: request.path, query: request.query, headers: request.headers,
        bodyDigest: request.bodyDigest, nowMS: nowMS)
    }.get()
  }

  private func open(_ endpoint: Endpoint) async throws -> HTTPReply {
    switch endpoint {
    case .health:
      let fault = await coordinator.faultReason
      return .text(fault.map { "stopped: \($0)\n" } ?? "ok\n", status: fault == nil ? 200 : 500)
    case .ready:
      let reasons = await coordinator.readiness().reasons
      let text = reasons.isEmpty ? "ready\n" : reasons.joined(separator: "\n") + "\n"
      return .text(text, status: reasons.isEmpty ? 200 : 503)
    case .metrics:
      return .bytes(status: 200, type: MetricsText.type, Array(try await coordinator.metrics().utf8))
    case .farm: return .json(await coordinator.farmInfo())
    case .log(let path):
      guard let file = coordinator.logFiles.file(at: path), DurableFile.byteCount(file) != nil else {
        throw Refusal(.notFound, "the log has no file \"\(path)\"")
      }
      let isText = path == "checkpoint" || path == "vkey"
      return .file(path: file, type: isText ? "text/plain; charset=utf-8" : "application/octet-stream")
    default: preconditionFailure("\(endpoint) is not open")
    }
  }

  private func answer(_ endpoint: Endpoint, _ request: HTTPRequest, _ caller: PublicKey) async throws
    -> HTTPReply
  {
    switch endpoint {
    case .missingBlobs, .putBlob, .getBlob, .putBatch, .putPiece, .uploadStatus:
      return try await blob(endpoint, request, caller)
    case .submit:
      return .json(
        try await coordinator.submit(message(in: request), from: caller, checkedBy: sceneCheck), status: 201)
    case .quote:
      return .json(
        try await coordinator.quote(message(in: request), from: caller, checkedBy: sceneCheck))
    case .jobs: return .json(try await coordinator.jobList(for: caller))
    case .job(let id): return .json(try await coordinator.status(of: id, for: caller))
    case .cancel(let id): return .json(try await coordinator.cancel(id, by: caller))
    case .pause(let id): return .json(try await coordinator.pause(id, by: caller))
    case .resume(let id): return .json(try await coordinator.resume(id, by: caller))
    case .events(let id): return try await watch(id, caller)
    case .frame(let id, let number, let format):
      let path = try await coordinator.framePath(id, number, format: format, for: caller)
      return .file(path: path, type: FrameFiles.Format(rawValue: format)?.type ?? "application/octet-stream")
    case .join: return .json(try await coordinator.join(message(in: request), as: caller))
    case .lease: return .json(try await coordinator.lease(message(in: request), for: caller))
    case .heartbeat: return .json(try await coordinator.heartbeat(message(in: request), from: caller))
    case .result: return .json(try await coordinator.accept(bytes(of: request), from: caller))
    case .account: return .json(try await coordinator.statement(of: caller))
    case .deposit:
      try requireOperator(caller)
      return .json(try await coordinator.deposit(message(in: request)))
    case .ban:
      try requireOperator(caller)
      let ban: BanRequest = try message(in: request)
      try await coordinator.ban(ban.key)
      return .json(ban)
    case .health, .ready, .metrics, .farm, .log: preconditionFailure("\(endpoint) is open")
    }
  }

  private func requireOperator(_ caller: PublicKey) throws {
    guard caller == coordinator.keys.operator else {
      throw Refusal(.forbidden, "key \(caller.short) is not the operator's", remedy: "use DATA/operator.key")
    }
  }

  func bytes(of request: HTTPRequest) throws -> [UInt8] {
    switch request.body {
    case .bytes(let bytes): return bytes
    case .file(let path, _):
      guard let bytes = try DurableFile.read(path) else { throw FileFault(what: "read", path: path) }
      return bytes
    }
  }

  func message<T: Decodable>(in request: HTTPRequest) throws -> T {
    try WireJSON.decode(from: bytes(of: request))
  }

  private func watch(_ id: JobID, _ caller: PublicKey) async throws -> HTTPReply {
    let sink = EventSink()
    let key = ObjectIdentifier(sink)
    let stream = EventStream { [coordinator] in
      Task { await coordinator.unwatch(id, key) }
    }
    sink.attach(stream)
    try await coordinator.watch(id, for: caller, into: sink)
    return .events(stream)
  }
}

/// A watcher at the other end of an event stream.
private final class EventSink: StatusSink {
  private let stream = Mutex<EventStream?>(nil)

  func attach(_ stream: EventStream) { self.stream.withLock { $0 = stream } }

  func send(_ status: [UInt8]) -> Bool {
    stream.withLock { $0 }?.send(event: "status", data: status) ?? false
  }

  func close() { stream.withLock { $0 }?.close() }
}
