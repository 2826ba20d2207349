import FarmProtocol

/// Every request that the farm answers. What each is, who may make it and what goes in and out stands in one
/// table, `RouteRow.table`; `GET /openapi.json` is written from it.
package enum Route: String, Hashable, Sendable, CaseIterable {
  case health, ready, metrics, openAPI, farm, logFile
  case missingBlobs, putBlob, putBatch, uploadStatus, putPiece, getBlob
  case quoteJob, submitJob, listJobs, job, pauseJob, resumeJob, requeueJob, cancelJob, jobEvents, frame,
    preview
  case join, lease, heartbeat, result
  case account, listTokens, createToken, revokeToken
  case deposit, ban

  /// Its row.
  package var row: RouteRow {
    guard let row = RouteRow.table[self] else { preconditionFailure("route \(rawValue) has no row") }
    return row
  }
}

/// What stands in the body of a request or an answer.
package enum Content: Sendable {
  case nothing
  /// A message.
  case json(any (Decodable & Sendable).Type)
  /// Bytes of a media type, or of either of two.
  case bytes(String, or: String? = nil)
  /// Server-sent events whose data are such messages.
  case events(any (Decodable & Sendable).Type)
  /// The description of this interface.
  case openAPI
}

/// A route's line in the table.
package struct RouteRow: Sendable {
  /// The route.
  package let route: Route
  /// `GET` and so on.
  package let method: String
  /// The path, with `{parameters}` in it; see `PathParameter`.
  package let path: String
  /// One line for people.
  package let summary: String
  /// Who may.
  package let access: Set<Role>
  /// What it is sent.
  package let body: Content
  /// Most bytes of its body.
  package let bodyBytesMax: Int
  /// What it answers.
  package let answer: Content
  /// The status of that answer.
  package let status: Int
  /// Reasons for a "no", beside those that any route of its kind has.
  package let refusals: Set<Refusal.Code>
  /// What it costs of a key's and an address's rate.
  package let cost: UInt64

  init(
    _ route: Route, _ method: String, _ path: String, _ summary: String, _ access: Set<Role>,
    body: Content = .nothing, bodyBytesMax: Int = 0, answer: Content, status: Int = 200,
    refusals: Set<Refusal.Code> = [], cost: UInt64 = 1
  ) {
    self.route = route
    self.method = method
    self.path = path
    self.summary = summary
    self.access = access
    self.body = body
    self.bodyBytesMax = bodyBytesMax
    self.answer = answer
    self.status = status
    self.refusals = refusals
    self.cost = cost
  }

  /// Every reason for a "no" that this route may give.
  package var allRefusals: Set<Refusal.Code> {
    var codes = refusals.union([.rateLimited, .busy, .internalFault, .badRequest])
    if bodyBytesMax > 0 || !access.contains(.anyone) { codes.insert(.tooLarge) }
    if path.contains("{") { codes.insert(.notFound) }
    guard !access.contains(.anyone) else { return codes }
    codes.formUnion([.unauthorized, .wrongSignature, .requestTooOld, .replayed, .forbidden])
    return codes
  }
}
