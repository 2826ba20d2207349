extension GLTFReader {
  /// The animations' channels that move nodes of the scene. Morph weights and other targets are left out.
  mutating func animations(of nodes: NodeTable) throws(SceneError) -> [Animation] {
    var animations: [Animation] = []
    for entry in document.list(.animations) {
      let samplers = try entry.required("samplers").elements()
      var channels: [Animation.Channel] = []
      for channel in try entry.required("channels").elements() {
        if let channel = try self.channel(channel, samplers, nodes) { channels.append(channel) }
      }
      animations.append(Animation(name: try entry.text("name"), channels: channels))
    }
    return animations
  }

  private mutating func channel(
    _ cursor: JSONCursor, _ samplers: [JSONCursor], _ nodes: NodeTable
  ) throws(SceneError) -> Animation.Channel? {
    let target = try cursor.required("target")
    let paths: [String: Animation.Path] = [
      "translation": .translation, "rotation": .rotation, "scale": .scale,
    ]
    guard let path = paths[try target.required("path").string()], let node = try target.member("node") else {
      return nil
    }
    guard let position = nodes.position[try document.index(node, into: .nodes)] else { return nil }
    let which = try cursor.required("sampler")
    let index = try which.int()
    guard index < samplers.count else {
      throw SceneError(.indexOutOfRange(index: index, count: samplers.count, of: .samplers), at: which.place)
    }
    return try self.sampled(samplers[index], node: position, path)
  }

  private mutating func sampled(
    _ sampler: JSONCursor, node: Int, _ path: Animation.Path
  ) throws(SceneError) -> Animation.Channel {
    let kinds: [String: Animation.Interpolation] = [
      "STEP": .step, "LINEAR": .linear, "CUBICSPLINE": .cubicSpline,
    ]
    let named = try sampler.member("interpolation")
    guard let interpolation = kinds[try named?.string() ?? "LINEAR"] else {
      throw SceneError(
        .wrongType(found: "another interpolation", expected: "STEP, LINEAR or CUBICSPLINE"),
        at: named?.place ?? sampler.place)
    }
    let input = try sampler.required("input")
    try keys.take(try elementCount(input), at: input.place)
    let times = try numbers(input, width: 1)
    for (i, time) in times.enumerated().dropFirst() where !(time > times[i - 1]) {
      throw SceneError(.keysNotAscending(key: i, timeS: time, previousS: times[i - 1]), at: input.place)
    }
    let output = try sampler.required("output")
    let width = path == .rotation ? 4 : 3
    let flat = try numbers(output, width: width)
    let expected = times.count * (interpolation == .cubicSpline ? 3 : 1)
    guard !times.isEmpty, flat.count == expected * width else {
      throw SceneError(.wrongCount(found: flat.count / width, expected: max(expected, 1)), at: output.place)
    }
    var values = (0..<expected).map { i in
      SIMD4(flat[width * i], flat[width * i + 1], flat[width * i + 2], width == 4 ? flat[width * i + 3] : 0)
    }
    if path == .rotation, interpolation != .cubicSpline { values = values.map(Quaternion.normalised) }
    return Animation.Channel(
      node: node, path: path, interpolation: interpolation, timesS: times, values: values)
  }
}
