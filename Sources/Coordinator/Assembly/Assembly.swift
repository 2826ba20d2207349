import FarmProtocol
import Imaging
import Settlement

/// A frame being put together. It takes verified tiles and nothing else.
package struct Assembly: Sendable {
  package let job: JobID
  package let number: UInt32
  /// Whether passes are still to come.
  package let isPreview: Bool
  package private(set) var frame: Frame
  /// How the frame's PNG file is made.
  package let display: (view: ViewTransform, exposureEV: Float)
  private let layers: LayerSet

  /// An empty frame of a job.
  package init(terms: JobTerms, frame number: UInt32, isPreview: Bool = false) {
    job = terms.id
    self.number = number
    self.isPreview = isPreview
    layers = terms.layers
    frame = Frame(width: Int(terms.widthPX), height: Int(terms.heightPX), layers: layers)
    display = terms.display
  }

  /// Places a tile from its passes, the first ones in order, all of them unless this is a preview. They must
  /// be this frame's and not there yet.
  package mutating func place(_ passes: [VerifiedFragment]) {
    for (pass, tile) in passes.enumerated() {
      let (assignment, terms) = (tile.claim.assignment, tile.claim.terms)
      let place = terms.tile(assignment.tile)
      precondition(
        assignment.job == job && place.frame == number && place.pass == pass,
        "tile \(assignment.tile.value) of job \(assignment.job) is not pass \(pass) of frame \(number)"
      )
    }
    do {
      try frame.place(whole(passes.map(\.claim.content)))
    } catch {
      preconditionFailure("frame \(number) of job \(job): \(error)")
    }
  }

  /// Exact sums of all passes, resolved once: the bits of a tile that was rendered at once.
  private func whole(_ passes: [TileContent]) -> Fragment {
    var total: SampleSums?
    for pass in passes {
      switch pass {
      case .resolved(let fragment): return fragment
      case .sums(let sums, _): if total?.add(sums) == nil { total = sums }
      }
    }
    guard let total else { preconditionFailure("a tile without passes") }
    return total.resolved(layers)
  }
}
