extension Array where Element == UInt8 {
  /// Decodes standard base64 with padding (RFC 4648, section 4). Strict: no line breaks, no other alphabet,
  /// and the bits that padding leaves over must be zero, so that each value has one spelling.
  public init?(base64: some StringProtocol) {
    let digits = Array(base64.utf8)
    guard digits.count.isMultiple(of: 4) else { return nil }
    let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding <= 2 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(digits.count / 4 * 3)
    var bits: UInt32 = 0
    var bitCount = 0
    for digit in digits.dropLast(padding) {
      guard let value = base64Value(digit) else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      guard bitCount >= 8 else { continue }
      bitCount -= 8
      out.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
    }
    guard bitCount == 2 * padding, bits & (1 << UInt32(bitCount) - 1) == 0 else { return nil }
    self = out
  }
}

extension Collection where Element == UInt8 {
  /// Standard base64 with padding (RFC 4648, section 4).
  public var base64: String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let bytes = Array(self)
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<Swift.min(start + 3, bytes.count)]
      let padding = 3 - group.count
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * padding)
      for place in 0..<4 - padding { out.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]) }
      for _ in 0..<padding { out.append(UInt8(ascii: "=")) }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

private func base64Value(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
  case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
  case UInt8(ascii: "+"): 62
  case UInt8(ascii: "/"): 63
  default: nil
  }
}
