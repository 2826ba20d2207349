/// A "no" from one side of the wire to the other: one line of what, where and what to do.
public struct Refusal: Error, Hashable, Sendable, Codable {
  /// Machine-readable reasons; scripts may rely on them.
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    case badRequest = "bad_request"
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case wrongMethod = "wrong_method"
    case conflict
    case tooLarge = "too_large"
    case unsupportedVersion = "unsupported_version"
    case kernelMismatch = "kernel_mismatch"
    case wrongSignature = "wrong_signature"
    case requestTooOld = "request_too_old"
    case replayed
    case bundleInvalid = "bundle_invalid"
    case sceneInvalid = "scene_invalid"
    case blobMissing = "blob_missing"
    case insufficientFunds = "insufficient_funds"
    case budgetTooLow = "budget_too_low"
    case deadlineTooSoon = "deadline_too_soon"
    case staleLease = "stale_lease"
    case wrongAssignment = "wrong_assignment"
    case fragmentInvalid = "fragment_invalid"
    case commitmentMismatch = "commitment_mismatch"
    case banned
    case rateLimited = "rate_limited"
    case busy
    case internalFault = "internal_fault"
  }

  /// Why, for machines.
  public var code: Code
  /// What happened and where, one line, for people.
  public var message: String
  /// What to do about it, one line.
  public var remedy: String

  /// A refusal.
  public init(_ code: Code, _ message: String, remedy: String = "") {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  /// The HTTP status it travels with.
  public var httpStatus: Int {
    switch code {
    case .badRequest, .bundleInvalid, .sceneInvalid, .fragmentInvalid, .commitmentMismatch: 400
    case .unauthorized, .wrongSignature, .requestTooOld, .replayed: 401
    case .insufficientFunds, .budgetTooLow: 402
    case .forbidden, .banned: 403
    case .notFound, .blobMissing: 404
    case .wrongMethod: 405
    case .conflict, .staleLease, .deadlineTooSoon, .wrongAssignment, .kernelMismatch: 409
    case .tooLarge: 413
    case .unsupportedVersion: 426
    case .rateLimited: 429
    case .internalFault: 500
    case .busy: 503
    }
  }
}

extension Refusal: CustomStringConvertible {
  /// What happened and what to do, one line.
  public var description: String { remedy.isEmpty ? message : "\(message); \(remedy)" }
}
