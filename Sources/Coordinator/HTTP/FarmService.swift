import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Synchronization
import Transport

/// Answers HTTP requests: finds the route, lets the caller in or not, reads the message, asks the
/// coordinator, words the answer.
package struct FarmService: Sendable {
  let coordinator: FarmCoordinator
  let sceneCheck: any SceneChecking
  let door: Door

  /// A service over a coordinator, which lets nobody in before `open`.
  package init(_ coordinator: FarmCoordinator, sceneCheck: any SceneChecking, isBehindProxy: Bool = false) {
    self.init(
      coordinator, sceneCheck: sceneCheck,
      door: Door(
        .init(verifier: coordinator.keys.verifier.publicKey, operator: coordinator.keys.operator),
        isBehindProxy: isBehindProxy, nowMS: coordinator.configuration.nowMS()))
  }

  /// A service with a door of its own.
  package init(_ coordinator: FarmCoordinator, sceneCheck: any SceneChecking, door: Door) {
    self.coordinator = coordinator
    self.sceneCheck = sceneCheck
    self.door = door
  }

  /// From now on the farm goes by these names (`HOST:PORT` as in `Host`, lower case).
  package func open(authorities: Set<String>) async throws {
    door.open(
      authorities: authorities, workers: await coordinator.workerKeys, tokens: await coordinator.tokens)
  }

  /// Never throws: what goes wrong is worded as a refusal.
  package func reply(to request: HTTPRequest) async -> HTTPReply {
    do {
      let nowMS = coordinator.configuration.nowMS()
      let found = Result { try FarmService.match(request) }
      try door.charge(request, (try? found.get())?.route.row.cost ?? 1, nowMS: nowMS)
      let match = try found.get()
      let access = match.route.row.access
      if access.contains(.anyone) { return try await open(match) }
      let caller = try door.admit(request, access, cost: match.route.row.cost, nowMS: nowMS)
      return try await answer(match, request, caller.key)
    } catch {
      return FarmService.word(error, request)
    }
  }

  /// Asked before a large body is read: the answer that spares everyone the reading.
  package func refusal(beforeBodyOf request: HTTPRequest) -> HTTPReply? {
    do {
      let access = try FarmService.match(request).route.row.access
      try door.preview(request, access, nowMS: coordinator.configuration.nowMS())
      return nil
    } catch {
      return FarmService.word(error, request)
    }
  }

  /// What went wrong, as an answer.
  private static func word(_ error: any Error, _ request: HTTPRequest) -> HTTPReply {
    switch error {
    case let later as ComeBackLater:
      return .refusal(later.refusal, headers: [("Retry-After", "\((later.afterMS + 999) / 1000)")])
    case RouteMatch.Miss.otherMethods(let methods):
      let allowed = methods.joined(separator: ", ")
      return .refusal(
        Refusal(.wrongMethod, "\(request.path) does not take \(request.method)", remedy: "use \(allowed)"),
        headers: [("Allow", allowed)])
    case let refusal as Refusal where refusal.httpStatus == 401:
      return .refusal(refusal, headers: [("WWW-Authenticate", "Bearer")])
    case let refusal as Refusal: return .refusal(refusal)
    default: return .refusal(Refusal(.internalFault, "\(error)"))
    }
  }

  private static func match(_ request: HTTPRequest) throws -> RouteMatch {
    do throws(RouteMatch.Miss) {
      return try RouteMatch(method: request.method, path: request.path)
    } catch {
      guard case .noPath = error else { throw error }
      throw Refusal(.notFound, "there is no \(request.method) \(request.path)")
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

  func watch(_ id: JobID, _ caller: PublicKey) async throws -> HTTPReply {
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
