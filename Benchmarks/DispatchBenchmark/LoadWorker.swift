import Coordinator
import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Transport

/// What a worker asks, of a coordinator in this process or over HTTP.
protocol Farm: Sendable {
  func join(_ request: JoinRequest, as key: SigningKey) async throws
  func lease(_ request: LeaseRequest, as key: SigningKey) async throws -> LeaseReply
  func deliver(_ result: [UInt8], as key: SigningKey) async throws
}

extension FarmCoordinator: Farm {
  func join(_ request: JoinRequest, as key: SigningKey) async throws {
    _ = try await join(request, as: key.publicKey)
  }
  func lease(_ request: LeaseRequest, as key: SigningKey) async throws -> LeaseReply {
    try await lease(request, for: key.publicKey)
  }
  func deliver(_ result: [UInt8], as key: SigningKey) async throws {
    _ = try await accept(result, from: key.publicKey)
  }
}

/// A farm over HTTP, as one worker's client.
struct RemoteFarm: Farm {
  let client: FarmClient
  func join(_ request: JoinRequest, as key: SigningKey) async throws { _ = try await client.join(request) }
  func lease(_ request: LeaseRequest, as key: SigningKey) async throws -> LeaseReply {
    try await client.lease(request)
  }
  func deliver(_ result: [UInt8], as key: SigningKey) async throws {
    _ = try await client.submitResult(result)
  }
}

/// A worker that renders nothing: asks, signs, delivers, as fast as it is answered.
struct LoadWorker: Sendable {
  let key: SigningKey

  init(_ number: Int) throws {
    let seed = Digest(of: Array("worker \(number)".utf8)).bytes
    guard let key = SigningKey(seed: seed) else { throw BenchmarkFault("no key of seed \(seed)") }
    self.key = key
  }

  /// Joins, then works until no tile is given for a while.
  func run(at farm: some Farm, _ meter: Meter) async throws {
    let device = DeviceDescription(id: "0.0", name: "none", platform: "none", driver: "1", computeUnits: 1)
    try await farm.join(
      JoinRequest(
        protocolVersion: Limits.protocolVersion, name: "load", device: device,
        kernelSet: BenchmarkFarm.kernelSet), as: key)
    var idle = 0
    while idle < 3 {
      let asked = ContinuousClock.now
      guard let lease = try await farm.lease(LeaseRequest(), as: key).lease else {
        idle += 1
        try await Task.sleep(for: .milliseconds(50))
        continue
      }
      idle = 0
      meter.lease(ContinuousClock.now - asked)
      for assignment in lease.assignments {
        let result = try result(assignment.record, lease.terms)
        let sent = ContinuousClock.now
        do {
          try await farm.deliver(result, as: key)
        } catch let refusal as Refusal where [.staleLease, .conflict].contains(refusal.code) {
          // An idle worker was faster: its copy counts.
          continue
        }
        meter.accept(ContinuousClock.now - sent)
      }
    }
  }

  private func result(_ assignment: Assignment, _ terms: JobTerms) throws -> [UInt8] {
    let rect = terms.tile(assignment.tile).rect
    let pixel = BenchmarkFarm.pixel
    let fragment = Fragment(
      rect: rect, rgbaHalfBits: (0..<rect.pixelCount).flatMap { _ in pixel.rgbaHalfBits },
      work: Array(repeating: pixel.work, count: rect.pixelCount))
    let bytes = try FragmentCodec.encode(
      fragment,
      header: FragmentHeader(
        job: assignment.job.digest.bytes, tile: assignment.tile.value, attempt: assignment.attempt))
    let commitment = Commitment(
      assignment: assignment.digest, root: fragment.commitmentRoot(), pixelCount: UInt32(rect.pixelCount),
      work: fragment.totalWork, fragment: Digest(of: bytes), deviceScene: BenchmarkFarm.kernelSet,
      device: Digest(of: [3]))
    return ResultEnvelope(
      assignment: assignment, commitment: Signed(commitment, by: key), fragment: bytes
    ).encoded()
  }
}
