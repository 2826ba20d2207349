import FarmProtocol
import Foundation
import Settlement
import Testing

/// What an owner gives and asks for: devices, memory, price, bandwidth; real processes.
extension WholeFarmTests {
  /// Two OpenCL devices of one machine: PoCL in its two ways of running on a processor.
  private var twoDevices: [String: String] { ["POCL_DEVICES": "pthread basic"] }

  @Test func `two devices of one worker work side by side for one account`() async throws {
    let farm = try await Farm()
    let list = try Programs.run("render", ["devices", "--json"], environment: twoDevices)
    struct Row: Decodable { let id, name, platform: String }
    let devices = try WireJSON.decode([Row].self, from: Array(list.lastLine.utf8))
      .filter { $0.platform.contains("Portable Computing Language") }
    try #require(devices.count == 2, "\(list.output)")
    let ids = devices.map(\.id)
    let worker = try farm.join("anna", ["--devices", ids.joined(separator: ",")], environment: twoDevices)
    let ready = try await wait(for: "anna", of: farm, seconds: 300, "ready") {
      $0.state == "working" && $0.devices.allSatisfy { $0.raysPerS != nil }
    }
    #expect(ready.devices.map(\.id) == ids)
    let look = ["--width", "64", "--height", "64", "--samples", "256"]
    let job = try farm.submit("cornell/cornell.gltf", look + ["--tile-side", "32", "--frames", "1-8"])
    let done = try await farm.completion(of: job.id)
    #expect(done.state == .completed && done.tilesVoided == 0)
    for id in ids {
      let tiles = worker.output.split(separator: "\n").count {
        $0.contains("\"event\":\"tile\"") && $0.contains("\"on\":\"\(id)\"")
      }
      #expect(tiles > 0, "device \(id) rendered nothing")
    }
    worker.stop()
    #expect(worker.exitCode == 0)
    let earned = try await farm.account(of: "anna").balances.values.reduce(Microcredits.zero, +)
    #expect(earned == pay(of: done), "one account for both devices")
    try farm.expectFramesEqualLocalOnes(
      done, scene: "cornell/cornell.gltf", look)
    // Measured once: the second start takes it from the file.
    let file = try String(
      contentsOf: farm.home(of: "anna").appendingPathComponent("benchmarks.json"), encoding: .utf8)
    #expect(file.components(separatedBy: "raysPerS").count == 3, "\(file)")
    let wrong = try Programs.run(
      "render-worker", ["join", farm.url, "--home", farm.home(of: "anna").path, "--devices", "9.9"],
      environment: twoDevices)
    #expect(wrong.exit == 2 && ids.allSatisfy { wrong.notes.contains("\($0) (") }, "\(wrong.notes)")
    try farm.expectBooksBalance()
  }

  @Test func `a job that fits no worker says so and waits for one that it fits`() async throws {
    let farm = try await Farm()
    let job = try farm.submit("cornell/cornell.gltf", smallJob)
    let need = try #require(job.memoryBytes)
    #expect(need > 50_000_000 && need < 4_000_000_000, "the quote's renderer was measured: \(need)")
    let small = try farm.join("small", ["--max-memory-gb", "0.1"])
    let waiting = try await farm.wait(for: job.id, "a reason to wait") { $0.waiting != nil }
    #expect(waiting.waiting?.contains("GB of memory, the most one gives is 0.1") ?? false, "\(waiting)")
    #expect(waiting.tilesLeased + waiting.tilesVerified == 0)
    let told = try Programs.run(
      "render", ["status", job.id.description, "--coordinator", farm.url, "--key", farm.animatorKey])
    #expect(told.output.contains("no worker online takes it"), "\(told.output)")
    #expect(small.notes.contains("memory at most 0.1 GB"), "its renderer is held to it: \(small.notes)")
    let large = try farm.join("large", ["--max-memory-gb", "64"])
    #expect(try await farm.completion(of: job.id).state == .completed)
    #expect(try await farm.account(of: "small").balances.values.allSatisfy { $0 == .zero })
    for worker in [small, large] { worker.stop() }
  }

  @Test func `tiles that the only worker with the memory lost come back to it`() async throws {
    let farm = try await Farm()
    let small = try farm.join("small", ["--max-memory-gb", "0.1"])
    let killed = try farm.join("large")
    let look = ["--frames", "1", "--width", "256", "--height", "256", "--samples", "256"]
    let job = try farm.submit("cornell/cornell.gltf", look + ["--tile-side", "64"])
    _ = try await farm.wait(for: job.id, "a lease") { $0.tilesLeased > 0 }
    killed.kill()
    let again = try farm.join("large")
    #expect(try await farm.completion(of: job.id).state == .completed)
    #expect(try await farm.account(of: "small").balances.values.allSatisfy { $0 == .zero })
    for worker in [small, again] { worker.stop() }
    try farm.expectBooksBalance()
  }

  @Test func `a worker with a price takes what pays it`() async throws {
    let farm = try await Farm()
    let job = try farm.submit("cornell/cornell.gltf", smallJob)
    let dear = try farm.join("dear", ["--min-price", "\(job.terms.pricePerRay.value + 1)"])
    let waiting = try await farm.wait(for: job.id, "a reason to wait") { $0.waiting != nil }
    #expect(waiting.waiting?.contains("microcredits a ray") ?? false && waiting.tilesLeased == 0)
    let fair = try farm.join("fair", ["--min-price", "\(job.terms.pricePerRay.value)"])
    #expect(try await farm.completion(of: job.id).state == .completed)
    for worker in [dear, fair] { worker.stop() }
  }

  @Test func `a worker with little bandwidth takes its time over a scene`() async throws {
    let farm = try await Farm()
    let scene = Programs.root.appendingPathComponent("Scenes/orrery")
    let bytes = try FileManager.default.contentsOfDirectory(atPath: scene.path).reduce(0) { sum, name in
      try sum + (FileManager.default.attributesOfItem(atPath: "\(scene.path)/\(name)")[.size] as? Int ?? 0)
    }
    // So that the scene takes about eight seconds.
    let rateKB = bytes / 8_000
    let worker = try farm.join("anna", ["--max-bandwidth", "\(rateKB)"])
    try await wait(for: "anna", of: farm, "ready") { $0.state == "working" }
    let job = try farm.submit("orrery/orrery.gltf", smallJob + ["--frames", "1-1"])
    _ = try await farm.wait(for: job.id, "a lease") { $0.tilesLeased > 0 }
    let start = ContinuousClock.now
    _ = try await farm.wait(for: job.id, "a tile") { $0.tilesPending + $0.tilesVerified > 0 }
    #expect(ContinuousClock.now - start > .seconds(6), "\(bytes) bytes at \(rateKB) kB/s")
    #expect(try await farm.completion(of: job.id).state == .completed)
    worker.stop()
    #expect(worker.exitCode == 0)
  }
}
