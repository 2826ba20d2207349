import Cryptography
import Durability
import Foundation

/// Where a coordinator's TLS certificate comes from.
public enum TLSSource: Hashable, Sendable {
  /// Clear text: on this machine, or behind a proxy that does the TLS.
  case none
  /// A certificate of its own, made on first use and kept in the data folder; clients know its key from the
  /// join URL.
  case own
  /// PEM files of an operator.
  case files(certificate: String, key: String)
}

/// Why there is no certificate to serve with.
public enum TLSFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file cannot be read, or there is none.
  case unreadable(path: String, reason: String)
  /// A private key that others may read.
  case exposed(path: String, mode: String)
  /// No certificate in PEM form.
  case noCertificate(path: String)
  /// No unencrypted private key in PEM form.
  case noKey(path: String)
  /// They do not belong together.
  case keyOfAnother(certificate: String, key: String)

  /// What is wrong with which file, and what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .exposed(let path, let mode):
      "key file \(path) may be read by others (mode \(mode)); chmod 600 it, and think about who has read it"
    case .noCertificate(let path): "\(path) has no certificate in PEM form; name the server's with its chain"
    case .noKey(let path): "\(path) has no unencrypted private key in PEM form"
    case .keyOfAnother(let certificate, let key):
      "the key in \(key) is not that of the first certificate in \(certificate); put the server's own first"
    }
  }
}

/// Reads a coordinator's certificate, or makes it.
enum ServerIdentity {
  private static let days: Int64 = 3_650
  private static let renewBeforeS: Int64 = 90 * 86_400

  /// The certificate that a source names; nil for clear text. One of its own that is about to expire is made
  /// anew with the same key, so that join URLs stay true.
  static func certificate(
    _ source: TLSSource, root: String, hosts: [String], nowS: Int64
  ) throws -> ServerCertificate? {
    switch source {
    case .none: return nil
    case .files(let certificate, let key):
      return try read(certificate: certificate, text(certificate), key: key, text(key))
    case .own: return try own(root: root, hosts: hosts, nowS: nowS)
    }
  }

  private static func own(root: String, hosts: [String], nowS: Int64) throws -> ServerCertificate {
    let (certificatePath, keyPath) = ("\(root)/tls.crt", "\(root)/tls.key")
    let key: String
    if DurableFile.byteCount(keyPath) != nil {
      key = try text(keyPath)
      var status = stat()
      guard stat(keyPath, &status) == 0, status.st_mode & 0o077 == 0 else {
        throw TLSFault.exposed(path: keyPath, mode: String(status.st_mode & 0o777, radix: 8))
      }
    } else {
      key = ServerCertificate.newKeyPEM()
      try DurableFile.write(Array(key.utf8), to: keyPath, mode: 0o600)
    }
    if DurableFile.byteCount(certificatePath) != nil {
      let known = try read(certificate: certificatePath, text(certificatePath), key: keyPath, key)
      if known.expiresS > nowS + renewBeforeS { return known }
    }
    // From yesterday on, for the sake of clocks that are behind.
    guard
      let made = try? ServerCertificate.selfSigned(
        keyPEM: key, names: hosts, fromS: nowS - 86_400, days: days)
    else { throw TLSFault.noKey(path: keyPath) }
    try DurableFile.write(Array(made.certificatePEM.utf8), to: certificatePath)
    return made
  }

  private static func text(_ path: String) throws(TLSFault) -> String {
    let bytes: [UInt8]?
    do throws(FileFault) { bytes = try DurableFile.read(path, bytesMax: 1 << 20) } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
    guard let bytes else { throw .unreadable(path: path, reason: "there is no such file") }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func read(
    certificate path: String, _ certificate: String, key keyPath: String, _ key: String
  ) throws(TLSFault) -> ServerCertificate {
    do throws(ServerCertificate.Failure) {
      return try ServerCertificate(certificatePEM: certificate, keyPEM: key)
    } catch {
      switch error {
      case .noCertificate: throw .noCertificate(path: path)
      case .noKey: throw .noKey(path: keyPath)
      case .keyOfAnother: throw .keyOfAnother(certificate: path, key: keyPath)
      }
    }
  }
}
