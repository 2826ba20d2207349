/// What a user asked for that goes over what the scene's files say.
public struct SceneOverrides: Hashable, Sendable {
  /// Path in the scene's files of the environment; nil for the scene's own.
  public var environmentFile: String?
  /// Factor on the environment's radiance; nil for the scene's own.
  public var environmentStrength: Float?
  /// Turn of the environment about +Y, degrees, counter-clockwise seen from above.
  public var environmentRotationDeg: Float

  /// Nothing overridden, unless said.
  public init(
    environmentFile: String? = nil, environmentStrength: Float? = nil, environmentRotationDeg: Float = 0
  ) {
    self.environmentFile = environmentFile
    self.environmentStrength = environmentStrength
    self.environmentRotationDeg = environmentRotationDeg
  }
}

/// Reads glTF 2.0 scenes, .gltf and .glb; docs/SCENES.md says what of the format.
public enum SceneReader {
  /// The default scene of the file at `path` in `files`, checked: every index in range, every number finite.
  public static func read(
    _ path: String, from files: some SceneFiles, overrides: SceneOverrides = SceneOverrides()
  ) throws(SceneError) -> Scene {
    let path = try ScenePath.checked(path, at: SceneError.Place(file: path))
    let document = try GLTFDocument(try files.bytes(at: path), file: path)
    let suggestions = try SceneSuggestions.read(document, files)
    var reader = GLTFReader(document, files: files)
    var scene = try reader.scene()
    scene.settings = suggestions.settings
    scene.environment = try environment(suggestions, overrides, files)
    return scene
  }

  /// Every file that reading the scene needs or that it refers to, as paths in `files`: itself first, the
  /// rest sorted, each once. A referred file is listed whether or not it exists; `render.json` only when it
  /// does.
  public static func dependencies(
    of path: String, in files: some SceneFiles, overrides: SceneOverrides = SceneOverrides()
  ) throws(SceneError) -> [String] {
    let path = try ScenePath.checked(path, at: SceneError.Place(file: path))
    let document = try GLTFDocument(try files.bytes(at: path), file: path)
    let reader = GLTFReader(document, files: files)
    var found: Set<String> = []
    for entry in document.list(.buffers) + document.list(.images) {
      guard let uri = try entry.member("uri"), !GLTFReader.isDataURI(try uri.string()) else { continue }
      found.insert(try reader.path(uri))
    }
    if try SceneSuggestions.renderJSON(beside: path, in: files) != nil {
      found.insert(SceneSuggestions.renderJSONPath(beside: path))
    }
    let suggestions = try SceneSuggestions.read(document, files)
    if let environment = try environmentFile(suggestions, overrides) { found.insert(environment.path) }
    found.remove(path)
    return [path] + found.sorted()
  }

  private static func environmentFile(
    _ suggestions: SceneSuggestions, _ overrides: SceneOverrides
  ) throws(SceneError) -> (path: String, place: SceneError.Place)? {
    guard let file = overrides.environmentFile else { return suggestions.environment }
    let place = SceneError.Place(file: file)
    return (try ScenePath.checked(file, at: place), place)
  }

  /// How files of Radiance and of OpenEXR start.
  private static let environmentSignatures: [[UInt8]] = [Array("#?".utf8), [0x76, 0x2f, 0x31, 0x01]]

  private static func environment(
    _ suggestions: SceneSuggestions, _ overrides: SceneOverrides, _ files: some SceneFiles
  ) throws(SceneError) -> Scene.Environment? {
    guard let (path, place) = try environmentFile(suggestions, overrides) else { return nil }
    let strength = overrides.environmentStrength ?? suggestions.environmentStrength ?? 1
    let rotation = overrides.environmentRotationDeg
    guard strength >= 0, strength <= SceneLimits.radianceMax else {
      let high = Double(SceneLimits.radianceMax)
      throw SceneError(.outOfRange(value: Double(strength), low: 0, high: high), at: place)
    }
    guard rotation >= -360, rotation <= 360 else {
      throw SceneError(.outOfRange(value: Double(rotation), low: -360, high: 360), at: place)
    }
    let bytes = try files.bytes(at: path)
    guard environmentSignatures.contains(where: bytes.starts(with:)) else {
      let fault = SceneError.Fault.unknownEnvironmentFormat(firstBytes: Array(bytes.prefix(8)))
      throw SceneError(fault, at: SceneError.Place(file: path))
    }
    return Scene.Environment(source: path, bytes: bytes, strength: strength, rotationDeg: rotation)
  }
}
