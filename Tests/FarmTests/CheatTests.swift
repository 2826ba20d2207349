import FarmProtocol
import Foundation
import Settlement
import Testing

extension WholeFarmTests {
  @Test(arguments: ["garbage", "half-samples", "partial", "inflate-work"])
  func `a cheating worker is caught, is not paid, and the frame is right`(cheat: String) async throws {
    let farm = try await Farm()
    let cheater = try farm.join("cheater", cheat: cheat)
    let job = try farm.submit("cornell/cornell.gltf", smallJob)
    _ = try await farm.wait(for: job.id, "a voided tile") { $0.tilesVoided > 0 || $0.state.isOver }
    let honest = try farm.join("honest")
    let done = try await farm.completion(of: job.id)
    cheater.stop()
    honest.stop()
    #expect(done.state == .completed)
    #expect(done.tilesVoided > 0)
    let cheaters = try await farm.account(of: "cheater")
    #expect(cheaters.balances.values.allSatisfy { $0 == .zero }, "\(cheaters)")
    #expect(cheaters.pending.values.allSatisfy { $0 == .zero }, "\(cheaters)")
    let honestPay = try await farm.account(of: "honest").balances.values.reduce(Microcredits.zero, +)
    #expect(honestPay == pay(of: done))
    try farm.expectFramesEqualLocalOnes(done, scene: "cornell/cornell.gltf", smallLook)
    try farm.expectBooksBalance()
  }
}
