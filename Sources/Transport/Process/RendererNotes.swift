import FarmProtocol

/// What a renderer says on standard error, as lines that a person's terminal and disk can take: it may be in
/// a stranger's hands. Pure: bytes in, lines out.
struct RendererNotes {
  private var pending: [UInt8] = []
  private var linesLeft = Limits.rendererLinesMax

  /// The lines that `bytes` end.
  mutating func lines(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    for byte in bytes where linesLeft > 0 {
      guard byte == UInt8(ascii: "\n") else {
        if pending.count < Limits.rendererLineBytesMax { pending.append(byte) }
        continue
      }
      linesLeft -= 1
      lines.append(linesLeft > 0 ? String(decoding: pending, as: UTF8.self).oneLine : "it says too much")
      pending.removeAll(keepingCapacity: true)
    }
    return lines
  }
}

extension String {
  /// Without what could move a terminal's cursor, and at most as long as a line may be.
  var oneLine: String {
    let bounded = String(decoding: utf8.prefix(Limits.rendererLineBytesMax), as: UTF8.self)
    let scalars = bounded.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: Unicode.Scalar(UInt8(ascii: "?"))
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

extension Refusal {
  /// The same in words that can be shown and stored.
  var bounded: Refusal { Refusal(code, message.oneLine, remedy: remedy.oneLine) }
}

extension DeviceDescription {
  /// The same in words that can be shown and stored.
  var bounded: DeviceDescription {
    DeviceDescription(
      id: id.oneLine, name: name.oneLine, platform: platform.oneLine, driver: driver.oneLine,
      computeUnits: computeUnits)
  }
}
