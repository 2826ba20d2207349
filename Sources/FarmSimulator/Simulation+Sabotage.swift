import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Worker

/// A tile as its worker claimed it.
struct ClaimedTile {
  let place: TilePlace
  let content: TileContent
}

/// What is broken on purpose.
extension Simulation {
  /// Tells the broken verifier what was claimed.
  func remember(_ content: TileContent, of order: RenderOrder) {
    guard scenario.sabotage == .acceptingVerifier else { return }
    let place = order.terms.tile(order.assignment.tile)
    claims[order.terms.id.digest, default: []].append(ClaimedTile(place: place, content: content))
  }

  /// The last claim for a pixel; nil for a verifier that is not told.
  func claimed(_ pixel: PixelPosition, _ scene: RendererScene, _ pass: Int) -> PixelRecord? {
    guard scenario.sabotage == .acceptingVerifier else { return nil }
    let tile = claims[scene.terms.id.digest]?.last { tile in
      let rect = tile.place.rect
      return tile.place.frame == scene.frame && tile.place.pass == pass && rect.x <= pixel.x
        && pixel.x < rect.x + rect.width
        && rect.y <= pixel.y && pixel.y < rect.y + rect.height
    }
    guard let content = tile?.content else { return nil }
    let rect = content.rect
    return content.record(atPixel: (pixel.y - rect.y) * rect.width + pixel.x - rect.x)
  }

  /// Copies the store away, to be put back at the next crash.
  func keepCopy() throws {
    guard scenario.sabotage == .forgetfulDisk else { return }
    let files = FileManager.default
    try? files.removeItem(atPath: "\(root)/copy")
    try files.createDirectory(atPath: "\(root)/copy", withIntermediateDirectories: true)
    for name in storeFiles where files.fileExists(atPath: "\(folder)/\(name)") {
      try files.copyItem(atPath: "\(folder)/\(name)", toPath: "\(root)/copy/\(name)")
    }
  }

  /// The disk is as it was when the copy was made.
  func forget() throws {
    let files = FileManager.default
    guard files.fileExists(atPath: "\(root)/copy/farm.sqlite") else { return }
    for name in storeFiles {
      try? files.removeItem(atPath: "\(folder)/\(name)")
      if files.fileExists(atPath: "\(root)/copy/\(name)") {
        try files.copyItem(atPath: "\(root)/copy/\(name)", toPath: "\(folder)/\(name)")
      }
    }
  }

  private var storeFiles: [String] { ["farm.sqlite", "farm.sqlite-wal"] }

  /// What others read in a log in which every tile's pay moves twice.
  func published(_ entries: [LogEntry]) -> [LogEntry] {
    guard scenario.sabotage == .doublePay else { return entries }
    return entries.flatMap { entry in
      guard case .transfer(let transfer) = entry.body, case .post = transfer.kind else { return [entry] }
      return [entry, entry]
    }
  }
}
