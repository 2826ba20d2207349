import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Testing
import Transport

/// Children written for the shell: the parent must cope with whatever runs there.
struct RendererProcessTests {
  private func renderer(_ script: String, afterMS: UInt64 = 20_000, log: Gathered<String> = .init()) throws
    -> RendererProcess
  {
    try RendererProcess(
      executable: "/bin/sh", arguments: ["-c", script],
      deadlines: .init(describeMS: afterMS, loadMS: afterMS, renderMS: afterMS, probeMS: afterMS),
      log: { log.add($0) })
  }

  private func error(_ renderer: RendererProcess) async throws -> TransportError {
    do {
      _ = try await renderer.describe()
      throw Refusal(.internalFault, "it answered")
    } catch let error as TransportError {
      return error
    }
  }

  /// A shell command that says `frames` after it has read something.
  private func answering(_ bytes: [UInt8]) -> String {
    let octal = bytes.map { "\\" + String(String(Int($0) + 512, radix: 8).suffix(3)) }.joined()
    return "dd bs=1 count=1 >/dev/null 2>&1; printf '\(octal)'; sleep 100"
  }

  @Test func `child that ends is reported with its last words, now and later`() async throws {
    let log = Gathered<String>()
    let renderer = try renderer("echo loading >&2; echo no device >&2; exit 3", log: log)
    let expected = TransportError.rendererDied(reason: "ended with status 3", detail: "no device")
    #expect(try await error(renderer) == expected)
    #expect(try await error(renderer) == expected)
    #expect(log.values == ["loading", "no device"])
    #expect(!renderer.isAlive)
  }

  @Test func `child that is killed is reported`() async throws {
    let renderer = try renderer("kill -9 $$")
    #expect(try await error(renderer) == .rendererDied(reason: "was ended by signal 9", detail: ""))
  }

  @Test func `child that does not answer is ended`() async throws {
    let renderer = try renderer("sleep 100", afterMS: 100)
    #expect(try await error(renderer) == .rendererTimeout(request: "describe", afterMS: 100))
    let processID = renderer.processID
    #expect(await eventually { kill(processID, 0) != 0 }, "the child still runs")
  }

  @Test func `garbage frames end the child`() async throws {
    let renderer = try renderer(answering([0xff, 0xff, 0xff, 0xff]))
    guard case .rendererDied(let reason, _) = try await error(renderer) else { return }
    #expect(reason.contains("framing"))
    #expect(await eventually { !renderer.isAlive })
  }

  @Test func `garbage JSON ends the child`() async throws {
    let renderer = try renderer(answering(try RendererChannel.encode(.init(json: Array("{]".utf8)))))
    guard case .rendererDied(let reason, _) = try await error(renderer) else { return }
    #expect(reason.contains("nonsense"))
  }

  @Test func `answer to another question ends the child`() async throws {
    let bytes = try RendererChannel.encode(RendererReply.loaded(deviceScene: .zero))
    guard case .rendererDied(let reason, _) = try await error(try renderer(answering(bytes))) else { return }
    #expect(reason.contains("something else"))
  }

  @Test func `message cut by death is a death`() async throws {
    let renderer = try renderer("printf '\\000\\000\\000\\011{'; exit 0")
    #expect(try await error(renderer) == .rendererDied(reason: "ended with status 0", detail: ""))
  }

  @Test func `refusal of the child is thrown and the child lives on`() async throws {
    let refusal = Refusal(.sceneInvalid, "no camera")
    let answer = try RendererChannel.encode(RendererReply.failed(refusal))
    let renderer = try renderer(answering(answer))
    await #expect(throws: refusal) { try await renderer.describe() }
    #expect(renderer.isAlive)
    renderer.terminate()
    #expect(await eventually { !renderer.isAlive })
  }

  @Test func `what a child says is cut, kept from moving the cursor, and comes to an end`() async throws {
    let log = Gathered<String>()
    let renderer = try renderer(
      "printf '\\033[2J%s\\n' a >&2; head -c 5000 /dev/zero | tr '\\0' b >&2; echo >&2; yes >&2", log: log)
    #expect(await eventually { log.values.last == "it says too much" })
    renderer.terminate()
    #expect(log.values.first == "?[2Ja")
    #expect(log.values[1] == String(repeating: "b", count: Limits.rendererLineBytesMax))
    #expect(log.values.count == Limits.rendererLinesMax)
  }

