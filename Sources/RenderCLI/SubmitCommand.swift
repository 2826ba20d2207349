import Cryptography
import FarmProtocol
import Foundation
import Imaging
import SceneModel
import Settlement
import Terminal
import Transport

/// `render submit`: a scene goes to the farm.
let submitCommand = Command(
  "submit", "Sends a scene to a farm and has it rendered.",
  positionals: [Positional("SCENE", "a .gltf or .glb file; what it refers to is found and sent too")],
  flags: [
    .value("--frames", "A-B", "first and last frame", default: "1"),
    .value("--tile-side", "N", "side of a tile, pixels, a multiple of 4", default: "128"),
    .value("--budget", "C", "most it may cost, credits", default: "what cannot be exceeded"),
    .toggle("--wait", "follow the job to its end"),
    .value("-o", "DIR", "with --wait: folder for the frames"),
  ] + SceneFlags.look + FarmFlags.access + [.toggle("--json", "as JSON")]
) { arguments in
  let access = try FarmAccess(arguments)
  let submission = try await Submission(arguments, access)
  try await submission.upload(to: access.client)
  let job = try await access.client.submit(submission.request)
  if arguments.has("--json") { try printJSON(job) } else { Console.output.line("job \(job.id)") }
  guard arguments.has("--wait") else {
    Console.notes.line("'render watch \(job.id.digest.short)' follows it")
    return .done
  }
  let folder = arguments.string("-o").map { URL(fileURLWithPath: $0) }
  return try await follow(job.id, access.client, asJSON: arguments.has("--json"), into: folder)
}

/// A scene with all its files, and the terms it is to be rendered under.
private struct Submission {
  let request: SubmitRequest
  /// Where each blob lies on this machine.
  private let files: [Digest: String]

  init(_ arguments: Arguments, _ access: FarmAccess) async throws {
    let local = try LocalScene(arguments)
    var files: [Digest: String] = [:]
    var entries: [BundleManifest.File] = []
    for path in try SceneReader.dependencies(of: local.path, in: local.files, overrides: local.overrides) {
      let bytes = try local.files.bytes(at: path)
      let digest = Digest(of: bytes)
      files[digest] = local.location(of: path)
      entries.append(.init(path: path, digest: digest, bytes: UInt64(bytes.count)))
    }
    self.files = files
    let manifest = BundleManifest(files: entries)
    try manifest.validate()
    let farm = try await access.client.farmInfo()
    let frames = try frameRange(arguments, default: "1")
    var terms = JobTerms(
      bundle: manifest.digest, sceneFile: local.path, kernelSet: farm.kernelSet,
      widthPX: UInt32(local.widthPX),
      heightPX: UInt32(local.heightPX),
      tileSidePX: try arguments.integer("--tile-side", in: 8...512, default: 128),
      samplesPerPixel: UInt32(local.samplesPerPixel), maxDepth: UInt32(local.maxDepth),
      background: local.background == .transparent ? .transparent : .environment, camera: local.camera ?? "",
      environmentFile: local.overrides.environmentFile ?? "",
      environmentStrength: local.overrides.environmentStrength,
      environmentRotationDeg: local.overrides.environmentRotationDeg, firstFrame: frames.lowerBound,
      lastFrame: frames.upperBound, framesPerSecond: UInt32(local.framesPerSecond),
      pricePerRay: farm.pricePerRay,
      capPerTile: .zero, submitter: access.key.publicKey, nonce: Digest(of: randomBytes(count: 32)),
      film: try Self.film(local, arguments))
    let budget = try Self.budget(arguments, terms)
    terms.capPerTile = budget.cap
    try terms.validate()
    request = SubmitRequest(terms: terms, manifest: manifest, budget: budget.total)
  }

  /// What differs from the default; nil when nothing does.
  private static func film(_ local: LocalScene, _ arguments: Arguments) throws -> JobFilm? {
    let camera = try local.scene.frame(timeS: 0, camera: local.camera).view.camera
    let lens = try local.lens(of: camera, arguments)
    let exposures = -Limits.exposureEVMax...Limits.exposureEVMax
    let film = JobFilm(
      filter: local.filter == .blackmanHarris ? .blackmanHarris : .box, layers: local.layers.rawValue,
      lens: lens == camera.lens
        ? nil : lens.map { .init(apertureRadius: $0.apertureRadius, focusDistance: $0.focusDistance) },
      view: .init(try arguments.choice("--view", default: ViewTransform.default)),
      exposureEV: try arguments.number("--exposure", in: exposures) ?? 0)
    return film == JobFilm() ? nil : film
  }

  /// The cap per tile and what must be reserved: from `--budget`, or from the most rays a tile can take.
  private static func budget(
    _ arguments: Arguments, _ terms: JobTerms
  ) throws -> (cap: Microcredits, total: Microcredits) {
    var capped = terms
    let pixels = Int(min(terms.tileSidePX, terms.widthPX) * min(terms.tileSidePX, terms.heightPX))
    let bound = Pricing.workBound(terms: terms, pixelCount: pixels)
    let (worst, overflow) = Int64(clamping: bound).multipliedReportingOverflow(by: terms.pricePerRay.value)
    capped.capPerTile = Microcredits(overflow ? Int64.max : worst)
    if let amount = try arguments.credits("--budget") {
      // A tile's fees are at most the two shares of its cap, hence the smaller cap when a budget is given.
      let withFees = 1_000 + Pricing.verifierFeePerMille + Pricing.coordinatorFeePerMille
      let share = (amount.value / Int64(terms.tileCount)).multipliedFullWidth(by: 1_000)
      capped.capPerTile = min(capped.capPerTile, Microcredits(withFees.dividingFullWidth(share).quotient))
      guard capped.capPerTile > .zero else {
        throw CommandFailure.usage(
          "--budget \(amount.credits): nothing is left for each of \(terms.tileCount) tiles")
      }
    }
    guard let total = Pricing.reservation(terms: capped, tileCount: terms.tileCount) else {
      throw CommandFailure.usage("the job is too large to be priced", remedy: "give --budget, or split it")
    }
    return (capped.capPerTile, total)
  }

  /// Sends the blobs that the farm does not have.
  func upload(to client: FarmClient) async throws {
    let missing = try await client.missingBlobs(files.keys.sorted())
    if missing.isEmpty { return }
    var progress = Progress("upload")
    for (index, digest) in missing.enumerated() {
      guard let file = files[digest] else { continue }
      let sent = try await client.uploadBlob(file: file)
      guard sent == digest else {
        throw CommandFailure(.failed, "\(file) changed while it was sent", remedy: "submit again")
      }
      progress.show(index + 1, of: missing.count, "files")
    }
    progress.finish()
  }
}

extension Arguments {
  /// The flag's value as an amount of credits with up to six decimals, more than none.
  func credits(_ name: String) throws(CommandFailure) -> Microcredits? {
    guard let text = string(name) else { return nil }
    guard let amount = Microcredits(credits: text), amount > .zero else {
      throw .usage("\(name) \(text): expected credits, more than none, like 12 or 0.5")
    }
    return amount
  }
}
