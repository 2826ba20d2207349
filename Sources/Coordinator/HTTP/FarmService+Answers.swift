import Cryptography
import Durability
import FarmProtocol
import Settlement
import Transport

/// What each route does. Who may ask has been decided: see `RouteRow.table`.
extension FarmService {
  /// Routes that are open to all.
  func open(_ match: RouteMatch) async throws -> HTTPReply {
    switch match.route {
    case .health:
      let fault = await coordinator.faultReason
      return .text(fault.map { "stopped: \($0)\n" } ?? "ok\n", status: fault == nil ? 200 : 500)
    case .ready:
      let reasons = await coordinator.readiness().reasons
      guard reasons.isEmpty else { throw Refusal(.busy, reasons.joined(separator: "; ")) }
      return .text("ready\n")
    case .metrics:
      return .bytes(status: 200, type: MetricsText.type, Array(try await coordinator.metrics().utf8))
    case .openAPI:
      return .bytes(status: 200, type: "application/json", try OpenAPI.document())
    case .farm: return .json(await coordinator.farmInfo())
    case .logFile:
      guard let file = coordinator.logFiles.file(at: match.path), DurableFile.byteCount(file) != nil else {
        throw Refusal(.notFound, "the log has no file \"\(match.path)\"")
      }
      let isText = match.path == "checkpoint" || match.path == "vkey"
      return .file(path: file, type: isText ? "text/plain; charset=utf-8" : "application/octet-stream")
    default: preconditionFailure("\(match.route) is not open")
    }
  }

  /// Routes for callers who said who they are.
  func answer(_ match: RouteMatch, _ request: HTTPRequest, _ caller: PublicKey) async throws -> HTTPReply {
    let status = match.route.row.status
    switch match.route {
    case .missingBlobs, .putBlob, .putBatch, .uploadStatus, .putPiece, .getBlob:
      return try await blob(match, request, caller)
    case .quoteJob, .pauseJob, .resumeJob, .requeueJob: return try await change(match, request, caller)
    case .submitJob:
      return .json(
        try await coordinator.submit(message(in: request), from: caller, checkedBy: sceneCheck),
        status: status)
    case .listJobs: return .json(try await coordinator.jobList(for: caller))
    case .job: return .json(try await coordinator.status(of: match.job, for: caller))
    case .cancelJob: return .json(try await coordinator.cancel(match.job, by: caller))
    case .jobEvents: return try await watch(match.job, caller)
    case .frame, .preview:
      let (number, format) = (match.frame.number, match.frame.format)
      let path = try await coordinator.framePath(
        match.job, number, format: format.rawValue, isPreview: match.route == .preview, for: caller)
      return .file(path: path, type: format.type)
    case .join:
      let reply = try await coordinator.join(message(in: request), as: caller)
      door.workerJoined(caller)
      return .json(reply)
    case .lease: return .json(try await coordinator.lease(message(in: request), for: caller))
    case .heartbeat: return .json(try await coordinator.heartbeat(message(in: request), from: caller))
    case .result: return .json(try await coordinator.accept(bytes(of: request), from: caller))
    case .account: return .json(try await coordinator.statement(of: caller))
    case .listTokens, .createToken, .revokeToken: return try await token(match, request, caller)
    case .deposit: return .json(try await coordinator.deposit(message(in: request)))
    case .ban:
      let ban: BanRequest = try message(in: request)
      try await coordinator.ban(ban.key)
      return .json(ban)
    case .health, .ready, .metrics, .openAPI, .farm, .logFile: return try await open(match)
    }
  }

  /// A job before it is one, and one that stops for a while.
  private func change(_ match: RouteMatch, _ request: HTTPRequest, _ caller: PublicKey) async throws
    -> HTTPReply
  {
    switch match.route {
    case .quoteJob:
      return .json(try await coordinator.quote(message(in: request), from: caller, checkedBy: sceneCheck))
    case .pauseJob: return .json(try await coordinator.pause(match.job, by: caller))
    case .requeueJob:
      return .json(try await coordinator.requeue(match.job, message(in: request), by: caller))
    default: return .json(try await coordinator.resume(match.job, by: caller))
    }
  }

  private func token(_ match: RouteMatch, _ request: HTTPRequest, _ caller: PublicKey) async throws
    -> HTTPReply
  {
    switch match.route {
    case .createToken: door.tokensChanged(try await coordinator.add(message(in: request), of: caller))
    case .revokeToken: door.tokensChanged(try await coordinator.revokeToken(match.digest, of: caller))
    default: break
    }
    let list = door.tokens(of: caller, nowMS: coordinator.configuration.nowMS())
    return .json(list, status: match.route.row.status)
  }
}
