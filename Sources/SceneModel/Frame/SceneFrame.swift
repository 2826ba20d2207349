extension Scene {
  /// The scene at a time, seen by the camera node of that name; by the first camera in the order of
  /// nodes when it is nil or empty. All animations play together, a later one over an earlier.
  public func frame(timeS: Float, camera: String?) throws(SceneError) -> FrameScene {
    let node = try cameraNode(camera ?? "")
    let placed = try worldFromNode(timeS: timeS)
    guard let axes = placed[node].orthonormalised, let camera = nodes[node].camera else {
      throw SceneError(.cameraFlattened(node: node), at: SceneError.Place(file: source))
    }
    // A node's own space is its camera's.
    let worldFromCamera = Transform<CameraSpace, WorldSpace>(
      xAxis: axes.xAxis, yAxis: axes.yAxis, zAxis: axes.zAxis, origin: axes.origin)
    let view = FrameScene.View(worldFromCamera: worldFromCamera, camera: cameras[camera])
    return try frame(timeS: timeS, placed, view)
  }

  /// The scene at a time, seen from anywhere.
  public func frame(timeS: Float, view: FrameScene.View) throws(SceneError) -> FrameScene {
    try frame(timeS: timeS, try worldFromNode(timeS: timeS), view)
  }

  private func cameraNode(_ name: String) throws(SceneError) -> Int {
    let place = SceneError.Place(file: source)
    let holders = nodes.indices.filter { nodes[$0].camera != nil }
    guard !holders.isEmpty else { throw SceneError(.noCamera, at: place) }
    guard let found = name.isEmpty ? holders.first : holders.first(where: { nodes[$0].name == name }) else {
      throw SceneError(.cameraNotFound(name: name, cameras: holders.map { nodes[$0].name }), at: place)
    }
    return found
  }

  /// Where every node is at a time.
  private func worldFromNode(timeS: Float) throws(SceneError) -> [Transform<ObjectSpace, WorldSpace>] {
    var poses = nodes.map(\.pose)
    for animation in animations {
      for channel in animation.channels where poses[channel.node].matrix == nil {
        let value = channel.value(atS: timeS)
        switch channel.path {
        case .translation: poses[channel.node].translation = SIMD3(value.x, value.y, value.z)
        case .scale: poses[channel.node].scale = SIMD3(value.x, value.y, value.z)
        case .rotation: poses[channel.node].rotation = value
        }
      }
    }
    var placed: [Transform<ObjectSpace, WorldSpace>] = []
    placed.reserveCapacity(nodes.count)
    for (i, node) in nodes.enumerated() {
      let here = (node.parent.map { placed[$0] } ?? .inPlace) * poses[i].transform
      guard here.isFinite else {
        throw SceneError(.notFinite(element: i), at: SceneError.Place(file: source))
      }
      placed.append(here)
    }
    return placed
  }

  private func lights(
    _ placed: [Transform<ObjectSpace, WorldSpace>]
  ) throws(SceneError) -> [FrameScene.Light] {
    var lights: [FrameScene.Light] = []
    for (i, node) in nodes.enumerated() {
      guard let light = node.light else { continue }
      let forward = Vector.normalised(-placed[i].zAxis)
      guard let direction = forward ?? (light.kind == .point ? SIMD3(0, 0, -1) : nil) else {
        throw SceneError(.lightFlattened(node: i), at: SceneError.Place(file: source))
      }
      lights.append(FrameScene.Light(light: light, origin: placed[i].origin, direction: direction))
    }
    return lights
  }

  private func frame(
    timeS: Float, _ placed: [Transform<ObjectSpace, WorldSpace>], _ view: FrameScene.View
  ) throws(SceneError) -> FrameScene {
    var frame = FrameScene(scene: self, instances: [], view: view, lights: try lights(placed))
    let (moving, morphing) = (movingNodes, weights(timeS: timeS))
    for (i, node) in nodes.enumerated() {
      for primitive in node.mesh.map({ meshes[$0] }) ?? [] {
        var instance = FrameScene.Instance(
          primitive: primitive, worldFromObject: placed[i], isMoving: moving[i])
        if let deforming = deforming(primitive, node, weights: morphing[i], placed) {
          instance.deformed = frame.deformed.count
          frame.deformed.append(deforming.vertices)
          // A skin's joints place it, its node does not (glTF 2.0, section 3.7.3.3).
          if deforming.isPlaced { instance.worldFromObject = .inPlace }
        }
        frame.instances.append(instance)
      }
    }
    return frame
  }

  /// Of every node whose morph targets may be seen: their weights at a time.
  private func weights(timeS: Float) -> [Int: [Float]] {
    var weights: [Int: [Float]] = [:]
    for (i, node) in nodes.enumerated() where node.weights.contains(where: { $0 != 0 }) {
      weights[i] = node.weights
    }
    for channel in animations.flatMap(\.weights) {
      weights[channel.node] = (0..<channel.targetCount).map {
        channel.channel(ofTarget: $0).value(atS: timeS).x
      }
    }
    return weights
  }

  private func deforming(
    _ primitive: Int, _ node: Node, weights: [Float]?, _ placed: [Transform<ObjectSpace, WorldSpace>]
  ) -> Deforming? {
    guard let deformation = primitives[primitive].deformation else { return nil }
    let skin = deformation.influences.isEmpty ? nil : node.skin.map { skins[$0] }
    guard weights != nil || skin != nil else { return nil }
    let joints = skin.map { zip($0.joints, $0.jointFromObject).map { placed[$0] * $1 } }
    return Deforming(primitives[primitive], deformation, weights: weights ?? [], joints: joints ?? [])
  }

  /// Of every node: whether an animation drives it or a node above it.
  private var movingNodes: [Bool] {
    var moving = [Bool](repeating: false, count: nodes.count)
    for channel in animations.flatMap(\.channels) where nodes[channel.node].pose.matrix == nil {
      moving[channel.node] = true
    }
    for (i, node) in nodes.enumerated() {
      if let parent = node.parent, moving[parent] { moving[i] = true }
    }
    return moving
  }
}

extension FrameScene.View {
  /// A camera at `eye` that looks at `target`; nil when that gives no direction, or `up` points along it.
  public init?(
    eye: SIMD3<Float>, lookAt target: SIMD3<Float>, up: SIMD3<Float> = SIMD3(0, 1, 0), yFovRad: Float
  ) {
    let aimed = Transform<CameraSpace, WorldSpace>(
      xAxis: .zero, yAxis: up, zAxis: eye - target, origin: eye)
    guard let axes = aimed.orthonormalised, axes.isFinite, yFovRad > 0, yFovRad < ExactMath.pi else {
      return nil
    }
    self.init(worldFromCamera: axes, yFovRad: yFovRad)
  }
}
