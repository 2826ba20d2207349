import Coordinator
import Cryptography
import FarmProtocol
import Foundation
import Settlement
import TestSupport
import Testing

/// Uploads in pieces, and what is deleted when there is no room.
@Suite struct StorageTests {
  private let root = NSTemporaryDirectory() + "storage-\(UInt64.random(in: 0 ... .max))"
  private let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
  private var digest: Digest { Digest(of: bytes) }

  private func desk() throws -> (UploadDesk, BlobStore) {
    let blobs = try BlobStore(root: "\(root)/blobs")
    return (try UploadDesk(root: "\(root)/uploads", blobs: blobs), blobs)
  }

  private func code(_ body: () async throws -> Void) async -> Refusal.Code? {
    do {
      try await body()
      return nil
    } catch { return (error as? Refusal)?.code }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `pieces of any size, sent again and over restarts, make the file`(seed: UInt64) async throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    var random = Seeded(seed: seed)
    var (desk, blobs) = try self.desk()
    var status = await desk.status(digest, by: worker(1))
    while !status.isStored {
      if Int.random(in: 0..<4, using: &random) == 0 { (desk, blobs) = try self.desk() }
      #expect(await desk.status(digest, by: worker(1)) == status)
      // Sometimes a piece that came already, as when its answer was lost.
      let back = Int.random(in: 0..<3, using: &random) == 0 ? min(status.bytes, 50) : 0
      let start = Int(status.bytes - back)
      let end = min(bytes.count, start + Int.random(in: 1...200, using: &random))
      status = try await desk.take(
        Array(bytes[start..<end]), at: UInt64(start), of: UInt64(bytes.count), digest, by: worker(1))
    }
    #expect(try blobs.get(digest) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/uploads").isEmpty)
  }

  @Test func `what is no next piece of the file is refused`() async throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (desk, blobs) = try self.desk()
    let size = UInt64(bytes.count)
    let take = { (piece: [UInt8], offset: UInt64, size: UInt64) in
      await code { _ = try await desk.take(piece, at: offset, of: size, digest, by: worker(1)) }
    }
    #expect(await take([1], 5, size) == .conflict)
    #expect(await take([1, 2], size - 1, size) == .badRequest)
    #expect(await take([1], 0, UInt64(Limits.blobBytesMax) + 1) == .badRequest)
    #expect(await take([1], .max, .max) == .badRequest)
    _ = try await desk.take(Array(bytes.prefix(10)), at: 0, of: size, digest, by: worker(1))
    // Another's pieces are another upload.
    #expect(await desk.status(digest, by: worker(2)).bytes == 0)
    var wrong = bytes
    wrong[999] ^= 1
    #expect(await take(Array(wrong[10...]), 10, size) == .badRequest)
    #expect(blobs.byteCount(of: digest) == nil)
    #expect(await desk.status(digest, by: worker(1)).bytes == 0, "it starts anew")
  }

  @Test func `a batch reads back, and what is none is refused`() throws {
    let batch = BlobBatch([[1, 2, 3], [], [UInt8](repeating: 7, count: 300)])
    #expect(try BlobBatch(decoding: batch.encoded()) == batch)
    for broken in [
      [], Array(batch.encoded().dropLast()), batch.encoded() + [0], Array("farm/blobs/v1\n".utf8),
    ] {
      #expect(throws: Refusal.self) { try BlobBatch(decoding: broken) }
    }
    var many = Array("farm/blobs/v1\n".utf8)
    many += [255, 255, 255, 255]
    #expect(throws: Refusal.self) { try BlobBatch(decoding: many) }
  }

  private func blob(_ number: UInt8, bytes: UInt64, usedMS: UInt64) -> BlobRetention.Blob {
    BlobRetention.Blob(digest: Digest(of: [number]), bytes: bytes, usedMS: usedMS)
  }

  @Test func `only without room, and only what nobody needs, the longest unused first`() {
    var retention = BlobRetention(quotaBytes: 100)
    retention.freeBytesMin = 50
    let nowMS: UInt64 = 10 * retention.graceMS
    let blobs = (1...6 as ClosedRange<UInt8>).map { blob($0, bytes: 25, usedMS: UInt64($0) * 1_000) }
    let expired = { (needed: [Digest], blobs: [BlobRetention.Blob], free: UInt64) in
      retention.expired(blobs, needed: Set(needed), freeBytes: free, nowMS: nowMS).map(\.usedMS)
    }
    #expect(expired([], Array(blobs.prefix(4)), 50) == [])
    // 150 of 100, and ten more: three files.
    #expect(expired([], blobs, 50) == [1_000, 2_000, 3_000])
    #expect(expired([blobs[0].digest, blobs[2].digest], blobs, 50) == [2_000, 4_000, 5_000])
    #expect(expired(blobs.map(\.digest), blobs, 0) == [])
    #expect(expired([], Array(blobs.prefix(2)), 30) == [1_000], "the disk is nearly full")
    let fresh = (1...6 as ClosedRange<UInt8>).map { blob($0, bytes: 25, usedMS: nowMS - UInt64($0)) }
    #expect(expired([], fresh, 0) == [], "somebody is about to submit a job with them")
  }

  @Test func `files of a job stay until its tiles can be checked no more, then they make room`() async throws
  {
    let test = TestFarm()
    test.clock.advance(UInt64(Date().timeIntervalSince1970 * 1000))
    let terms = test.terms()
    let farm = try await test.openWithJob(terms, quotaBytes: 1)
    try await TestFarm.work(TestWorker(1), at: farm)
    try await farm.settle()
    #expect(try await farm.status(of: terms.id, for: TestFarm.submitter.publicKey).state == .completed)
    test.clock.advance(86_400_000)
    #expect(try await farm.collect() == 0)
    await #expect { try await farm.checkQuota() } throws: { ($0 as? Refusal)?.code == .busy }
    test.clock.advance(7 * 86_400_000)
    #expect(try await farm.collect() == 5, "a scene file and four fragments")
    try await farm.checkQuota()
    // Nothing misses them.
    try await farm.settle()
    #expect(await farm.faultReason == nil)
    #expect(try await farm.audit().findings.isEmpty)
  }
}
