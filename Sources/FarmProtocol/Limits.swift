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
  /// Most samples of a pixel.
  public static let samplesPerPixelMax = 65_536
  /// Most scattering events of a path.
  public static let maxDepthMax = 64
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
  /// What the store's write-ahead log is cut back to when nobody reads it.
  public static let walBytesMax = 64 << 20

  /// A fragment: 12 bytes a pixel before compression, and room for PNG framing.
  public static let fragmentBytesMax = tileSidePXMax * tileSidePXMax * 12 + (64 << 10)
  /// A result: a signed commitment and a fragment.
  public static let resultBytesMax = fragmentBytesMax + (4 << 10)

  /// Most tiles of a lease.
  public static let leaseTilesMax = 64
  /// How much of a worker's time a lease should take.
  public static let leaseTargetMS: UInt64 = 10_000
  /// How long a lease runs; heartbeats extend it.
  public static let leaseMS: UInt64 = 60_000
  /// How often a worker with a lease says that it is alive.
  public static let heartbeatMS: UInt64 = 4_000
  /// A worker silent for so long has lost its leases (a LAN's 16 s: four heartbeats).
  public static let workerSilenceMS: UInt64 = 16_000
  /// How often a tile is given out before its job fails.
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

  /// Nonces remembered to refuse replays; when full, requests are refused as `busy` until some have aged.
  public static let noncesMax = 1 << 20
  /// A header field's value in a signed request.
  public static let headerBytesMax = 8 << 10
  /// A JSON frame of the renderer's pipe.
  public static let rendererJSONBytesMax = 64 << 20

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
}
