import Foundation

/// The files under one folder. Links are followed as long as they stay inside it.
public struct DirectoryFiles: SceneFiles {
  private let root: String
  /// Files under the folder `root`.
  public init(root: String) { self.root = root }

  /// The whole file; see `SceneFiles`.
  public func bytes(at path: String) throws(SceneError) -> [UInt8] {
    let place = SceneError.Place(file: path)
    let safe = try ScenePath.checked(path, at: place)
    let folder = try real(root, place)
    let file = try real(root + "/" + safe, place)
    guard file.hasPrefix(folder == "/" ? "/" : folder + "/") else {
      throw SceneError(.pathRefused(path: path, .leavesFolder), at: place)
    }
    return try RegularFile.read(file, reportedAs: place)
  }

  /// The path with every link resolved.
  private func real(_ path: String, _ place: SceneError.Place) throws(SceneError) -> String {
    guard let resolved = realpath(path, nil) else {
      let code = errno
      throw SceneError(
        code == ENOENT || code == ENOTDIR ? .fileMissing : .fileUnreadable(errno: code), at: place)
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
