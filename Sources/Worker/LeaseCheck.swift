import Cryptography
import FarmProtocol
import Settlement

/// What a lease must be for a worker to render it and be sure of its pay.
package struct LeaseCheck: Sendable {
  /// The farm's key.
  package var coordinator: PublicKey
  /// This worker's key.
  package var worker: PublicKey
  /// What this worker's renderer runs.
  package var kernelSet: Digest
  /// Least price of a ray that its owner works for.
  package var pricePerRayMin: Microcredits

  package init(
    coordinator: PublicKey, worker: PublicKey, kernelSet: Digest, pricePerRayMin: Microcredits = .zero
  ) {
    self.coordinator = coordinator
    self.worker = worker
    self.kernelSet = kernelSet
    self.pricePerRayMin = pricePerRayMin
  }

  /// Refuses, in this order: terms or manifest outside the limits, terms under another name, another kernel
  /// set, a price below this worker's least, a manifest that is not the terms', no tiles or too many, then
  /// the first assignment that is not this worker's promise of a tile of that frame.
  package func check(_ lease: Lease) throws(Refusal) {
    try lease.terms.validate()
    try lease.manifest.validate()
    guard lease.terms.id == lease.job else {
      throw .init(
        .conflict, "the lease is of job \(lease.job.digest.short), its terms are \(lease.terms.digest.short)")
    }
    guard lease.terms.kernelSet == kernelSet else {
      throw .init(
        .kernelMismatch,
        "job \(lease.job.digest.short) needs kernels \(lease.terms.kernelSet.short), "
          + "these are \(kernelSet.short)",
        remedy: "use a worker of the farm's version")
    }
    guard lease.terms.pricePerRay >= pricePerRayMin else {
      throw .init(
        .badRequest,
        "job \(lease.job.digest.short) pays \(lease.terms.pricePerRay.value) microcredits a ray, "
          + "the least here is \(pricePerRayMin.value)",
        remedy: "the farm is of an older version; leave --min-price out, or join another")
    }
    guard lease.manifest.digest == lease.terms.bundle else {
      throw .init(
        .bundleInvalid,
        "the lease has bundle \(lease.manifest.digest.short), its terms \(lease.terms.bundle.short)")
    }
    guard (1...Limits.leaseTilesMax).contains(lease.assignments.count) else {
      throw .init(.badRequest, "a lease of \(lease.assignments.count) tiles")
    }
    for assignment in lease.assignments { try check(assignment, of: lease) }
    guard Set(lease.assignments.map(\.record.tile)).count == lease.assignments.count else {
      throw .init(.badRequest, "lease \(lease.fence) names a tile twice")
    }
  }

  private func check(_ signed: Signed<Assignment>, of lease: Lease) throws(Refusal) {
    let assignment = signed.record
    let name = "tile \(assignment.tile.value) of lease \(lease.fence)"
    guard assignment.job == lease.job, assignment.fence == lease.fence else {
      throw .init(.wrongAssignment, "\(name) is assigned under another job or lease")
    }
    guard assignment.worker == worker else {
      throw .init(.wrongAssignment, "\(name) is assigned to \(assignment.worker.short)")
    }
    guard Int(assignment.tile.value) < lease.terms.tileCount,
      lease.terms.tile(assignment.tile).frame == lease.frame
    else { throw .init(.wrongAssignment, "\(name) is no tile of frame \(lease.frame)") }
    guard signed.isSigned(by: coordinator) else {
      throw .init(.wrongSignature, "\(name) is not signed by the farm's key \(coordinator.short)")
    }
  }
}
