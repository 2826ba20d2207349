/// Every bound on what comes from outside, in one place. A decoder checks before it allocates.
public enum Limits {
  /// Version of the wire; a message of another version is refused.
  public static let protocolVersion = 1

  /// Widest and highest image, pixels.
  public static let imageSidePXMax = 16_384
  /// Smallest tile side, pixels.
  public static let tileSidePXMin = 8
  /// Largest tile side, pixels.
  public static let tileSidePXMax = 512
  /// Largest tile side of a job in passes: exact sums take up to nine times the bytes.
  public static let passTileSidePXMax = 256
  /// Most samples of a pixel.
  public static let samplesPerPixelMax = 65_536
  /// Most scattering events of a path.
  public static let maxDepthMax = 64
  /// Largest exposure of PNG files, stops, either way.
  public static let exposureEVMax: Float = 20
  /// Smallest aperture radius (other than 0) and focus distance, metres.
  public static let lensMetresMin: Float = 1e-6
  /// Largest aperture radius and focus distance, metres.
  public static let lensMetresMax: Float = 1e6
  /// Most frames of a job.
  public static let framesMax = 100_000
  /// Most tiles of a job, over all its frames.
  public static let tilesPerJobMax = 1_000_000
  /// Fastest animation clock.
  public static let framesPerSecondMax = 1_000

  /// A JSON message.
  public static let jsonBytesMax = 4 << 20
  /// A file of a bundle.
  public static let blobBytesMax = 1 << 30
  /// Most bytes of a piece of an upload, and of many small files in one.
  public static let pieceBytesMax = 4 << 20
  /// Most files in one upload of many.
  public static let batchBlobsMax = 4_096
  /// Most files of a bundle.
  public static let bundleFilesMax = 20_000
  /// All files of a bundle together.
  public static let bundleBytesMax = 8 << 30
  /// A path in a bundle, UTF-8.
  public static let pathBytesMax = 512
  /// A worker's name, UTF-8.
  public static let nameBytesMax = 64
  /// A worker's reason for giving a lease back, UTF-8.
  public static let reasonBytesMax = 256

  /// Room on the coordinator's disk below which it takes no new work: for results of leases that are out.
  public static let diskReserveBytes: UInt64 = 256 << 20
  /// Fragments up to this lie in the store, flushed with the rest of their batch; larger ones are files.
  public static let fragmentRowBytesMax = 32 << 10
  /// What the store's write-ahead log is cut back to when nobody reads it.
  public static let walBytesMax = 64 << 20

  /// A fragment: 12 bytes a pixel and 32 of layers before compression, and room for PNG framing. A pass has
  /// at most 104 a pixel, of which there are a quarter as many.
  public static let fragmentBytesMax = tileSidePXMax * tileSidePXMax * (12 + 32) + (128 << 10)
  /// A result: a signed commitment and a fragment.
  public static let resultBytesMax = fragmentBytesMax + (4 << 10)

  /// Most tiles of a lease.
  public static let leaseTilesMax = 64
  /// How much of a worker's time a lease should take.
  public static let leaseTargetMS: UInt64 = 10_000
  /// Devices of one worker that lease.
  public static let devicesPerWorkerMax = 64
  /// Memory that a job of unknown need is taken to need, bytes, and as many times its files' size.
  public static let memoryEstimate: (bytes: UInt64, timesFiles: UInt64) = (512 << 20, 16)
  /// How long a lease runs; heartbeats extend it.
  public static let leaseMS: UInt64 = 60_000
  /// How often a worker with a lease says that it is alive.
  public static let heartbeatMS: UInt64 = 3_800
  /// A worker silent for so long has lost its leases: four heartbeats, and with the half second between two
  /// looks at it its tiles wait again within 16 s.
  public static let workerSilenceMS: UInt64 = 15_400
  /// How often a tile may fail before its job is held.
  public static let tileAttemptsMax: UInt32 = 5

  /// Priorities of a submitter's jobs among themselves; the higher goes first.
  public static let priorities = 0...9
  /// The priority of a job that names none.
  public static let priorityDefault = 5

  /// Pixels rendered for a quote.
  public static let quotePixels = 8_192
  /// Frames of which they are, at most.
  public static let quoteFramesMax = 8
  /// Samples of each, at most: work grows with the samples in proportion.
  public static let quoteSamplesMax = 16
  /// How long a job may be submitted under a quote.
  public static let quoteValidMS: UInt64 = 3_600_000
  /// Quotes being made at a time, over all submitters; more are refused as `busy`.
  public static let quotesOpenMax = 8
  /// Tiles at their cap that a quote's reservation leaves room for beside the dearest bill.
  public static let quoteTilesInWork = 8

  /// A signed request may be this far from the server's clock, either way.
  public static let requestAgeMSMax: UInt64 = 300_000

