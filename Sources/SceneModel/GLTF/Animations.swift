extension GLTFReader {
  /// The animations' channels that move or morph nodes of the scene. Other targets are left out.
  mutating func animations(of nodes: NodeTable) throws(SceneError) -> [Animation] {
    var animations: [Animation] = []
    for entry in document.list(.animations) {
      let samplers = try entry.required("samplers").elements()
      var animation = Animation(name: try entry.text("name"), channels: [])
      for channel in try entry.required("channels").elements() {
        try add(channel, samplers, nodes, to: &animation)
      }
      animations.append(animation)
    }
    return animations
  }

  private mutating func add(
    _ cursor: JSONCursor, _ samplers: [JSONCursor], _ nodes: NodeTable, to animation: inout Animation
  ) throws(SceneError) {
    let target = try cursor.required("target")
    let name = try target.required("path").string()
    let paths: [String: Animation.Path] = [
      "translation": .translation, "rotation": .rotation, "scale": .scale,
    ]
    guard paths[name] != nil || name == "weights", let node = try target.member("node"),
      let position = nodes.position[try document.index(node, into: .nodes)]
    else { return }
    let which = try cursor.required("sampler")
    let index = try which.int()
    guard index < samplers.count else {
      throw SceneError(.indexOutOfRange(index: index, count: samplers.count, of: .samplers), at: which.place)
    }
    if let path = paths[name] {
      animation.channels.append(try sampled(samplers[index], node: position, path))
    } else {
      let (interpolation, timesS, output) = try keys(samplers[index])
      animation.weights.append(
        try weightChannel(node: position, interpolation, timesS: timesS, output: output))
    }
  }

  /// How a sampler goes between which times, and where its values are.
  private mutating func keys(
    _ sampler: JSONCursor
  ) throws(SceneError) -> (Animation.Interpolation, timesS: [Float], output: JSONCursor) {
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
    try keyBudget.take(try elementCount(input), at: input.place)
    let times = try numbers(input, width: 1)
    for (i, time) in times.enumerated().dropFirst() where !(time > times[i - 1]) {
      throw SceneError(.keysNotAscending(key: i, timeS: time, previousS: times[i - 1]), at: input.place)
    }
    return (interpolation, times, try sampler.required("output"))
  }

  private mutating func sampled(
    _ sampler: JSONCursor, node: Int, _ path: Animation.Path
  ) throws(SceneError) -> Animation.Channel {
    let (interpolation, times, output) = try keys(sampler)
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
