import FarmProtocol
import Settlement

extension RouteRow {
  /// The table: every route has one row.
  package static let table: [Route: RouteRow] = Dictionary(
    uniqueKeysWithValues: (open + blobs + jobs + workers + accounts + operation).map { ($0.route, $0) })

  private static let open = [
    RouteRow(
      .health, "GET", Routes.health, "Whether the coordinator serves.", .everyone,
      answer: .bytes("text/plain; charset=utf-8")),
    RouteRow(
      .ready, "GET", Routes.ready, "Whether new work is taken; if not, why.", .everyone,
      answer: .bytes("text/plain; charset=utf-8")),
    RouteRow(
      .metrics, "GET", Routes.metrics, "Numbers for Prometheus.", .everyone,
      answer: .bytes(MetricsText.type)),
    RouteRow(
      .openAPI, "GET", Routes.openAPI, "This description (OpenAPI 3.1).", .everyone, answer: .openAPI),
    RouteRow(
      .farm, "GET", Routes.farm, "What anyone may know about the farm.", .everyone,
      answer: .json(FarmInfo.self)),
    RouteRow(
      .logFile, "GET", "\(Routes.log)/{path}",
      "A file of the public log (C2SP tlog-tiles): checkpoint, vkey, tile/...", .everyone,
      answer: .bytes("application/octet-stream", or: "text/plain; charset=utf-8"), refusals: [.notFound]),
  ]

  private static let blobs = [
    RouteRow(
      .missingBlobs, "POST", Routes.missingBlobs, "Which of these blobs the farm lacks.", .submitters,
      body: .json(BlobList.self), bodyBytesMax: Limits.jsonBytesMax, answer: .json(BlobList.self)),
    RouteRow(
      .putBlob, "PUT", "/v1/blobs/{digest}", "Uploads a file under its SHA-256.", .submitters,
      body: .bytes("application/octet-stream"), bodyBytesMax: Limits.blobBytesMax,
      answer: .json(BlobList.self), status: 201),
    RouteRow(
      .putBatch, "POST", Routes.blobs, "Uploads many small files at once; their digests, in order.",
      .submitters, body: .bytes("application/octet-stream"), bodyBytesMax: Limits.pieceBytesMax,
      answer: .json(BlobList.self), status: 201),
    RouteRow(
      .uploadStatus, "GET", "/v1/blobs/{digest}/parts", "How far an upload in pieces has come.", .submitters,
      answer: .json(UploadStatus.self)),
    RouteRow(
      .putPiece, "POST", "/v1/blobs/{digest}/parts/{offset}/{size}",
      "Uploads the piece that starts at a byte of a file of that size.", .submitters,
      body: .bytes("application/octet-stream"), bodyBytesMax: Limits.pieceBytesMax,
      answer: .json(UploadStatus.self), refusals: [.conflict]),
    RouteRow(
      .getBlob, "GET", "/v1/blobs/{digest}", "A file.", .blobReaders,
      answer: .bytes("application/octet-stream"), refusals: [.blobMissing]),
  ]

