import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement

/// The farm: decides who renders what, judges what comes back, pays for what is right. It never renders.
///
/// Decisions are made by pure values (`LeaseBook`, `Books`); this actor performs them, on a thread of its
/// own. A change is durable as a whole, with others that were made meanwhile. When the store fails, the
/// coordinator stops deciding (every call is refused as `internalFault`) and has to be started again: memory
/// may be ahead of the disk, and the disk is right. When the disk is full it waits for room (`busy`), then
/// reads everything back.
public actor FarmCoordinator {
  /// What a coordinator is started with.
  public struct Configuration: Sendable {
    /// The data folder.
    public var root: String
    /// Price of a ray for new jobs.
    public var pricePerRay: Microcredits
    /// Digest of the kernel sources every worker must have.
    public var kernelSet: Digest
    /// Milliseconds since 1970.
    public var nowMS: @Sendable () -> UInt64
    /// Room on the file system of the data folder, bytes.
    package var freeBytes: @Sendable () -> UInt64
    /// Most bytes of scene files and fragments, together.
    public var quotaBytes = UInt64.max
    /// Called at each step of a durable change.
    package var step: StepProbe = { _ in }
    /// So many bytes that nobody can guess: the secrets of epochs.
    package var secret: @Sendable (_ count: Int) -> [UInt8] = { randomBytes(count: $0) }

    /// The system's clock unless told otherwise.
    public init(
      root: String, pricePerRay: Microcredits, kernelSet: Digest,
      nowMS: @escaping @Sendable () -> UInt64 = FarmCoordinator.systemNowMS
    ) {
      self.root = root
      self.pricePerRay = pricePerRay
      self.kernelSet = kernelSet
      self.nowMS = nowMS
      freeBytes = { FarmCoordinator.freeBytes(at: root) }
    }
  }

  /// The three keys of a farm.
  package struct Keys: Sendable {
    package let coordinator: SigningKey
    package let verifier: SigningKey
    package let `operator`: PublicKey
  }

  /// Milliseconds since 1970 by the system's clock.
  public static let systemNowMS: @Sendable () -> UInt64 = { UInt64(Date().timeIntervalSince1970 * 1_000) }

  private nonisolated let executor: ThreadExecutor
  /// The thread that this actor lives on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let folder: DataFolder
  /// The data folder's absolute path.
  nonisolated let root: String
  nonisolated let configuration: Configuration
  package nonisolated let keys: Keys
  package nonisolated let blobs: BlobStore
  package nonisolated let uploads: UploadDesk
  nonisolated let frames: FrameFiles
  package nonisolated let logFiles: LogFiles
  let store: Store
  let verifier: (any ProbeRendering)?
  /// Renders pixels for quotes; nil when this farm makes none.
  nonisolated let quoter: (any ProbeRendering)?

  var treasury: Treasury
  var book: LeaseBook
  var jobs: [JobID: JobRecord]
  var workerNames: [PublicKey: String]
  /// Keys that have joined as workers.
  package var workerKeys: Set<PublicKey> { Set(workerNames.keys) }
  package var tokens: TokenBook
  /// Of the open epoch; told to nobody before it is closed.
  var epochSecret: [UInt8]
  /// Frames and previews that are written or could be.
  var board: FrameBoard
  var publishedSize: UInt64
  /// Frames that the verifier could not render lately.
  var unready = UnreadyFrames()
  /// Bytes of all blobs when it was last looked, and when that was.
  var storedBytes: UInt64 = 0
  var collectedMS: UInt64 = 0
  /// Jobs whose fragments in the store were deleted.
  var rowsDeleted: Set<JobID> = []
  /// Quotes being made.
  var quotesOpen = 0
  var subscribers: [JobID: [ObjectIdentifier: any StatusSink]] = [:]
  /// Why nothing is decided; nil while all is well.
  var fault: Fault?
  /// Who waits for the open transaction to be on disk; they are told nil, or why it is not.
  var waiting: [CheckedContinuation<Refusal?, Never>] = []
  /// Set by `stop`: no new work is accepted.
  var isStopping = false
  private var sleepers: [CheckedContinuation<Void, Never>] = []

  /// Opens or makes the farm in the data folder: locks it, reads the log from zero, puts back jobs and
  /// leases, opens an epoch if none is open. Throws `DataFolderError`, `StoreDamage`, `SQLiteError`,
  /// `FileFault`.
  package init(
    _ configuration: Configuration, verifier: (any ProbeRendering)?, quoter: (any ProbeRendering)? = nil
  ) throws {
    let folder = try DataFolder(root: configuration.root)
    let root = try FarmCoordinator.absolutePath(folder.root)
    let keys = Keys(
      coordinator: try folder.key("coordinator"), verifier: try folder.key("verifier"),
      operator: try folder.key("operator").publicKey)
    let store = try Store(path: "\(root)/farm.sqlite", step: configuration.step)
    let logFiles = try LogFiles(root: "\(root)/log", key: keys.coordinator)
    let frames = try FrameFiles(root: "\(root)/frames")
    let opened = try Opening(
      store, frames: frames, logFiles: logFiles, verifier: keys.verifier.publicKey,
      nowMS: configuration.nowMS(), secret: configuration.secret)

    executor = ThreadExecutor(name: "coordinator")
    self.folder = folder
    self.root = root
    self.configuration = configuration
    self.keys = keys
    self.store = store
    self.verifier = verifier
    self.quoter = quoter
    let blobs = try BlobStore(root: "\(root)/blobs")
    self.blobs = blobs
    uploads = try UploadDesk(root: "\(root)/uploads", blobs: blobs)
    board = opened.board
    publishedSize = opened.publishedSize
    self.frames = frames
    self.logFiles = logFiles
    treasury = opened.treasury
    book = opened.book
    jobs = opened.jobs
    workerNames = opened.workerNames
    epochSecret = opened.epochSecret
    tokens = opened.tokens
  }

  deinit { executor.stop() }

  private static func absolutePath(_ path: String) throws -> String {
    guard let resolved = realpath(path, nil) else { throw FileFault(what: "resolve", path: path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  var nowMS: UInt64 { configuration.nowMS() }

  // MARK: Waking the background work

  /// There is something to verify, assemble or publish.
  func wake() {
    for sleeper in sleepers { sleeper.resume() }
    sleepers = []
  }

  /// Waits for `wake`, at most so long.
  func sleep(atMostMS: UInt64) async {
    guard !isStopping else { return }
    let alarm = Task {
      try await Task.sleep(for: .milliseconds(atMostMS))
      self.wake()
    }
    await withCheckedContinuation { sleepers.append($0) }
    alarm.cancel()
  }
}
