/// How an accessor's numbers lie in memory (glTF 2.0, section 3.6.2), checked against its buffer.
struct ElementLayout {
  /// Raw values are glTF's `componentType` codes.
  enum Component: Int {
    case int8 = 5120, uint8 = 5121, int16 = 5122, uint16 = 5123, uint32 = 5125, float = 5126
    var bytes: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .uint32, .float: 4
      }
    }
  }

  var component: Component
  /// Numbers in an element.
  var width: Int
  var normalised: Bool
  var count: Int
  /// The whole buffer; nil for elements that are all zero.
  var bytes: [UInt8]?
  var start = 0
  var stride = 0

  /// Every number in order, element by element; integers as they are, or normalised (section 3.11).
  func floats() -> [Float] {
    guard let bytes else { return [Float](repeating: 0, count: count * width) }
    return bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: count * width) { out, filled in
        for element in 0..<count {
          for c in 0..<width {
            out.initializeElement(at: filled, to: number(raw, start + element * stride + c * component.bytes))
            filled += 1
          }
        }
      }
    }
  }

  /// Every number in order as an unsigned integer; only for unsigned components.
  func integers() -> [UInt32] {
    guard let bytes else { return [UInt32](repeating: 0, count: count * width) }
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { element in
        let at = start + element * stride
        switch component {
        case .uint8, .int8: return UInt32(raw[at])
        case .uint16, .int16:
          return UInt32(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt16.self)))
        case .uint32, .float:
          return UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        }
      }
    }
  }

  private func number(_ raw: UnsafeRawBufferPointer, _ at: Int) -> Float {
    switch component {
    case .float:
      return Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    case .uint32:
      return Float(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    case .uint16:
      let value = Float(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt16.self)))
      return normalised ? value / 65535 : value
    case .int16:
      let value = Float(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: Int16.self)))
      return normalised ? max(value / 32767, -1) : value
    case .uint8:
      return normalised ? Float(raw[at]) / 255 : Float(raw[at])
    case .int8:
      let value = Float(Int8(bitPattern: raw[at]))
      return normalised ? max(value / 127, -1) : value
    }
  }
}

extension GLTFReader {
  private static let widths = [
    "SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16,
  ]

