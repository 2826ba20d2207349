import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement

/// What a renderer can do; the child's side of `RendererProcess`. A thrown `Refusal` is answered as
/// `.failed`, any other error as `internalFault`; the renderer lives on either way.
public protocol RendererHandling {
  /// Which device and which kernels.
  mutating func describe() async throws -> (device: DeviceDescription, kernelSet: Digest)
  /// Prepares a frame; returns the digest of the device scene.
  mutating func load(_ scene: RendererScene) async throws -> Digest
  /// Renders a tile of the loaded frame. `ahead`: the one that will likely be asked for next.
  mutating func render(tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex?) async throws
    -> RendererProcess.Rendered
  /// Renders single pixels of the loaded frame again, in that pass, in the order asked.
  mutating func probe(_ pixels: [PixelPosition], pass: Int) async throws -> [PixelRecord]
  /// Rays a second, on a scene of its own; no frame is loaded afterwards.
  mutating func benchmark() async throws -> UInt64
  /// Lets go of what it loaded and keeps.
  mutating func unload() async throws
}

/// The child's loop: requests from one descriptor, answers to another.
public enum RendererServer {
  /// Keeps standard output for answers: returns a new descriptor of it, and sends whatever else is printed,
  /// by drivers too, to standard error.
  public static func claimStandardOutput() throws(TransportError) -> Int32 {
    let descriptor = fcntl(1, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0, dup2(2, 1) >= 0 else {
      throw .file(path: "standard output", reason: systemErrorText(errno))
    }
    return descriptor
  }

  /// Ends this process as soon as the other side of `input` is closed, be it in the middle of a tile: a
  /// renderer whose parent died must not keep the device.
  public static func exitWhenParentDies(input: Int32 = 0) {
    Thread.detachNewThread {
      var watched = pollfd(fd: input, events: 0, revents: 0)
      while true {
        let count = poll(&watched, 1, -1)
        if count > 0, watched.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { _exit(0) }
      }
    }
  }

  /// Serves until `input` ends, one request at a time. Blocks the thread it runs on while it waits.
  /// - Throws: `TransportError.file` when a descriptor fails, `Refusal` when the requests lose their framing.
  public static func run(input: Int32 = 0, output: Int32, handler: sending some RendererHandling) async throws
  {
    var handler = handler
    var channel = RendererChannel()
    while true {
      guard let bytes = readSome(input) else {
        throw TransportError.file(path: "renderer input", reason: systemErrorText(errno))
      }
      if bytes.isEmpty { return }
      channel.receive(bytes)
      while let frame = try channel.next() {
        let answer = try await answer(frame, &handler)
        guard answer.withUnsafeBytes({ writeAll(output, $0) }) else {
          throw TransportError.file(path: "renderer output", reason: systemErrorText(errno))
        }
      }
    }
  }

  private static func answer(
    _ frame: RendererChannel.Frame, _ handler: inout some RendererHandling
  ) async throws(Refusal) -> [UInt8] {
    do {
      let (reply, payload) = try await perform(frame, &handler)
      return try RendererChannel.encode(reply, payload: payload)
    } catch let refusal as Refusal {
      return try RendererChannel.encode(RendererReply.failed(refusal))
    } catch {
      return try RendererChannel.encode(RendererReply.failed(Refusal(.internalFault, "\(error)")))
    }
  }

  private static func perform(
    _ frame: RendererChannel.Frame, _ handler: inout some RendererHandling
  ) async throws -> (RendererReply, [UInt8]) {
    let request: RendererRequest = try WireJSON.decode(
      from: frame.json, bytesMax: Limits.rendererJSONBytesMax)
    switch request {
    case .describe:
      let (device, kernelSet) = try await handler.describe()
      return (.described(device: device, kernelSet: kernelSet), [])
    case .load(let scene):
      return (.loaded(deviceScene: try await handler.load(scene)), [])
    case .render(let tile, let rect, let attempt, let ahead):
      let done = try await handler.render(tile: tile, rect: rect, attempt: attempt, ahead: ahead)
      return (.rendered(root: done.root, work: done.work, pixelCount: done.pixelCount), done.fragment)
    case .probe(let pixels, let pass):
      return (.probed(pixels: try await handler.probe(pixels, pass: pass)), [])
    case .benchmark:
      return (.benchmarked(raysPerS: try await handler.benchmark()), [])
    case .unload:
      try await handler.unload()
      return (.unloaded, [])
    }
  }
}
