import Cryptography
import Settlement

/// What is likely, and the bounds that it should stay within.
public struct Estimate: Hashable, Sendable, Codable {
  /// Not less than this, as far as the sample tells.
  public var low: UInt64
  /// Most likely.
  public var likely: UInt64
  /// Not more than this, as far as the sample tells.
  public var high: UInt64
  /// All fields.
  public init(low: UInt64, likely: UInt64, high: UInt64) {
    self.low = low
    self.likely = likely
    self.high = high
  }
}

/// `POST /v1/quotes`: what would this job cost, and when would it be done? Signed by `terms.submitter`.
public struct QuoteRequest: Hashable, Sendable, Codable {
  /// What to render; `capPerTile` is the quote's to name, whatever it is here.
  public var terms: JobTerms
  /// The bundle; its digest is `terms.bundle`. Every blob must have been uploaded.
  public var manifest: BundleManifest
  /// Refuse (`budgetTooLow`) when it may cost more; nil for any price.
  public var budget: Microcredits?
  /// Refuse (`deadlineTooSoon`) when it may be done later, milliseconds since 1970; nil for any time.
  public var deadlineMS: UInt64?
  /// All fields.
  public init(
    terms: JobTerms, manifest: BundleManifest, budget: Microcredits? = nil, deadlineMS: UInt64? = nil
  ) {
    self.terms = terms
    self.manifest = manifest
    self.budget = budget
    self.deadlineMS = deadlineMS
  }
}

/// What a job will cost, from pixels of it that the farm rendered; signed by the coordinator. A job that is
/// submitted under the terms that it names needs `price.high` reserved instead of the worst case.
public struct Quote: Hashable, Sendable, Codable {
  /// The job it is for: the terms asked about, with `capPerTile` set to this quote's.
  public var job: JobID
  /// Rays of all tiles.
  public var work: Estimate
  /// What is billed for them, microcredits, fees included.
  public var price: Estimate
  /// Most that one tile may cost, fees not included.
  public var capPerTile: Microcredits
  /// What to reserve: `price.high`, and room for some tiles at their cap to be in work at once.
  public var reservation: Microcredits
  /// From submission to the last tile, milliseconds; nil while no worker is online.
  public var durationMS: Estimate?
  /// Workers online when it was made.
  public var workersOnline: UInt32
  /// Frames of which pixels were rendered.
  public var framesSampled: UInt32
  /// Pixels that were rendered.
  public var pixelsSampled: UInt32
  /// When it was made, milliseconds since 1970.
  public var issuedMS: UInt64
  /// How long a job may be submitted under it.
  public var validUntilMS: UInt64

  /// All fields, in the order of their declaration.
  public init(
    job: JobID, work: Estimate, price: Estimate, capPerTile: Microcredits, reservation: Microcredits,
    durationMS: Estimate?, workersOnline: UInt32, framesSampled: UInt32, pixelsSampled: UInt32,
    issuedMS: UInt64, validUntilMS: UInt64
  ) {
    self.job = job
    self.work = work
    self.price = price
    self.capPerTile = capPerTile
    self.reservation = reservation
    self.durationMS = durationMS
    self.workersOnline = workersOnline
    self.framesSampled = framesSampled
    self.pixelsSampled = pixelsSampled
    self.issuedMS = issuedMS
    self.validUntilMS = validUntilMS
  }
}

extension Quote: CanonicalRecord {
  /// Domain `farm/quote/v1`.
  public static let canonicalType = "quote"

  /// Appends every field in order; a duration that is not known as three zeros.
  public func encode(into writer: inout CanonicalWriter) {
    writer.write(job.digest)
    for estimate in [work, price, durationMS ?? Quote.unknown] {
      for value in [estimate.low, estimate.likely, estimate.high] { writer.write(value) }
    }
    writer.write(capPerTile.value)
    writer.write(reservation.value)
    for count in [workersOnline, framesSampled, pixelsSampled] { writer.write(count) }
    writer.write(issuedMS)
    writer.write(validUntilMS)
  }

  /// Reads every field in order.
  public init(from reader: inout CanonicalReader) throws(CanonicalError) {
    job = JobID(try reader.readDigest())
    work = try Quote.readEstimate(from: &reader)
    price = try Quote.readEstimate(from: &reader)
    let duration = try Quote.readEstimate(from: &reader)
    durationMS = duration == Quote.unknown ? nil : duration
    capPerTile = Microcredits(try reader.read())
    reservation = Microcredits(try reader.read())
    workersOnline = try reader.read()
    framesSampled = try reader.read()
    pixelsSampled = try reader.read()
    issuedMS = try reader.read()
    validUntilMS = try reader.read()
  }

  private static let unknown = Estimate(low: 0, likely: 0, high: 0)

  private static func readEstimate(
    from reader: inout CanonicalReader
  ) throws(CanonicalError) -> Estimate {
    Estimate(low: try reader.read(), likely: try reader.read(), high: try reader.read())
  }
}

extension Routes {
  /// `POST` `QuoteRequest`: `Signed<Quote>`.
  public static let quotes = "/v1/quotes"
}
