import FarmProtocol
import Imaging
import Settlement

/// A frame being put together. It takes verified tiles and nothing else.
package struct Assembly: Sendable {
  package let job: JobID
  package let number: UInt32
  package private(set) var frame: Frame
  /// How the frame's PNG file is made.
  package let display: (view: ViewTransform, exposureEV: Float)

  /// An empty frame of a job.
  package init(terms: JobTerms, frame number: UInt32) {
    job = terms.id
    self.number = number
    frame = Frame(width: Int(terms.widthPX), height: Int(terms.heightPX), layers: terms.layers)
    display = terms.display
  }

  /// Places a tile, which must be this frame's and not there yet.
  package mutating func place(_ tile: VerifiedFragment) {
    let assignment = tile.claim.assignment
    let place = tile.claim.terms.tile(assignment.tile)
    precondition(
      assignment.job == job && place.frame == number,
      "tile \(assignment.tile.value) of job \(assignment.job) is not of frame \(number) of job \(job)")
    do {
      try frame.place(tile.claim.fragment)
    } catch {
      preconditionFailure("tile \(assignment.tile.value) of job \(job): \(error)")
    }
  }
}
