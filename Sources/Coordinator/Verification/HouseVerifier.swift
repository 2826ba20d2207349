import Cryptography
import FarmProtocol
import Settlement
import Transport

/// The farm's own verifier: supervises a renderer in a child process and asks it for pixels. A child that
/// died is started again, after a pause that doubles up to a minute while it keeps dying.
public actor HouseVerifier: ProbeRendering {
  private let executable: String
  private let arguments: [String]
  private let log: @Sendable (String) -> Void
  private var child: RendererProcess?
  private var failures = 0
  /// Whether a child has died.
  private var hasDied = false
  private var isStopped = false

  /// - Parameter executable: absolute path of `render-worker`.
  /// - Parameter arguments: of its command `tile-server`, besides the device.
  /// - Parameter device: `platform.device`; nil for the program's choice.
  /// - Parameter log: takes lines for people.
  public init(
    executable: String, arguments: [String], device: String?, log: @escaping @Sendable (String) -> Void
  ) {
    self.executable = executable
    self.arguments = ["tile-server"] + arguments + (device.map { ["--device", $0] } ?? [])
    self.log = log
  }

  /// Device and kernels of the child; starts it.
  public func describe() async throws -> (device: DeviceDescription, kernelSet: Digest) {
    try await withChild { try await $0.describe() }
  }

  package func kernelSet() async throws -> Digest { try await describe().kernelSet }

  package func probe(
    _ scene: RendererScene, pixels: [PixelPosition], pass: Int
  ) async throws -> ProbeObservation {
    try await withChild { child in
      let (deviceScene, pixels) = try await child.probe(scene, pixels: pixels, pass: pass)
      return ProbeObservation(deviceScene: deviceScene, pixels: pixels, peakBytes: child.peakBytes)
    }
  }

  /// Ends the child; every later request throws.
  public func stop() {
    isStopped = true
    child?.terminate()
    child = nil
  }

  private func withChild<T: Sendable>(
    _ body: (RendererProcess) async throws -> T
  ) async throws -> T {
    let child = try await running()
    do {
      let result = try await body(child)
      failures = 0
      return result
    } catch {
      if !child.isAlive {
        failures += 1
        hasDied = true
        self.child = nil
        log("the verifier's renderer died (\(failures) in a row): \(error)")
      }
      throw error
    }
  }

  /// The child; a new one after a pause when the last one died.
  private func running() async throws -> RendererProcess {
    if let child, child.isAlive { return child }
    guard !isStopped else { throw Refusal(.busy, "the verifier is stopped") }
    if failures > 0 {
      try await Task.sleep(for: .milliseconds(min(60_000, 250 << min(failures - 1, 8))))
    }
    if let child, child.isAlive { return child }
    let flags = hasDied ? [RendererProcess.noFittingFlag] : []
    let started = try RendererProcess(executable: executable, arguments: arguments + flags) { [log] in
      log("verifier's renderer: \($0)")
    }
    child = started
    return started
  }
}