  /// Finite numbers of the accessor whose index is at `cursor`, `width` an element, element by element.
  mutating func numbers(_ cursor: JSONCursor, width: Int) throws(SceneError) -> [Float] {
    let accessor = try document.entry(cursor, of: .accessors)
    let layout = try layout(accessor)
    guard layout.width == width else {
      throw SceneError(
        .unsuitableAccessor(found: name(layout), expected: "\(width) numbers an element"), at: cursor.place)
    }
    var numbers = layout.floats()
    if let sparse = try accessor.member("sparse") {
      let (places, values) = try substitutes(sparse, in: layout)
      let replacing = values.floats()
      for (i, element) in places.enumerated() {
        for c in 0..<width { numbers[Int(element) * width + c] = replacing[i * width + c] }
      }
    }
    if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
      throw SceneError(.notFinite(element: bad / width), at: accessor.place)
    }
    return numbers
  }

  /// Unsigned integers of the accessor whose index is at `cursor`.
  mutating func indices(_ cursor: JSONCursor) throws(SceneError) -> [UInt32] {
    let accessor = try document.entry(cursor, of: .accessors)
    let layout = try layout(accessor)
    guard layout.width == 1, Self.isIndexType(layout) else {
      throw SceneError(
        .unsuitableAccessor(found: name(layout), expected: "unsigned scalars"), at: cursor.place)
    }
    var indices = layout.integers()
    if let sparse = try accessor.member("sparse") {
      let (places, values) = try substitutes(sparse, in: layout)
      for (element, value) in zip(places, values.integers()) { indices[Int(element)] = value }
    }
    return indices
  }

  /// How many elements the accessor whose index is at `cursor` has.
  func elementCount(_ cursor: JSONCursor) throws(SceneError) -> Int {
    try document.entry(cursor, of: .accessors).required("count").int()
  }

  /// How many numbers an element of the accessor whose index is at `cursor` has; 0 for an unknown type.
  func elementWidth(_ cursor: JSONCursor) throws(SceneError) -> Int {
    Self.widths[try document.entry(cursor, of: .accessors).required("type").string()] ?? 0
  }

  private static func isIndexType(_ layout: ElementLayout) -> Bool {
    [.uint8, .uint16, .uint32].contains(layout.component) && !layout.normalised
  }

  private func name(_ layout: ElementLayout) -> String {
    "\(layout.width) x \(layout.component)\(layout.normalised ? " normalised" : "")"
  }

  private mutating func layout(_ accessor: JSONCursor) throws(SceneError) -> ElementLayout {
    let count = try accessor.required("count").int()
    guard count <= 3 * SceneLimits.verticesMax else {
      throw SceneError(
        .tooMany(.vertices, count: count, max: 3 * SceneLimits.verticesMax), at: accessor.place)
    }
    let type = try accessor.required("type")
    guard let width = Self.widths[try type.string()] else {
      throw SceneError(
        .unsuitableAccessor(found: try type.string(), expected: "SCALAR, VEC2, VEC3 ..."), at: type.place)
    }
    var layout = ElementLayout(
      component: try component(accessor), width: width,
      normalised: try accessor.member("normalized")?.bool() ?? false,
      count: count)
    if let view = try accessor.member("bufferView") {
      try place(&layout, in: view, offset: try accessor.int("byteOffset", absent: 0), at: accessor.place)
    } else {
      // Without bytes behind it a count of a few digits could ask for gigabytes.
      guard count * width <= SceneLimits.verticesMax else {
        throw SceneError(
          .tooMany(.vertices, count: count, max: SceneLimits.verticesMax / width), at: accessor.place)
      }
    }
    return layout
  }

  private func component(_ cursor: JSONCursor) throws(SceneError) -> ElementLayout.Component {
    let code = try cursor.required("componentType")
    guard let component = ElementLayout.Component(rawValue: try code.int()) else {
      throw SceneError(
        .unsuitableAccessor(found: "componentType \(try code.int())", expected: "5120 ... 5126"),
        at: code.place)
    }
    return component
  }

  /// Puts elements into a bufferView, having checked that they fit.
  private mutating func place(
    _ layout: inout ElementLayout, in viewIndex: JSONCursor, offset: Int, at place: SceneError.Place
  ) throws(SceneError) {
    let view = try bufferView(viewIndex)
    let elementBytes = layout.width * layout.component.bytes
    guard view.stride == 0 || view.stride >= elementBytes else {
      throw SceneError(.strideTooSmall(stride: view.stride, elementBytes: elementBytes), at: place)
    }
    layout.stride = view.stride == 0 ? elementBytes : view.stride
    // At most 2^53 + 252 * 2^28: no overflow.
    let end = layout.count == 0 ? offset : offset + (layout.count - 1) * layout.stride + elementBytes
    guard end <= view.length else {
      throw SceneError(.accessorOverrunsView(end: end, byteLength: view.length), at: place)
    }
    layout.bytes = view.bytes
    layout.start = view.start + offset
  }

  /// Which elements a sparse accessor replaces (section 3.6.2.3), and by what.
  private mutating func substitutes(
    _ sparse: JSONCursor, in base: ElementLayout
  ) throws(SceneError) -> (places: [UInt32], values: ElementLayout) {
    let count = try sparse.required("count").int(in: 0...base.count)
    let indices = try sparse.required("indices")
    var places = ElementLayout(component: try component(indices), width: 1, normalised: false, count: count)
    guard Self.isIndexType(places) else {
      throw SceneError(
        .unsuitableAccessor(found: name(places), expected: "unsigned scalars"), at: indices.place)
    }
    try place(
      &places, in: try indices.required("bufferView"), offset: try indices.int("byteOffset", absent: 0),
      at: indices.place)
    let cursor = try sparse.required("values")
    var values = base
    values.count = count
    try place(
      &values, in: try cursor.required("bufferView"), offset: try cursor.int("byteOffset", absent: 0),
      at: cursor.place)
    let elements = places.integers()
    if let bad = elements.first(where: { $0 >= UInt32(base.count) }) {
      throw SceneError(.indexOutOfRange(index: Int(bad), count: base.count, of: .vertices), at: indices.place)
    }
    return (elements, values)
  }
}
