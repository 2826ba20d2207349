import Cryptography
import FarmProtocol
import Settlement

/// Finds out whether a scene can be rendered, without trusting it.
public protocol SceneChecking: Sendable {
  /// Refuses (`sceneInvalid`) a scene that cannot be rendered, naming file, place and remedy.
  /// - Parameter files: bundle path -> absolute path of the blob.
  func check(_ terms: JobTerms, files: [String: String]) async throws
}

/// What the checking child is given on its standard input.
struct SceneCheckRequest: Codable {
  var terms: JobTerms
  var files: [String: String]
}

/// What it answers on its standard output.
struct SceneCheckReply: Codable {
  /// Nil when the scene can be rendered.
  var refusal: Refusal?
}
