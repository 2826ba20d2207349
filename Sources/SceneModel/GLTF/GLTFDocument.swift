/// A parsed glTF file: its lists, before anything in them is interpreted.
struct GLTFDocument {
  /// Extensions this reader honours (docs/SCENES.md says how).
  static let extensions: Set<String> = [
    PunctualLights.name, "KHR_materials_emissive_strength", "KHR_materials_unlit", "KHR_mesh_quantization",
    "KHR_texture_transform",
  ]

  let file: String
  let root: JSONCursor
  /// The binary chunk of a .glb.
  let binary: [UInt8]?
  private let lists: [SceneError.Element: [JSONCursor]]

  /// Parses the bytes of a .gltf or .glb, told apart by their first bytes; checks version and required
  /// extensions.
  init(_ bytes: [UInt8], file: String) throws(SceneError) {
    self.file = file
    var json = bytes
    var binary: [UInt8]?
    if GLBContainer.isContainer(bytes) {
      let container = try GLBContainer(bytes, file: file)
      json = container.json
      binary = container.binary
    }
    self.binary = binary
    root = JSONCursor(value: try JSONParser.parse(json, file: file), place: SceneError.Place(file: file))
    try Self.checkVersion(root)
    try Self.checkExtensions(root)
    var lists: [SceneError.Element: [JSONCursor]] = [:]
    let kinds: [SceneError.Element] = [
      .accessors, .animations, .buffers, .bufferViews, .cameras, .images, .materials, .meshes, .nodes,
      .samplers,
      .scenes, .textures, .lights,
    ]
    for kind in kinds {
      let list = kind == .lights ? try PunctualLights.list(root) : try root.member(kind.rawValue)
      guard let list else { continue }
      let entries = try list.elements()
      let max = kind == .nodes ? SceneLimits.nodesMax : SceneLimits.entriesMax
      guard entries.count <= max else {
        throw SceneError(.tooMany(kind, count: entries.count, max: max), at: list.place)
      }
      lists[kind] = entries
    }
    self.lists = lists
  }

  /// All entries of a list of the root; empty when absent.
  func list(_ kind: SceneError.Element) -> [JSONCursor] { lists[kind] ?? [] }

  /// Reads `cursor` as an index into a list of the root.
  func index(_ cursor: JSONCursor, into kind: SceneError.Element) throws(SceneError) -> Int {
    let index = try cursor.int(in: Int(-1 << 53)...Int(1 << 53))
    let count = list(kind).count
    guard index >= 0, index < count else {
      throw SceneError(.indexOutOfRange(index: index, count: count, of: kind), at: cursor.place)
    }
    return index
  }

  /// The entry that the index at `cursor` names.
  func entry(_ cursor: JSONCursor, of kind: SceneError.Element) throws(SceneError) -> JSONCursor {
    list(kind)[try index(cursor, into: kind)]
  }

  /// The default scene: `scene`, or the first; nil when the file has no scenes.
  func defaultScene() throws(SceneError) -> JSONCursor? {
    if let chosen = try root.member("scene") { return try entry(chosen, of: .scenes) }
    return list(.scenes).first
  }

  private static func checkVersion(_ root: JSONCursor) throws(SceneError) {
    let asset = try root.required("asset")
    // minVersion says what a reader must know; without it 2.x readers read any 2.y (glTF 2.0, section 3.2).
    let minimum = try asset.member("minVersion")
    let stated = if let minimum { minimum } else { try asset.required("version") }
    let version = try stated.string()
    let known = version == "2.0" || (minimum == nil && version.hasPrefix("2."))
    guard known else { throw SceneError(.unsupportedVersion(version), at: stated.place) }
  }

  private static func checkExtensions(_ root: JSONCursor) throws(SceneError) {
    guard let required = try root.member("extensionsRequired") else { return }
    for name in try required.elements() where !extensions.contains(try name.string()) {
      throw SceneError(.unsupportedExtension(try name.string()), at: name.place)
    }
  }
}