  @Test func `a refusal of the child is bounded before it is shown`() async throws {
    let refusal = Refusal(.sceneInvalid, "\u{1b}[31m" + String(repeating: "c", count: 5000), remedy: "a\nb")
    let renderer = try renderer(answering(try RendererChannel.encode(RendererReply.failed(refusal))))
    let found = await #expect(throws: Refusal.self) { try await renderer.describe() }
    #expect(found?.message == "?[31m" + String(repeating: "c", count: Limits.rendererLineBytesMax - 5))
    #expect(found?.remedy == "a?b")
    renderer.terminate()
  }

  @Test func `letting go of a renderer ends its whole process group`() async throws {
    let log = Gathered<String>()
    var renderer: RendererProcess? = try renderer("sleep 101 & echo $! >&2; wait", log: log)
    #expect(await eventually { !log.values.isEmpty })
    let grandchild = try #require(log.values.first.flatMap { Int32($0) })
    #expect(renderer?.isAlive == true)
    renderer = nil
    // Nobody here waits for the grandchild: it is gone, or a zombie of the system's first process.
    #expect(
      await eventually {
        let state = try? String(contentsOfFile: "/proc/\(grandchild)/stat", encoding: .utf8)
        return state.map { $0.contains(") Z ") } ?? true
      })
  }

  @Test func `program that does not exist is named`() {
    #expect(
      throws: TransportError.rendererUnavailable(
        executable: "/nonexistent", reason: "No such file or directory")
    ) {
      try RendererProcess(executable: "/nonexistent")
    }
  }
}

/// The child's loop against the parent's framing, over two pipes.
struct RendererServerTests {
  private struct Stub: RendererHandling {
    var loaded = 0
    func describe() -> (device: DeviceDescription, kernelSet: Digest) {
      (DeviceDescription(id: "0.0", name: "stub", platform: "p", driver: "1", computeUnits: 1), .zero)
    }
    mutating func load(_ scene: RendererScene) throws -> Digest {
      loaded += 1
      throw Refusal(.sceneInvalid, "load \(loaded)")
    }
    func render(
      tile: TileIndex, rect: TileRect, attempt: UInt32, ahead: TileIndex?
    ) throws -> RendererProcess.Rendered {
      .init(root: .zero, work: UInt64(tile.value), pixelCount: UInt32(rect.pixelCount), fragment: [1, 2, 3])
    }
    func probe(_ pixels: [PixelPosition], pass: Int) throws -> [PixelRecord] { throw CancellationError() }
    func benchmark() -> UInt64 { 77 }
    mutating func unload() { loaded = 0 }
  }

  @Test func `each request gets its answer in order and the loop ends with its input`() async throws {
    let requests: [RendererRequest] = [
      .describe,
      .render(
        tile: TileIndex(5), rect: TileRect(x: 0, y: 0, width: 4, height: 2), attempt: 0, ahead: TileIndex(6)),
      .probe(pixels: [], pass: 0), .benchmark, .unload,
    ]
    let bytes =
      try requests.flatMap { try RendererChannel.encode($0) } + RendererChannel.encode(.init(json: [0x7b]))
    let (input, output) = (Pipe(), Pipe())
    try input.fileHandleForWriting.write(contentsOf: bytes)
    try input.fileHandleForWriting.close()
    try await RendererServer.run(
      input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor,
      handler: Stub())
    try output.fileHandleForWriting.close()
    var channel = RendererChannel()
    channel.receive(try #require(try output.fileHandleForReading.readToEnd()))
    var replies: [(RendererReply, [UInt8])] = []
    while let frame = try channel.next() {
      replies.append((try WireJSON.decode(from: frame.json), frame.payload))
    }
    try #require(replies.count == 6)
    guard case .described = replies[0].0, case .failed(let failure) = replies[2].0,
      case .failed(let malformed) = replies[5].0
    else {
      Issue.record("\(replies)")
      return
    }
    #expect(replies[1].0 == .rendered(root: .zero, work: 5, pixelCount: 8))
    #expect(replies[1].1 == [1, 2, 3])
    #expect(replies[3].0 == .benchmarked(raysPerS: 77) && replies[4].0 == .unloaded)
    #expect(failure.code == .internalFault && malformed.code == .badRequest)
  }

  @Test func `lost framing ends the loop`() async throws {
    let (input, output) = (Pipe(), Pipe())
    try input.fileHandleForWriting.write(contentsOf: [UInt8]([0xff, 0, 0, 0]))
    await #expect(throws: Refusal.self) {
      try await RendererServer.run(
        input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor,
        handler: Stub())
    }
  }
}
