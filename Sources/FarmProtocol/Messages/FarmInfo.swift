import Cryptography
import Settlement

/// `GET /v1/farm`: what anyone may know about a farm before dealing with it.
public struct FarmInfo: Hashable, Sendable, Codable {
  /// `Limits.protocolVersion` of the coordinator.
  public var protocolVersion: Int
  /// Digest of the kernel sources every worker must have.
  public var kernelSet: Digest
  /// Who signs assignments and checkpoints.
  public var coordinator: PublicKey
  /// The log's origin line.
  public var logOrigin: String
  /// The log's verifier key, C2SP signed-note form.
  public var logVerifierKey: String
  /// Price of a ray for new jobs.
  public var pricePerRay: Microcredits
  /// Workers heard from lately.
  public var workersOnline: Int

  /// All fields, in the order of their declaration.
  public init(
    protocolVersion: Int, kernelSet: Digest, coordinator: PublicKey, logOrigin: String,
    logVerifierKey: String,
    pricePerRay: Microcredits, workersOnline: Int
  ) {
    self.protocolVersion = protocolVersion
    self.kernelSet = kernelSet
    self.coordinator = coordinator
    self.logOrigin = logOrigin
    self.logVerifierKey = logVerifierKey
    self.pricePerRay = pricePerRay
    self.workersOnline = workersOnline
  }
}
