import Cryptography
import Foundation

/// What the world did: network, files and child processes. What a peer says "no" to is a `Refusal` instead.
public enum TransportError: Error, Hashable, Sendable {
  /// The text is no URL of a farm.
  case badURL(String, reason: String)
  /// Nobody answered at HOST:PORT, or a gateway before it failed.
  case unreachable(host: String, reason: String)
  /// Somebody answered at HOST:PORT who cannot prove to be the farm.
  case untrusted(host: String, Distrust)
  /// Nothing came for too long.
  case timeout(host: String, reason: String)
  /// The connection ended inside an answer.
  case truncated(host: String, reason: String)
  /// An answer went beyond what it may have.
  case answerTooLarge(host: String, bytesMax: Int)
  /// An answer is not what the route promises.
  case malformedAnswer(host: String, reason: String)
  /// Downloaded bytes are not those asked for.
  case digestMismatch(expected: Digest, found: Digest)
  /// The caller gave up.
  case cancelled
  /// The server cannot listen at HOST:PORT.
  case cannotListen(address: String, reason: String)
  /// A file could not be read or written.
  case file(path: String, reason: String)
  /// The renderer could not be started.
  case rendererUnavailable(executable: String, reason: String)
  /// The renderer ended, or was ended; `detail` is its last word on standard error.
  case rendererDied(reason: String, detail: String)
  /// The renderer did not answer in time and was ended.
  case rendererTimeout(request: String, afterMS: UInt64)

  /// Whether the same request may succeed later without anybody changing anything.
  public var isRetryable: Bool {
    switch self {
    case .unreachable, .timeout, .truncated: true
    default: false
    }
  }
}

extension TransportError: CustomStringConvertible {
  /// One line: what, where and why.
  public var description: String {
    switch self {
    case .badURL(let text, let reason): "\"\(text)\" is no farm's URL: \(reason)"
    case .unreachable(let host, let reason): "cannot reach \(host): \(reason)"
    case .untrusted(let host, let distrust): "\(host) \(distrust); \(distrust.remedy)"
    case .timeout(let host, let reason): "\(host) does not answer: \(reason)"
    case .truncated(let host, let reason): "the answer of \(host) was cut short: \(reason)"
    case .answerTooLarge(let host, let bytesMax): "the answer of \(host) has more than \(bytesMax) bytes"
    case .malformedAnswer(let host, let reason): "the answer of \(host) is malformed: \(reason)"
    case .digestMismatch(let expected, let found): "the download has digest \(found), expected \(expected)"
    case .cancelled: "cancelled"
    case .cannotListen(let address, let reason): "cannot listen at \(address): \(reason)"
    case .file(let path, let reason): "\(path): \(reason)"
    case .rendererUnavailable(let executable, let reason): "cannot start renderer \(executable): \(reason)"
    case .rendererDied(let reason, let detail):
      detail.isEmpty ? "the renderer \(reason)" : "the renderer \(reason): \(detail)"
    case .rendererTimeout(let request, let afterMS):
      "the renderer did not answer \(request) within \(afterMS) ms"
    }
  }
}

/// Why a server's certificate does not do.
public enum Distrust: Hashable, Sendable, CustomStringConvertible {
  /// Its key is not the one that the URL names.
  case otherKey
  /// No authority that is trusted here vouches for it, or not for this name, or not now.
  case unknownAuthority(String)
  /// The file of authorities cannot be used.
  case badAuthorityFile(String)

  /// What was found.
  public var description: String {
    switch self {
    case .otherKey: "has another key than its URL says (#sha256-...)"
    case .unknownAuthority(let reason): "cannot prove who it is: \(reason)"
    case .badAuthorityFile(let reason): "cannot be checked: the file of --ca-file is unusable (\(reason))"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .otherKey:
      "somebody may be listening in between: do not go on, and ask the farm's operator for its URL"
    case .unknownAuthority:
      "use the join URL that the farm printed, with its #sha256-..., or name its authority with --ca-file"
    case .badAuthorityFile: "name a PEM file with certificates"
    }
  }
}

/// The text of the C library's last error.
func systemErrorText(_ code: Int32) -> String { String(cString: strerror(code)) }
