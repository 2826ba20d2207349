/// KHR_lights_punctual.
enum PunctualLights {
  static let name = "KHR_lights_punctual"

  /// The file's lights; nil when it has none.
  static func list(_ root: JSONCursor) throws(SceneError) -> JSONCursor? {
    try root.member("extensions")?.member(name)?.member("lights")
  }
}

extension GLTFReader {
  /// The light on a node, where it has one. Scale moves neither its intensity nor its range.
  func light(on node: JSONCursor) throws(SceneError) -> Scene.Light? {
    guard let use = try node.member("extensions")?.member(PunctualLights.name) else { return nil }
    let entry = try document.entry(try use.required("light"), of: .lights)
    let color = try entry.member("color")?.floats(count: 3) ?? [1, 1, 1]
    for (i, part) in color.enumerated() {
      try Self.check(part, 0...1, at: entry.place.appending("color").appending(i))
    }
    var strength: Float = 1
    if let intensity = try entry.member("intensity") {
      strength = try intensity.float()
      try Self.check(strength, 0...SceneLimits.radianceMax, at: intensity.place)
    }
    let kind = try kind(of: entry)
    var light = Scene.Light(kind: kind, intensity: SIMD3(color[0], color[1], color[2]) * strength)
    if kind != .directional, let range = try entry.member("range") {
      let metres = try range.float()
      guard metres > 0 else {
        let high = Double(Float.greatestFiniteMagnitude)
        throw SceneError(.outOfRange(value: Double(metres), low: 0, high: high), at: range.place)
      }
      light.rangeM = metres
    }
    return light
  }

  private func kind(of entry: JSONCursor) throws(SceneError) -> Scene.Light.Kind {
    let type = try entry.required("type")
    switch try type.string() {
    case "directional": return .directional
    case "point": return .point
    case "spot": return try spot(try entry.required("spot"))
    default:
      throw SceneError(
        .wrongType(found: "another type of light", expected: "directional, point or spot"), at: type.place)
    }
  }

  private func spot(_ entry: JSONCursor) throws(SceneError) -> Scene.Light.Kind {
    let inner = try entry.float("innerConeAngle", absent: 0)
    let outer = try entry.float("outerConeAngle", absent: ExactMath.pi / 4)
    // Exporters write pi / 2 with a little more or less.
    let outerMax = ExactMath.pi / 2 * 1.000001
    guard outer > 0, outer <= outerMax else {
      let high = Double(ExactMath.pi / 2)
      throw SceneError(
        .outOfRange(value: Double(outer), low: 0, high: high), at: entry.place.appending("outerConeAngle"))
    }
    guard inner >= 0, inner < outer else {
      throw SceneError(
        .outOfRange(value: Double(inner), low: 0, high: Double(outer)),
        at: entry.place.appending("innerConeAngle"))
    }
    return .spot(innerRad: inner, outerRad: min(outer, ExactMath.pi / 2))
  }

  private static func check(
    _ value: Float, _ range: ClosedRange<Float>, at place: SceneError.Place
  ) throws(SceneError) {
    guard range.contains(value) else {
      let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
      throw SceneError(.outOfRange(value: Double(value), low: low, high: high), at: place)
    }
  }
}
