import FarmProtocol
import Testing

/// Limits hold each other: what one lets through, no other makes impossible.
struct LimitsTests {
  @Test func `a body of each kind fits where it goes`() {
    #expect(Limits.smallMessageBytesMax < Limits.jsonBytesMax)
    #expect(Limits.fragmentBytesMax < Limits.resultBytesMax)
    #expect(Limits.smallMessageBytesMax <= Limits.memoryBodyBytesMax, "what anyone may send needs no file")
    #expect(Limits.memoryBodyBytesMax * 100 <= Limits.memoryBodiesBytesMax)
    #expect(Limits.blobBytesMax <= Limits.bundleBytesMax)
    #expect(Limits.headerBytesMax < Limits.connectionBytesMax)
    #expect(Limits.jsonBytesMax <= Limits.eventLineBytesMax)
    #expect(Limits.streamBytesMax <= Limits.eventLineBytesMax)
  }

  @Test func `a digest list of a whole bundle is one message`() {
    let bytesOfEach = 2 * 32 + 3
    #expect(Limits.bundleFilesMax * bytesOfEach <= Limits.jsonBytesMax)
  }

  @Test func `a lease of the farm fits into a worker's silence, a heartbeat into both`() {
    #expect(Limits.heartbeatMS * 4 <= Limits.workerSilenceMS)
    #expect(Limits.workerSilenceMS < Limits.leaseMS)
    #expect(Limits.leaseTargetMS < Limits.leaseMS)
    #expect(Limits.heartbeatMS < Limits.idleMSMax, "a worker's connection stays open between heartbeats")
    #expect(Limits.streamHeartbeatMS < Limits.idleMSMax)
  }

  @Test func `who keeps to the rates is never refused for its nonces`() {
    #expect(Limits.noncesMax >= 2 * Limits.nonceKeysMax)
    #expect(UInt64(Limits.noncesPerKeyMax) / 2 >= Limits.keyRate.burst * 2)
    #expect(Limits.noncesPerKeyMax < Limits.noncesMax)
  }

  @Test func `rates let the dearest request through, and an address has several keys`() {
    #expect(Limits.submissionCost <= Limits.keyRate.burst)
    #expect(Limits.tokenCost <= Limits.keyRate.burst)
    #expect(Limits.keyRate.perSecond < Limits.addressRate.perSecond)
    #expect(Limits.keyRate.burst < Limits.addressRate.burst)
    let worstWaitMS = Limits.keyRate.burst * 1000 / Limits.keyRate.perSecond
    #expect(worstWaitMS * 3 / 2 <= Limits.patienceMSMax, "our clients wait as long as any bucket fills")
  }

  @Test func `an address has a part of the connections only`() {
    #expect(Limits.connectionsPerAddressMax * 4 <= Limits.connectionsMax)
    #expect(Limits.connectionsMax >= 10_000, "as many workers may stay connected")
  }

  @Test func `money of a whole job adds up without overflow`() {
    let (sum, overflow) = Limits.tilePriceMax.multipliedReportingOverflow(by: Int64(Limits.tilesPerJobMax))
    #expect(!overflow && sum <= Limits.amountMax)
    #expect(Limits.amountMax <= Int64.max / 8)
  }
}
