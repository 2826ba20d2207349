import Cryptography
import Foundation
import Testing

struct ServerCertificateTests {
  private static let hasOpenSSL = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
  private static let names = ["farm.example", "192.0.2.7", "2001:db8::1", "a\nbreak,DNS:evil.example"]

  private func made() throws -> ServerCertificate {
    try ServerCertificate.selfSigned(
      keyPEM: ServerCertificate.newKeyPEM(), names: ServerCertificateTests.names, fromS: 1_800_000_000,
      days: 30)
  }

  /// What `openssl` says about a text on its standard input.
  private func openssl(_ arguments: [String], _ input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    let (to, from) = (Pipe(), Pipe())
    process.standardInput = to
    process.standardOutput = from
    process.standardError = FileHandle.nullDevice
    try process.run()
    try to.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try to.fileHandleForWriting.close()
    let bytes = try from.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(.enabled(if: hasOpenSSL, "openssl is not installed"))
  func `own certificate says what it should, and is its key's`() throws {
    let made = try made()
    let text = try openssl(["x509", "-noout", "-text"], made.certificatePEM)
    for part in [
      "Version: 3", "NIST CURVE: P-256", "ecdsa-with-SHA256", "DNS:farm.example", "IP Address:192.0.2.7",
      "IP Address:2001:DB8:0:0:0:0:0:1", "CA:FALSE", "TLS Web Server Authentication",
    ] { #expect(text.contains(part), "\(part): \(text)") }
    #expect(!text.contains("evil"))
    #expect(made.expiresS == 1_800_000_000 + 30 * 86_400)
    let publicKey = try openssl(["x509", "-noout", "-pubkey"], made.certificatePEM)
    let base64 = publicKey.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
    #expect(made.keyDigest == Digest(of: Array(try #require(Data(base64Encoded: base64)))))
  }

  @Test func `two certificates of one key have one fingerprint, those of two keys two`() throws {
    let first = try made()
    let renewed = try ServerCertificate.selfSigned(
      keyPEM: first.keyPEM, names: [], fromS: 1_900_000_000, days: 1)
    #expect(renewed.certificatePEM != first.certificatePEM)
    #expect(renewed.keyDigest == first.keyDigest)
    #expect(try made().keyDigest != first.keyDigest)
  }

  @Test func `texts that do not belong together are refused`() throws {
    let (one, two) = (try made(), try made())
    #expect(throws: ServerCertificate.Failure.keyOfAnother) {
      try ServerCertificate(certificatePEM: one.certificatePEM, keyPEM: two.keyPEM)
    }
    #expect(throws: ServerCertificate.Failure.noCertificate) {
      try ServerCertificate(certificatePEM: one.keyPEM, keyPEM: one.keyPEM)
    }
    for text in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
      #expect(throws: ServerCertificate.Failure.noKey) {
        try ServerCertificate(certificatePEM: one.certificatePEM, keyPEM: text)
      }
    }
  }
}
