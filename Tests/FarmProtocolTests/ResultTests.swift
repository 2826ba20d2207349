import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Testing

struct ResultTests {
  @Test func `result survives its encoding`() throws {
    let result = try Fixtures.result()
    #expect(try ResultEnvelope(decoding: result.encoded()) == result)
  }

  @Test func `result cut anywhere is refused`() throws {
    let bytes = try Fixtures.result().encoded()
    for count in 0..<bytes.count {
      let refusal = try refusal { _ = try ResultEnvelope(decoding: Array(bytes.prefix(count))) }
      #expect(refusal.code == .badRequest, "at \(count)")
    }
  }

  @Test func `result changed anywhere is refused`() throws {
    let bytes = try Fixtures.result().encoded()
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x40
      _ = try refusal { _ = try ResultEnvelope(decoding: changed) }
    }
  }

  @Test func `refusal says where the result is malformed`() throws {
    let bytes = try Fixtures.result().encoded()
    let trailing = try refusal { _ = try ResultEnvelope(decoding: bytes + [0]) }
    #expect(trailing.message.contains("at the end"))
    let type = try refusal { _ = try ResultEnvelope(decoding: Array("farm/other/v1\n".utf8)) }
    #expect(type.message.contains("at the first line"))
  }

  @Test func `result beyond the limit is refused by its size`() throws {
    let bytes = [UInt8](repeating: 0, count: Limits.resultBytesMax + 1)
    #expect(try refusal { _ = try ResultEnvelope(decoding: bytes) }.code == .tooLarge)
  }

  @Test func `largest fragment fits a result`() throws {
    var result = try Fixtures.result()
    result.fragment = [UInt8](repeating: 0, count: Limits.fragmentBytesMax)
    #expect(result.encoded().count <= Limits.resultBytesMax)
  }

  @Test func `result that contradicts itself is refused`() throws {
    var foreign = try Fixtures.result()
    foreign.fragment.append(6)
    let mismatch = try refusal { _ = try ResultEnvelope(decoding: foreign.encoded()) }
    #expect(mismatch.code == .commitmentMismatch && mismatch.message.contains("fragment"))

    var other = try Fixtures.result()
    other.assignment.fence += 1
    let stale = try refusal { _ = try ResultEnvelope(decoding: other.encoded()) }
    #expect(stale.code == .commitmentMismatch && stale.message.contains("assignment"))

    var unsigned = try Fixtures.result()
    unsigned.commitment = Signed(unsigned.commitment.record, by: try Fixtures.key(9))
    #expect(try refusal { _ = try ResultEnvelope(decoding: unsigned.encoded()) }.code == .wrongSignature)
  }

  @Test func `pixel record has the fragment's bits`() {
    let fragment = Fixtures.fragment()
    #expect(
      fragment.record(atPixel: 7)
        == PixelRecord(rgbaHalfBits: [0x381c, 0x381d, 0x381e, 0x381f], work: 107))
  }

  @Test func `commitment root proves each pixel's record`() throws {
    let fragment = Fixtures.fragment()
    let root = fragment.commitmentRoot()
    let rect = fragment.rect
    let tree = PixelTree(
      x: rect.x, y: rect.y, width: rect.width, height: rect.height, rgbaHalfBits: fragment.rgbaHalfBits,
      work: fragment.work)
    let area = PixelTree.Area(x: rect.x, y: rect.y, width: rect.width, height: rect.height)
    for index in 0..<rect.pixelCount {
      let record = try #require(tree.proof(forPixel: index).record(ofPixel: index, in: area, root: root))
      #expect(record == fragment.record(atPixel: index))
    }
  }

  @Test func `observed digest depends on every bit and on the order`() {
    let fragment = Fixtures.fragment()
    let records = (0..<3).map { fragment.record(atPixel: $0) }
    var changed = records
    changed[1].rgbaHalfBits[2] ^= 1
    let digests: Set<Digest> = [
      Challenge.observed(records), Challenge.observed(Array(records.reversed())), Challenge.observed(changed),
      Challenge.observed(Array(records.prefix(2))), Challenge.observed([PixelRecord]()),
    ]
    #expect(digests.count == 5)
  }
}
