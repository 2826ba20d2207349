/// Where a scene's files come from: a folder, a bundle of blobs. Paths are relative, `/` between names, and
/// have passed `ScenePath`.
public protocol SceneFiles: Sendable {
  /// The whole file. Throws `fileMissing` when there is none, and refuses what is over
  /// `SceneLimits.fileBytesMax` before reading it.
  func bytes(at path: String) throws(SceneError) -> [UInt8]
}

/// The files of a bundle, each kept under another name: path in the bundle -> absolute path of its blob.
public struct MappedFiles: SceneFiles {
  private let blobs: [String: String]
  /// Only the paths that are keys of `blobs` exist.
  public init(_ blobs: [String: String]) { self.blobs = blobs }

  /// The whole file; see `SceneFiles`.
  public func bytes(at path: String) throws(SceneError) -> [UInt8] {
    let place = SceneError.Place(file: path)
    guard let blob = blobs[path] else { throw SceneError(.fileMissing, at: place) }
    return try RegularFile.read(blob, reportedAs: place)
  }
}

/// Files over other files: those above hide those below. For a file given by a flag that lies outside the
/// scene's folder.
public struct OverlaidFiles<Above: SceneFiles, Below: SceneFiles>: SceneFiles {
  private let above: Above
  private let below: Below
  /// Looks into `above` first.
  public init(_ above: Above, over below: Below) {
    self.above = above
    self.below = below
  }

  /// The whole file; see `SceneFiles`.
  public func bytes(at path: String) throws(SceneError) -> [UInt8] {
    do {
      return try above.bytes(at: path)
    } catch {
      guard error.fault == .fileMissing else { throw error }
      return try below.bytes(at: path)
    }
  }
}
