import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Testing
import Worker

/// Several devices, what each says of itself, and what its owner gives it.
@Suite struct DeviceTests {
  let folder = TemporaryFolder()

  private func device(_ id: String, _ name: String) -> DeviceDescription {
    DeviceDescription(id: id, name: name, platform: "p", driver: "1", computeUnits: 4)
  }

  private var devices: [DeviceDescription] {
    [device("0.0", "pthread-EPYC"), device("0.1", "basic-EPYC"), device("1.0", "Arc A770")]
  }

  @Test(arguments: [
    ("0.1", ["0.1"]), ("arc  a770", ["1.0"]), ("arc", ["1.0"]), ("1.0,0.0", ["1.0", "0.0"]),
    ("basic", ["0.1"]), ("all", ["0.0", "0.1", "1.0"]), (" 1.0 , basic", ["1.0", "0.1"]),
  ])
  func `a device is meant by its id, its name or a part of one`(list: String, ids: [String]) throws {
    #expect(try DeviceChoice.choose(list, among: devices).map(\.id) == ids)
  }

  @Test(arguments: [
    ("2.0", "no device \"2.0\"; there are 0.0 (pthread-EPYC), 0.1 (basic-EPYC), 1.0 (Arc A770)"),
    ("epyc", "\"epyc\" is the name of 0.0, 0.1"), ("1.0,arc", "in the list already"), ("", "no device \"\""),
    ("1.0,", "no device \"\""),
  ])
  func `a list that means no devices says which there are`(list: String, text: String) {
    #expect {
      try DeviceChoice.choose(list, among: devices)
    } throws: {
      "\($0)".contains(text)
    }
  }

  @Test func `a device's speed is kept until device, driver, kernels or program change`() throws {
    let home = try WorkerHome(folder: folder.path)
    let description = RendererDescription(device: device("0.0", "gpu"), kernelSet: .zero)
    let file = BenchmarkFile(home: home, program: .zero)
    #expect(file.raysPerS(description) == nil)
    file.keep(77, of: description)
    var other = description
    other.device.driver = "2"
    file.keep(88, of: other)
    let again = BenchmarkFile(home: home, program: .zero)
    #expect(again.raysPerS(description) == 77 && again.raysPerS(other) == 88)
    other.kernelSet = Digest(of: [1])
    #expect(again.raysPerS(other) == nil)
    #expect(BenchmarkFile(home: home, program: Digest(of: [1])).raysPerS(description) == nil)
    try Data("{".utf8).write(to: home.folder.appendingPathComponent("benchmarks.json"))
    #expect(again.raysPerS(description) == nil, "a damaged file is one without entries")
  }

  @Test func `what several devices left is delivered by the first of the next run`() throws {
    let home = try WorkerHome(folder: folder.path)
    let farm = Samples.coordinator.publicKey
    let results = (0..<3).map { Samples.result(Samples.assignment(UInt32($0), fence: 5)) }
    for (index, result) in results.enumerated() { try home.outbox(farm: farm, device: index).put(result) }
    #expect(try home.outbox(farm: farm).contents().entries.count == 1)
    try home.gatherOutboxes()
    #expect(try home.outbox(farm: farm).contents().entries.map(\.tile.value) == [0, 1, 2])
    #expect(try home.outbox(farm: farm, device: 1).contents().entries.isEmpty)
  }

  @Test func `a device says what it is with each request`() {
    var settings = WorkerMachine.Settings(seed: 1)
    (settings.memoryBytesMax, settings.pricePerRayMin) = (8_000, Microcredits(3))
    var driver = MachineDriver(settings)
    driver.send(.described(Samples.device, raysPerS: 70))
    driver.send(.started)
    let offer = WorkerOffer(
      device: "0.0", raysPerS: 70, memoryBytesMax: 8_000, pricePerRayMin: Microcredits(3))
    #expect(driver.send(.joined(Samples.joined, outbox: [])) == [.requestLease(LeaseRequest(offer: offer))])
  }

  @Test
  func `renderer that takes more memory than is given is ended, and its lease goes back with the reason`() {
    let lease = Samples.lease(fence: 5, tiles: 0..<3)
    var settings = WorkerMachine.Settings(seed: 1)
    settings.memoryBytesMax = 100 << 20
    var driver = MachineDriver(settings)
    driver.send(.started)
    driver.send(.joined(Samples.joined, outbox: []))
    driver.send(.leased(lease))
    driver.send(.fetched(fence: 5))
    #expect(driver.send(.memoryTaken(bytes: 100 << 20)) == [])
    let actions = driver.send(.memoryTaken(bytes: 300 << 20))
    let reason = "it takes 300 MiB of memory, 100 are given"
    let gaveBack = Heartbeat(
      fences: [], released: [5], failures: [LeaseFailure(fence: 5, reason: reason)])
    #expect(actions == [.leaveDevice, .heartbeat(gaveBack)])
    #expect(driver.send(.memoryTaken(bytes: 300 << 20)) == [], "it is ended once")
    driver.send(.loadFailed(.rendererLost("ended")))
    driver.send(.deviceLeft)
    driver.send(.heartbeatAnswered(HeartbeatReply(lost: [])))
    // Not at once: the next lease may be of the same job.
    #expect(driver.wake() == [.requestLease(LeaseRequest())])
    #expect(driver.nowMS >= 250)
  }

  @Test func `job that pays too little is not worked for, whatever the farm thinks`() {
    var check = LeaseCheckTests().check
    let lease = Samples.lease(fence: 5, tiles: 0..<3)
    check.pricePerRayMin = lease.terms.pricePerRay
    #expect(throws: Never.self) { try check.check(lease) }
    check.pricePerRayMin = Microcredits(lease.terms.pricePerRay.value + 1)
    #expect {
      try check.check(lease)
    } throws: { error in
      (error as? Refusal)?.message.contains("pays 3 microcredits a ray, the least here is 4") ?? false
    }
  }

  @Test(.timeLimit(.minutes(2))) func `several devices do the tiles they were told to, together`()
    async throws
  {
    let home = try WorkerHome(folder: folder.path)
    let text = Data("\(Samples.worker.seed.hex)\n".utf8)
    _ = FileManager.default.createFile(
      atPath: home.keyFile.path, contents: text, attributes: [.posixPermissions: 0o600])
    let farm = MemoryFarm(terms: Samples.terms(frames: 4), worker: Samples.worker.publicKey, seed: 1)
    let board = StatusBoard(name: "w", url: "u", home: home, deviceCount: 2)
    let renderers = [FakeRenderer(), FakeRenderer()]
    let benchmarks = BenchmarkFile(home: home, program: .zero)
    let workers = try renderers.enumerated().map { index, renderer in
      try Worker(
        name: "w", home: home, link: farm, renderer: renderer,
        settings: .init(drainAfterTiles: 20, seed: UInt64(index)), device: index, benchmarks: benchmarks,
        clock: .fast
      ) { board.take($0, of: index) }
    }
    let register = WorkerRegister(defaultHome: folder.path)
    let daemon = WorkerDaemon(.init(), workers: workers, board: board, home: home, register: register) { _ in
    }
    #expect(try await daemon.run() == .drained)
    let accepted = await farm.accepted.count
    // Each alone would have done twenty; one may do some more before it hears of the other's last.
    #expect(accepted >= 20 && accepted < 40, "\(accepted)")
    for renderer in renderers {
      #expect(await renderer.renders > 0)
      #expect(await renderer.isStopped)
    }
    #expect(await renderers[0].benchmarks + renderers[1].benchmarks == 1, "one device twice is measured once")
    #expect(register.running().isEmpty)
  }
}
