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
    return FrameScene(scene: self, instances: instances(placed), view: view, lights: try lights(placed))
  }

  /// The scene at a time, seen from anywhere.
  public func frame(timeS: Float, view: FrameScene.View) throws(SceneError) -> FrameScene {
    let placed = try worldFromNode(timeS: timeS)
    return FrameScene(scene: self, instances: instances(placed), view: view, lights: try lights(placed))
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
    let world = Transform<ObjectSpace, WorldSpace>(
      xAxis: SIMD3(1, 0, 0), yAxis: SIMD3(0, 1, 0), zAxis: SIMD3(0, 0, 1), origin: .zero)
    for (i, node) in nodes.enumerated() {
      let here = (node.parent.map { placed[$0] } ?? world) * poses[i].transform
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

  private func instances(_ placed: [Transform<ObjectSpace, WorldSpace>]) -> [FrameScene.Instance] {
    nodes.indices.flatMap { i in
      (nodes[i].mesh.map { meshes[$0] } ?? []).map {
        FrameScene.Instance(primitive: $0, worldFromObject: placed[i])
      }
    }
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
