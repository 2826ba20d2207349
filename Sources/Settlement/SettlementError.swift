import Cryptography

/// Why a log, a note or a key could not be accepted. Where it is and what was found, for the reader to act
/// on.
public enum SettlementError: Error, Equatable, Sendable {
  /// A verifier key is not `name+keyid+base64`, or its id is not that of its bytes.
  case verifierKeyMalformed(String)
  /// A signed note breaks the form at that line, from 1.
  case noteMalformed(line: Int)
  /// No signature by the expected key.
  case noteUnsigned(keyName: String)
  /// A signature that claims the expected key does not verify.
  case noteSignatureWrong(keyName: String)
  /// A checkpoint's text is not origin, size, root.
  case checkpointMalformed(line: Int)
  /// The checkpoint is another log's.
  case originDiffers(expected: String, found: String)
  /// A file that the checkpoint implies is not there.
  case fileMissing(path: String)
  /// A bundle of entries ends early or has bytes left.
  case bundleMalformed(path: String, entry: Int)
  /// An entry's bytes are no entry.
  case entryMalformed(index: UInt64, CanonicalError)
  /// The entries do not have the signed root: something was changed after it was published.
  case rootDiffers(size: UInt64, expected: Digest, found: Digest)
}

extension SettlementError: CustomStringConvertible {
  /// One line for people.
  public var description: String {
    switch self {
    case .verifierKeyMalformed(let text): "\"\(text)\" is no verifier key; it has the form name+keyid+base64"
    case .noteMalformed(let line): "the signed note breaks its form at line \(line)"
    case .noteUnsigned(let name): "the note has no signature by \(name)"
    case .noteSignatureWrong(let name): "the note's signature by \(name) is wrong"
    case .checkpointMalformed(let line): "the checkpoint breaks its form at line \(line)"
    case .originDiffers(let expected, let found): "the checkpoint is of \(found), not of \(expected)"
    case .fileMissing(let path): "the log has no \(path)"
    case .bundleMalformed(let path, let entry): "\(path) is damaged at its entry \(entry)"
    case .entryMalformed(let index, let error): "entry \(index) cannot be read: \(error)"
    case .rootDiffers(let size, let expected, let found):
      "the first \(size) entries have the root \(found), but \(expected) was signed"
    }
  }
}
