import Cryptography
import Foundation

/// What a durable, signed answer cannot do without on this machine.
struct Floor: Encodable {
  var benchmark = "dispatch"
  var mode = "floor"
  /// Appending 8 KiB to a file and flushing it, one after the other.
  var flush_ms_p50: Double
  var flush_ms_p99: Double
  var sign_us: Double
  var verify_us: Double
  /// A file of a fragment's size, flushed, renamed, its folder flushed.
  var file_ms_p50: Double

  /// Measures in `folder`.
  static func measure(in folder: String) throws -> Floor {
    let flushes = try times(200) { _ in try appendAndFlush("\(folder)/floor") }
    let files = try times(100) { try durableFile("\(folder)/floor.\($0)") }
    for name in ["floor"] + (0..<100).map({ "floor.\($0)" }) { unlink("\(folder)/\(name)") }
    guard let key = SigningKey(seed: [UInt8](repeating: 7, count: 32)) else {
      throw BenchmarkFault("no key of a seed of sevens")
    }
    let message = [UInt8](repeating: 1, count: 300)
    let signature = key.sign(message)
    let signs = times(500) { _ in _ = key.sign(message) }
    let verifies = try times(500) { _ in
      guard key.publicKey.verifies(signature, of: message) else { throw BenchmarkFault("no signature") }
    }
    return Floor(
      flush_ms_p50: part(flushes, 0.5) * 1e3, flush_ms_p99: part(flushes, 0.99) * 1e3,
      sign_us: part(signs, 0.5) * 1e6, verify_us: part(verifies, 0.5) * 1e6,
      file_ms_p50: part(files, 0.5) * 1e3)
  }

  private static func times(_ count: Int, _ body: (Int) throws -> Void) rethrows -> [Double] {
    try (0..<count).map { number in
      let start = ContinuousClock.now
      try body(number)
      return Meter.seconds(ContinuousClock.now - start)
    }.sorted()
  }

  private static func part(_ sorted: [Double], _ part: Double) -> Double {
    sorted[Int(Double(sorted.count) * part)]
  }

  private static func appendAndFlush(_ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    let bytes = [UInt8](repeating: 1, count: 8 << 10)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fdatasync(descriptor) == 0 else {
      throw BenchmarkFault("cannot write \(path): \(String(cString: strerror(errno)))")
    }
  }

  private static func durableFile(_ path: String) throws {
    try Data(count: 700).write(to: URL(fileURLWithPath: path))
    for flushed in [path, (path as NSString).deletingLastPathComponent] {
      let descriptor = open(flushed, O_RDONLY | O_CLOEXEC)
      defer { close(descriptor) }
      guard fsync(descriptor) == 0 else {
        throw BenchmarkFault("cannot flush \(flushed): \(String(cString: strerror(errno)))")
      }
    }
  }
}
