import Cryptography
import Durability
import FarmProtocol
import Foundation

/// Speeds of devices, kept between runs: measured again when the device, its driver, the kernels or the
/// program changed.
public struct BenchmarkFile: Sendable {
  /// One device's, with what a person needs to know it by.
  private struct Entry: Codable {
    var device: String
    var driver: String
    var raysPerS: UInt64
  }

  private let path: String
  /// Of the program that renders.
  private let program: Digest

  /// In a worker's home, for a renderer whose program has that digest.
  public init(home: WorkerHome, program: Digest) {
    path = home.folder.appendingPathComponent("benchmarks.json").path
    self.program = program
  }

  /// Rays a second; nil when they are to be measured.
  package func raysPerS(_ description: RendererDescription) -> UInt64? {
    entries()[key(description)]?.raysPerS
  }

  /// Keeps what was measured. A file that cannot be written costs a second at the next start.
  package func keep(_ raysPerS: UInt64, of description: RendererDescription) {
    var all = entries()
    let device = description.device
    all[key(description)] = Entry(device: device.name, driver: device.driver, raysPerS: raysPerS)
    guard let bytes = try? WireJSON.encode(all) else { return }
    try? DurableFile.write(bytes, to: path, mode: 0o600, flush: false)
  }

  private func entries() -> [String: Entry] {
    guard let bytes = try? DurableFile.read(path, bytesMax: UInt64(Limits.jsonBytesMax)) else { return [:] }
    return (try? WireJSON.decode(from: bytes)) ?? [:]
  }

  private func key(_ description: RendererDescription) -> String {
    var writer = CanonicalWriter(type: "benchmark")
    writer.write(description.device.digest(kernelSet: description.kernelSet))
    writer.write(program)
    return Digest(of: writer.bytes).hex
  }
}
