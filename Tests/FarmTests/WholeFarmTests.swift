import FarmProtocol
import Foundation
import Settlement
import Testing

/// A small job: 4 tiles a frame.
let smallLook = ["--width", "64", "--height", "64", "--samples", "8"]
let smallJob = smallLook + ["--tile-side", "32"]

/// Real processes on two cores: one farm at a time.
@Suite(.serialized)
struct WholeFarmTests {
  @Test func `two workers finish a job and its frames are those rendered alone`() async throws {
    let farm = try await Farm()
    let workers = [try farm.join("anna"), try farm.join("ben")]
    let job = try farm.submit("cornell/cornell.gltf", smallJob + ["--frames", "1-4"])
    let done = try await farm.completion(of: job.id)
    #expect(done.state == .completed)
    #expect(done.tilesVerified == 16)
    #expect(done.framesDone == [1, 2, 3, 4])
    #expect(done.probeWork > 0)
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", smallLook)
    for worker in workers { worker.stop() }
    let earned =
      try await farm.account(of: "anna").balances.values.reduce(Microcredits.zero, +)
      + farm.account(of: "ben").balances.values.reduce(Microcredits.zero, +)
    #expect(earned == pay(of: done), "every tile is paid in full, once")
    try farm.expectBooksBalance()
  }

  @Test func `frames that were rendered in passes are those rendered at once, and had previews`() async throws
  {
    let farm = try await Farm()
    let layers = ["--layers", "albedo,depth,samples"]
    let look = ["--width", "64", "--height", "64", "--samples", "1024"] + layers
    let workers = [try farm.join("anna"), try farm.join("ben")]
    while try await farm.animator.farmInfo().workersOnline < 2 {
      try await Task.sleep(for: .milliseconds(50))
    }
    // Eight tiles for two workers are enough: after the first 8 samples the others come at once.
    let job = try farm.submit(
      "cornell/cornell.gltf", look + ["--tile-side", "32", "--preview-samples", "8", "--frames", "1-2"])
    #expect(job.terms.passes == [8, 1016])
    let seen = try await farm.wait(for: job.id, "a preview") { !($0.previews ?? []).isEmpty }
    #expect(seen.framesDone.isEmpty && seen.tilesVerified < seen.tileCount)
    let done = try await farm.completion(of: job.id)
    // Of one tile, which two workers are to share, the samples are split.
    let single = try farm.submit(
      "cornell/cornell.gltf",
      ["--width", "32", "--height", "32", "--samples", "256", "--preview-samples", "0", "--tile-side", "32"])
    #expect(single.terms.passes == Array(repeating: 32, count: 8))
    let whole = try await farm.completion(of: single.id)
    for worker in workers { worker.stop() }
    try farm.expectFramesEqualLocalOnes(
      whole, scene: "cornell/cornell.gltf", ["--width", "32", "--height", "32", "--samples", "256"])
    #expect(done.state == .completed && done.tilesVoided == 0 && done.tilesVerified == 16)
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", look)
    try farm.expectBooksBalance()
  }

  @Test func `frames of a job with layers, lens, filter and view are those rendered alone`() async throws {
    let farm = try await Farm()
    let worker = try farm.join("anna")
    let look =
      smallLook + [
        "--layers", "albedo,normal,depth,position,samples", "--filter", "blackman-harris", "--f-number",
        "0.5",
        "--focus-distance", "3", "--view", "agx", "--exposure", "1", "--background", "transparent",
      ]
    let job = try farm.submit("cornell/cornell.gltf", look + ["--tile-side", "32"])
    let done = try await farm.completion(of: job.id)
    worker.stop()
    #expect(done.state == .completed && done.tilesVoided == 0)
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", look)
    try farm.expectBooksBalance()
  }

  @Test func `a worker killed inside a tile loses it to another`() async throws {
    let farm = try await Farm()
    let look = ["--width", "64", "--height", "64", "--samples", "4096"]
    let job = try farm.submit("cornell/cornell.gltf", look + ["--tile-side", "32"])
    let doomed = try farm.join("doomed")
    _ = try await farm.wait(for: job.id, "a lease") { $0.tilesLeased > 0 }
    doomed.kill()
    let survivor = try farm.join("survivor")
    let done = try await farm.completion(of: job.id, seconds: 180)
    survivor.stop()
    #expect(done.state == .completed)
    #expect(done.tilesVerified == done.tileCount)
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", look)
    try farm.expectBooksBalance()
  }

  @Test func `a cancelled job returns what was not spent`() async throws {
    let farm = try await Farm()
    let before = try await farm.animator.account().balances.values.reduce(Microcredits.zero, +)
    let job = try farm.submit("cornell/cornell.gltf", smallJob)
    let outcome = try Programs.run(
      "render", ["cancel", job.id.description, "--coordinator", farm.url, "--key", farm.animatorKey])
    #expect(outcome.exit == 0, "\(outcome.notes)")
    let after = try await farm.animator.account().balances.values.reduce(Microcredits.zero, +)
    #expect(after == before)
    #expect(try await farm.animator.job(job.id).state == .cancelled)
    try farm.expectBooksBalance()
  }
}
