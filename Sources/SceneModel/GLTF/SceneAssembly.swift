extension GLTFReader {
  /// The default scene, without environment and settings.
  mutating func scene() throws(SceneError) -> Scene {
    let table = try NodeTable(document)
    var scene = Scene(source: document.file, nodes: [], meshes: [], primitives: [], materials: [])
    var meshIndex: [Int: Int] = [:]
    var instances = Budget(of: .instances, max: SceneLimits.instancesMax)
    var placed = Budget(of: .triangles, max: SceneLimits.trianglesMax)
    for (node, parent) in zip(table.order, table.parents) {
      let cursor = document.list(.nodes)[node]
      var read = Scene.Node(name: try cursor.text("name"), parent: parent, pose: try pose(cursor))
      if let camera = try cursor.member("camera") { try add(camera, to: &read, of: &scene) }
      read.light = try light(on: cursor)
      if let mesh = try cursor.member("mesh") {
        let key = try document.index(mesh, into: .meshes)
        if meshIndex[key] == nil {
          let primitives = try self.mesh(key)
          scene.meshes.append(Array(scene.primitives.count..<scene.primitives.count + primitives.count))
          scene.primitives.append(contentsOf: primitives)
          meshIndex[key] = scene.meshes.count - 1
        }
        read.mesh = meshIndex[key]
        let shown = scene.meshes[meshIndex[key] ?? 0]
        try instances.take(shown.count, at: cursor.place)
        let triangles = shown.reduce(0) { $0 + scene.primitives[$1].indices.count / 3 }
        try placed.take(triangles, at: cursor.place)
      }
      scene.nodes.append(read)
    }
    scene.animations = try animations(of: table)
    scene.materials = materials.materials
    scene.textures = materials.textures
    scene.images = materials.images
    return scene
  }

  /// Gives a node its camera; a node without a name goes by the camera's.
  private func add(_ index: JSONCursor, to node: inout Scene.Node, of scene: inout Scene) throws(SceneError) {
    scene.cameras.append(try camera(index))
    node.camera = scene.cameras.count - 1
    if node.name.isEmpty { node.name = try document.entry(index, of: .cameras).text("name") }
  }
}