  private static let jobs = [
    RouteRow(
      .quoteJob, "POST", Routes.quotes, "What a job would cost and when it would be done.", .submitters,
      body: .json(QuoteRequest.self), bodyBytesMax: Limits.jsonBytesMax,
      answer: .json(Signed<Quote>.self),
      refusals: [
        .bundleInvalid, .sceneInvalid, .budgetTooLow, .deadlineTooSoon, .blobMissing, .kernelMismatch,
      ],
      cost: Limits.submissionCost),
    RouteRow(
      .submitJob, "POST", Routes.jobs, "Hands in a job whose blobs are all uploaded.", .submitters,
      body: .json(SubmitRequest.self), bodyBytesMax: Limits.jsonBytesMax, answer: .json(JobStatus.self),
      status: 201,
      refusals: [
        .bundleInvalid, .sceneInvalid, .insufficientFunds, .budgetTooLow, .blobMissing, .kernelMismatch,
      ],
      cost: Limits.submissionCost),
    RouteRow(
      .listJobs, "GET", Routes.jobs, "The caller's jobs, newest first; all of them for the operator.",
      .readers, answer: .json(JobList.self)),
    RouteRow(
      .job, "GET", "\(Routes.jobs)/{job}", "Where a job stands.", .readers, answer: .json(JobStatus.self),
      refusals: [.notFound]),
    RouteRow(
      .pauseJob, "POST", "\(Routes.jobs)/{job}/pause", "Gives out nothing more until it is resumed.",
      .submitters, answer: .json(JobStatus.self), refusals: [.notFound, .conflict]),
    RouteRow(
      .resumeJob, "POST", "\(Routes.jobs)/{job}/resume", "Lets a paused job go on.", .submitters,
      answer: .json(JobStatus.self), refusals: [.notFound, .conflict]),
    RouteRow(
      .requeueJob, "POST", "\(Routes.jobs)/{job}/requeue",
      "Lets everyone try again what failed, and the job go on.", .submitters,
      body: .json(RequeueRequest.self), bodyBytesMax: Limits.smallMessageBytesMax,
      answer: .json(JobStatus.self), refusals: [.notFound, .conflict]),
    RouteRow(
      .cancelJob, "POST", "\(Routes.jobs)/{job}/cancel", "Ends a job; verified tiles stay paid.",
      .submitters, answer: .json(JobStatus.self), refusals: [.notFound]),
    RouteRow(
      .jobEvents, "GET", "\(Routes.jobs)/{job}/events",
      "Follows a job: an event `status`, at once and at every change.", .readers,
      answer: .events(JobStatus.self), refusals: [.notFound]),
    RouteRow(
      .frame, "GET", "\(Routes.jobs)/{job}/frames/{file}", "A finished frame: `12.exr` or `12.png`.",
      .readers, answer: .bytes("image/x-exr", or: "image/png"), refusals: [.notFound]),
    RouteRow(
      .preview, "GET", "\(Routes.jobs)/{job}/previews/{file}",
      "A frame before it is finished, of the passes that are verified: `12.exr` or `12.png`.", .readers,
      answer: .bytes("image/x-exr", or: "image/png"), refusals: [.notFound]),
  ]

  private static let workers = [
    RouteRow(
      .join, "POST", Routes.workers, "A worker joins, or comes back.", .joiners,
      body: .json(JoinRequest.self), bodyBytesMax: Limits.smallMessageBytesMax,
      answer: .json(JoinReply.self), refusals: [.unsupportedVersion, .banned, .kernelMismatch]),
    RouteRow(
      .lease, "POST", Routes.leases, "Asks for work.", [.worker], body: .json(LeaseRequest.self),
      bodyBytesMax: Limits.smallMessageBytesMax, answer: .json(LeaseReply.self),
      refusals: [.notFound, .banned]),
    RouteRow(
      .heartbeat, "POST", Routes.heartbeats, "Says that the worker is alive and holds these leases.",
      [.worker], body: .json(Heartbeat.self), bodyBytesMax: Limits.smallMessageBytesMax,
      answer: .json(HeartbeatReply.self), refusals: [.notFound, .banned]),
    RouteRow(
      .result, "POST", Routes.results, "Delivers a tile; the receipt means that it is durable.", [.worker],
      body: .bytes("application/octet-stream"), bodyBytesMax: Limits.resultBytesMax,
      answer: .json(ResultReceipt.self),
      refusals: [
        .notFound, .banned, .staleLease, .wrongAssignment, .conflict, .fragmentInvalid, .commitmentMismatch,
      ]),
  ]

  private static let accounts = [
    RouteRow(
      .account, "GET", Routes.account, "The caller's balances and movements.", .readers,
      answer: .json(AccountStatement.self)),
    RouteRow(
      .listTokens, "GET", Routes.tokens, "The caller's bearer tokens, without their secrets.", .keys,
      answer: .json(TokenList.self)),
    RouteRow(
      .createToken, "POST", Routes.tokens, "Makes a bearer token known by its hash.", .keys,
      body: .json(TokenRequest.self), bodyBytesMax: Limits.smallMessageBytesMax,
      answer: .json(TokenList.self), status: 201, refusals: [.conflict], cost: Limits.tokenCost),
    RouteRow(
      .revokeToken, "DELETE", "\(Routes.tokens)/{digest}", "Ends a bearer token.", .keys,
      answer: .json(TokenList.self), refusals: [.notFound], cost: Limits.tokenCost),
  ]

  private static let operation = [
    RouteRow(
      .deposit, "POST", Routes.deposits, "Credits an account.", [.operator],
      body: .json(DepositRequest.self), bodyBytesMax: Limits.smallMessageBytesMax,
      answer: .json(AccountStatement.self), refusals: [.conflict]),
    RouteRow(
      .ban, "POST", Routes.bans, "Gives a worker's key no more work.", [.operator],
      body: .json(BanRequest.self), bodyBytesMax: Limits.smallMessageBytesMax,
      answer: .json(BanRequest.self)),
  ]
}
