import Cryptography
import Settlement

/// `POST /v1/jobs`: the terms, the bundle they name and the most it may cost. Signed by `terms.submitter`.
public struct SubmitRequest: Hashable, Sendable, Codable {
  /// What to render and at which price.
  public var terms: JobTerms
  /// The bundle; its digest is `terms.bundle`. Every blob must have been uploaded.
  public var manifest: BundleManifest
  /// Reserved from the submitter's account before the first lease; what is not spent comes back.
  public var budget: Microcredits
  /// When it should be done, milliseconds since 1970; nil for whenever.
  public var deadlineMS: UInt64?
  /// Which of the submitter's own jobs goes first: the higher one. Nil is `Limits.priorityDefault`.
  public var priority: Int?
  /// All fields.
  public init(
    terms: JobTerms, manifest: BundleManifest, budget: Microcredits, deadlineMS: UInt64? = nil,
    priority: Int? = nil
  ) {
    self.terms = terms
    self.manifest = manifest
    self.budget = budget
    self.deadlineMS = deadlineMS
    self.priority = priority
  }
}

/// Where a job stands.
public enum JobState: String, Hashable, Sendable, Codable, CaseIterable {
  /// Tiles are being rendered or wait for workers.
  case running
  /// Nothing more is given out until its submitter resumes it; what is in work is taken and paid. With a
  /// reason it was the farm that paused it: a tile failed too often.
  case paused
  /// Every frame is assembled from verified tiles.
  case completed
  /// Ended by its submitter; verified tiles stay paid.
  case cancelled
  /// Stopped by the farm; `JobStatus.reason` says why.
  case failed

  /// Whether it has come to its end, one way or the other.
  public var isOver: Bool { self != .running && self != .paused }
}

/// `GET /v1/jobs/JOB` and each `status` event of `GET /v1/jobs/JOB/events`.
public struct JobStatus: Hashable, Sendable, Codable {
  /// The job's name.
  public var id: JobID
  /// Where it stands.
  public var state: JobState
  /// Why it failed, or why the farm paused it; empty otherwise.
  public var reason: String
  /// What was agreed.
  public var terms: JobTerms
  /// Milliseconds since 1970.
  public var submittedMS: UInt64
  /// Tiles of all frames.
  public var tileCount: Int
  /// Tiles in the hands of workers.
  public var tilesLeased: Int
  /// Tiles returned, not yet verified.
  public var tilesPending: Int
  /// Tiles found right: paid, and placed in their frames.
  public var tilesVerified: Int
  /// How often a returned tile was found wrong, over the whole job.
  public var tilesVoided: Int
  /// Numbers of frames that can be fetched, ascending.
  public var framesDone: [UInt32]
  /// Reserved for the job.
  public var budget: Microcredits
  /// Paid so far, fees included.
  public var spent: Microcredits
  /// Rays in verified tiles.
  public var work: UInt64
  /// Rays traced to check them.
  public var probeWork: UInt64
  /// The quote that it was submitted under; nil for one that reserved its worst case.
  public var quote: Quote?
  /// When it should be done, milliseconds since 1970; nil for whenever.
  public var deadlineMS: UInt64?
  /// Which of its submitter's jobs goes first; nil is `Limits.priorityDefault`.
  public var priority: Int?
  /// Memory that a worker needs for it, bytes: measured by the farm's own renderer, before that an estimate.
  public var memoryBytes: UInt64?
  /// Why no worker that is online takes its tiles; nil while one does or none is online.
  public var waiting: String?
  /// Frames that can be seen before they are done, ascending; nil for a job without passes.
  public var previews: [FramePreview]?

  /// All fields, in the order of their declaration.
  public init(
    id: JobID, state: JobState, reason: String, terms: JobTerms, submittedMS: UInt64, tileCount: Int,
    tilesLeased: Int, tilesPending: Int, tilesVerified: Int, tilesVoided: Int, framesDone: [UInt32],
    budget: Microcredits, spent: Microcredits, work: UInt64, probeWork: UInt64, quote: Quote? = nil,
    deadlineMS: UInt64? = nil, priority: Int? = nil, memoryBytes: UInt64? = nil, waiting: String? = nil,
    previews: [FramePreview]? = nil
  ) {
    self.id = id
    self.state = state
    self.reason = reason
    self.terms = terms
    self.submittedMS = submittedMS
    self.tileCount = tileCount
    self.tilesLeased = tilesLeased
    self.tilesPending = tilesPending
    self.tilesVerified = tilesVerified
    self.tilesVoided = tilesVoided
    self.framesDone = framesDone
    self.budget = budget
    self.spent = spent
    self.work = work
    self.probeWork = probeWork
    self.quote = quote
    self.deadlineMS = deadlineMS
    self.priority = priority
    self.memoryBytes = memoryBytes
    self.waiting = waiting
    self.previews = previews
  }
}

/// A frame of which the first passes are verified, as it looks by then.
public struct FramePreview: Hashable, Sendable, Codable {
  /// The frame's number.
  public var frame: UInt32
  /// Samples of a pixel in it.
  public var samples: UInt32
  /// Both.
  public init(frame: UInt32, samples: UInt32) {
    self.frame = frame
    self.samples = samples
  }
}

extension JobStatus {
  /// Whether nothing goes on until somebody does something about a tile that failed too often.
  public var isHeld: Bool { state == .paused && !reason.isEmpty }
}

/// `POST /v1/jobs/JOB/requeue`: tiles that failed may be tried again by everyone, and the job goes on.
public struct RequeueRequest: Hashable, Sendable, Codable {
  /// Of this frame only; nil for all.
  public var frame: UInt32?
  /// Of a frame, or of all.
  public init(frame: UInt32? = nil) { self.frame = frame }
}

/// `GET /v1/jobs`: the caller's jobs, newest first (the operator sees all).
public struct JobList: Hashable, Sendable, Codable {
  /// Newest first.
  public var jobs: [JobStatus]
  /// A list.
  public init(jobs: [JobStatus]) { self.jobs = jobs }
}
