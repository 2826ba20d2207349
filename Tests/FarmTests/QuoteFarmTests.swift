import FarmProtocol
import Foundation
import Settlement
import Testing

extension WholeFarmTests {
  @Test func `a job costs what was quoted, within a tenth`() async throws {
    let farm = try await Farm()
    let worker = try farm.join("anna")
    for (scene, frames) in [("cornell/cornell.gltf", "1"), ("orrery/orrery.gltf", "1-12")] {
      let job = try farm.submit(
        scene, ["--width", "96", "--height", "64", "--samples", "8", "--tile-side", "32", "--frames", frames])
      let quote = try #require(job.quote)
      #expect(job.budget == quote.reservation)
      let done = try await farm.completion(of: job.id)
      #expect(done.state == .completed, "\(done.reason)")
      let error = Double(done.spent.value) / Double(quote.price.likely) - 1
      #expect(abs(error) < 0.1, "\(scene): quoted \(quote.price), billed \(done.spent.value)")
    }
    worker.stop()
    try farm.expectBooksBalance()
  }

  @Test func `too dear and too late are refused with the figures before anything is paid`() async throws {
    let farm = try await Farm()
    let before = try await farm.animator.account()
    let path = Programs.root.appendingPathComponent("Scenes/cornell/cornell.gltf").path
    let access = ["--coordinator", farm.url, "--key", farm.animatorKey]
    let dear = try Programs.run("render", ["submit", path] + access + smallJob + ["--budget", "0.001"])
    #expect(dear.exit == 3)
    #expect(dear.notes.contains("the budget is 0.001000"), "\(dear.notes)")
    let late = try Programs.run("render", ["quote", path] + access + smallJob + ["--deadline", "1h"])
    #expect(late.exit == 3)
    #expect(late.notes.contains("no worker is online"), "\(late.notes)")
    let quote = try Programs.run("render", ["quote", path] + access + smallJob)
    #expect(quote.exit == 0)
    #expect(quote.output.contains("credits"))
    #expect(try await farm.animator.account() == before)
    #expect(try await farm.animator.jobs().jobs.isEmpty)
  }

  @Test func `a job is paused, resumed and cancelled from the command line`() async throws {
    let farm = try await Farm()
    let access = ["--coordinator", farm.url, "--key", farm.animatorKey]
    let job = try farm.submit("cornell/cornell.gltf", smallJob + ["--frames", "1-40"])
    let change = { (command: String) in
      try Programs.run("render", [command, job.id.description, "--json"] + access)
    }
    #expect(try change("pause").exit == 0)
    let worker = try farm.join("anna")
    try await Task.sleep(for: .seconds(1))
    let paused = try await farm.animator.job(job.id)
    #expect(paused.state == .paused)
    #expect(paused.tilesLeased + paused.tilesPending + paused.tilesVerified == 0)
    #expect(try change("resume").exit == 0)
    _ = try await farm.wait(for: job.id, "a verified tile") { $0.tilesVerified > 0 }
    #expect(try change("cancel").exit == 0)
    let ended = try await farm.wait(for: job.id, "the last verdict") { $0.tilesPending == 0 }
    worker.stop()
    #expect(ended.state == .cancelled)
    #expect(try change("resume").exit == 3)
    let left = try await farm.animator.account().balances.values.reduce(Microcredits.zero, +)
    #expect(left == Microcredits(100_000_000_000) - ended.spent, "what was not spent is back")
    try farm.expectBooksBalance()
  }
}