  /// Most microcredits that a ray or a tile may be priced at: a job's dearest sum stays below `amountMax`.
  public static let tilePriceMax: Int64 = 1_000_000_000_000
  /// Most microcredits of one deposit or budget: a few of them still add up without overflow.
  public static let amountMax: Int64 = 1_000_000_000_000_000_000

  /// Nonces remembered to refuse replays, over all keys; when full, the key that has most forgets its oldest
  /// half, and requests that old are refused.
  public static let noncesMax = 1 << 20
  /// Nonces remembered of one key.
  public static let noncesPerKeyMax = 1 << 15
  /// Keys whose nonces are remembered; requests of further keys are refused as `busy`.
  public static let nonceKeysMax = 1 << 17
  /// A header field's value in a signed request.
  public static let headerBytesMax = 8 << 10
  /// A JSON frame of the renderer's pipe.
  public static let rendererJSONBytesMax = 64 << 20
  /// A line that a renderer says, or a word of its answers, as it is shown and stored.
  public static let rendererLineBytesMax = 1_024
  /// Lines that a renderer says in its life; the rest is dropped.
  public static let rendererLinesMax = 10_000
  /// Scene checks at a time; others wait.
  public static let sceneChecksMax = 4
  /// What a scene check answers.
  public static let sceneCheckBytesMax = 64 << 10

  /// Probes of a tile in proportion to its work; a quarter as many, rounded up, are drawn uniformly.
  public static let probesProbation = 256
  /// Probes of a tile of a worker that is known.
  public static let probesStandard = 32
  /// Verified tiles after which a worker is on probation no more.
  public static let probationTiles = 8
  /// Later verified tiles after which a tile's pay leaves holdback.
  public static let holdbackTiles = 16
  /// Time after which it leaves holdback anyway.
  public static let holdbackMS: UInt64 = 86_400_000
  /// Protocol fee, parts per thousand of a tile's price: two to the verifier, one to the coordinator.
  public static let verifierFeePerMille: Int64 = 20
  /// See `verifierFeePerMille`.
  public static let coordinatorFeePerMille: Int64 = 10

  // MARK: Requests

  /// What a key may spend on requests: each costs 1 unless its route says otherwise.
  public static let keyRate = Rate(perSecond: 500, burst: 5_000)
  /// What an address may spend: an IPv4 address, or the /64 of an IPv6 one.
  public static let addressRate = Rate(perSecond: 5_000, burst: 50_000)
  /// Credentials found wrong, of an address.
  public static let failureRate = Rate(perSecond: 1, burst: 60)
  /// Keys, and addresses, whose spending is remembered; beyond it newcomers share one account.
  public static let ratedMax = 1 << 17
  /// What a submission costs: the scene is read in a process of its own.
  public static let submissionCost: UInt64 = 100
  /// What a change of tokens costs.
  public static let tokenCost: UInt64 = 50

  /// Bearer tokens of an account.
  public static let tokensPerAccountMax = 64
  /// Longest life of a bearer token.
  public static let tokenLifeMSMax: UInt64 = 366 * 86_400_000

  // MARK: Connections

  /// A message that is not a list: joins, leases, heartbeats, deposits.
  public static let smallMessageBytesMax = 64 << 10
  /// A connection's memory for its headers; larger ones are answered 431 or 414.
  public static let connectionBytesMax = 16 << 10
  /// Connections at a time.
  public static let connectionsMax = 16_000
  /// Connections at a time of one address, IPv4 or IPv6 /64.
  public static let connectionsPerAddressMax = 2_000
  /// Time for a request's header block and, before the first, for the TLS handshake.
  public static let headerMSMax: UInt64 = 10_000
  /// Time between two requests on a connection, the second's header block included.
  public static let idleMSMax: UInt64 = 60_000
  /// A body or an answer may take this long, and a second more for each `bytesPerSecondMin`.
  public static let transferMS: UInt64 = 20_000
  /// See `transferMS`.
  public static let bytesPerSecondMin: UInt64 = 16 << 10
  /// How often an event stream without events gets a comment line.
  public static let streamHeartbeatMS: UInt64 = 10_000
  /// Bytes of events that may wait for a slow client before it loses its stream.
  public static let streamBytesMax = 1 << 20
  /// Bodies beyond this go to a file, once their sender is known to be one who may.
  public static let memoryBodyBytesMax = 256 << 10
  /// Bodies in memory, all together; what comes beyond goes to files at once.
  public static let memoryBodiesBytesMax = 256 << 20
  /// Bytes beyond its limit that a chunked body may bring before its connection is cut.
  public static let discardedBytesMax = 1 << 20
  /// A refusal's body, as a client takes it.
  public static let refusalBytesMax = 64 << 10
  /// A line of an event stream, as a client takes it.
  public static let eventLineBytesMax = 4 << 20
  /// How long a client waits in all when it is told to come back later, before it gives up.
  public static let patienceMSMax: UInt64 = 120_000
}
