import Imaging
import TestSupport
import Testing

struct HalfTests {
  @Test func `every half has the value that the hardware type gives it`() {
    for bits in UInt16.min...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let found = Half.float(bits)
      if expected.isNaN { #expect(found.isNaN) } else { #expect(found.bitPattern == expected.bitPattern) }
    }
  }

  @Test func `every number survives the way through float`() {
    for bits in UInt16.min...UInt16.max where !Half.float(bits).isNaN {
      #expect(Half.bits(Half.float(bits)) == bits)
    }
  }

  @Test func `floats round as the hardware type rounds them`() {
    var random = Seeded(seed: 1)
    for _ in 0..<200_000 {
      let value = Float(bitPattern: .random(in: 0...UInt32.max, using: &random))
      guard !value.isNaN else {
        #expect(Half.float(Half.bits(value)).isNaN)
        continue
      }
      #expect(Half.bits(value) == Float16(value).bitPattern, "\(value)")
    }
  }

  @Test func `ties and their neighbours round to even`() {
    for bits in UInt16(0)..<0x7BFF {
      let low = Half.float(bits)
      let high = Half.float(bits + 1)
      let tie = (low + high) / 2
      #expect(Half.bits(tie) == (bits & 1 == 0 ? bits : bits + 1))
      #expect(Half.bits(tie.nextDown) == bits)
      #expect(Half.bits(tie.nextUp) == bits + 1)
    }
    #expect(Half.bits(65519.996) == Half.maxBits)
    #expect(Half.bits(65520) == 0x7C00)
  }
}
