import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement

/// Finished results on disk, one file each, named by their assignment's digest. A result is here before
/// anybody hears of it and until the farm has it or never will: a process that is killed delivers it when
/// it comes back.
package struct Outbox: Sendable {
  /// What a folder held when it was opened.
  package struct Contents: Sendable {
    /// By lease, oldest first (fences grow), then by tile.
    package var entries: [OutboxEntry]
    /// Files that were no results, where they are now.
    package var setAside: [String]
  }

  private let folder: URL
  private static let suffix = ".result"

  /// An outbox in `folder`, which is made.
  package init(folder: URL) throws(WorkerError) {
    self.folder = folder
    try onDisk { () throws(FileFault) in try DurableFile.makeFolder(folder.path, mode: 0o700) }
  }

  /// Reads everything: deletes what was being written when the process ended, and moves what is not a
  /// result (a truncated file, say) to `damaged/`, for one bad file must not stop the others.
  package func contents() throws(WorkerError) -> Contents {
    var entries: [OutboxEntry] = []
    var setAside: [String] = []
    for file in try files() {
      let name = file.lastPathComponent
      if name.hasSuffix(DurableFile.partialSuffix) {
        unlink(file.path)
      } else if name.hasSuffix(Outbox.suffix) {
        if let envelope = try? read(file), fileName(envelope.assignment.digest) == name {
          entries.append(OutboxEntry(envelope))
        } else {
          setAside.append(try put(aside: file))
        }
      }
    }
    entries.sort { ($0.fence, $0.tile) < ($1.fence, $1.tile) }
    return Contents(entries: entries, setAside: setAside.sorted())
  }

  /// Keeps a result, whole or not at all; not flushed to the disk, which would take longer than a fast device
  /// takes for a tile: after a power failure the tile is rendered again. A worker commits once to an
  /// assignment: a second result for the same one is not written, and the first is what will be delivered.
  package func put(_ result: ResultEnvelope) throws(WorkerError) {
    let file = url(result.assignment.digest)
    if DurableFile.byteCount(file.path) != nil { return }
    try onDisk { () throws(FileFault) in
      try DurableFile.write(result.encoded(), to: file.path, flush: false)
    }
  }

  /// The result for that assignment.
  package func result(_ id: Digest) throws(WorkerError) -> ResultEnvelope { try read(url(id)) }

  /// Forgets a result; it is no error if there is none.
  package func remove(_ id: Digest) throws(WorkerError) {
    guard unlink(url(id).path) == 0 || errno == ENOENT else {
      throw .disk("cannot delete \(url(id).path): \(String(cString: strerror(errno)))")
    }
  }

  private func read(_ file: URL) throws(WorkerError) -> ResultEnvelope {
    let found = try onDisk { () throws(FileFault) in
      try DurableFile.read(file.path, bytesMax: UInt64(Limits.resultBytesMax))
    }
    guard let bytes = found else { throw .disk("\(file.path) is gone") }
    do throws(Refusal) {
      return try ResultEnvelope(decoding: bytes)
    } catch {
      throw .disk("\(file.path): \(error)")
    }
  }

  private func files() throws(WorkerError) -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        .map { folder.appendingPathComponent($0) }
    } catch {
      throw .disk("cannot list \(folder.path): \(error.localizedDescription)")
    }
  }

  private func put(aside file: URL) throws(WorkerError) -> String {
    let damaged = folder.appendingPathComponent("damaged")
    try onDisk { () throws(FileFault) in try DurableFile.makeFolder(damaged.path, mode: 0o700) }
    let place = damaged.appendingPathComponent(file.lastPathComponent)
    guard rename(file.path, place.path) == 0 else {
      throw .disk("cannot move \(file.path) to \(damaged.path): \(String(cString: strerror(errno)))")
    }
    return place.path
  }

  private func fileName(_ id: Digest) -> String { id.hex + Outbox.suffix }
  private func url(_ id: Digest) -> URL { folder.appendingPathComponent(fileName(id)) }
}

extension OutboxEntry {
  /// A result of an earlier run.
  init(_ result: ResultEnvelope) {
    self.init(
      id: result.assignment.digest, fence: result.assignment.fence, job: result.assignment.job,
      tile: result.assignment.tile, work: result.commitment.record.work, price: nil, renderMS: nil)
  }
}
