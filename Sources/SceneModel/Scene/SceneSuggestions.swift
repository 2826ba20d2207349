/// What a `render.json` beside the scene, or the extras of its default scene, say about rendering.
struct SceneSuggestions {
  /// Path in the scene's files, and where it was said.
  var environment: (path: String, place: SceneError.Place)?
  var environmentStrength: Float?
  var settings = Scene.Settings()

  /// Both, `render.json` first. Absent members suggest nothing, unknown ones are ignored.
  static func read(_ document: GLTFDocument, _ files: any SceneFiles) throws(SceneError) -> SceneSuggestions {
    var suggestions = SceneSuggestions()
    if let bytes = try renderJSON(beside: document.file, in: files) {
      let file = renderJSONPath(beside: document.file)
      let root = JSONCursor(
        value: try JSONParser.parse(bytes, file: file), place: SceneError.Place(file: file))
      try suggestions.add(root)
    }
    // Extras may be anything; only an object can hold ours.
    if let extras = try document.defaultScene()?.member("extras"), case .object = extras.value {
      try suggestions.add(extras)
    }
    return suggestions
  }

  /// Path of the `render.json` beside the scene file.
  static func renderJSONPath(beside file: String) -> String {
    let folder = ScenePath.folder(of: file)
    return folder.isEmpty ? "render.json" : folder + "/render.json"
  }

  /// The bytes of the `render.json` beside the scene; nil when there is none.
  static func renderJSON(beside file: String, in files: any SceneFiles) throws(SceneError) -> [UInt8]? {
    do {
      return try files.bytes(at: renderJSONPath(beside: file))
    } catch {
      guard error.fault == .fileMissing else { throw error }
      return nil
    }
  }

  /// Takes what is said here and was not said before.
  private mutating func add(_ object: JSONCursor) throws(SceneError) {
    if environment == nil, let name = try object.member("environment") {
      let folder = ScenePath.folder(of: object.place.file)
      environment = (try ScenePath.resolved(uri: try name.string(), from: folder, at: name.place), name.place)
    }
    if environmentStrength == nil, let strength = try object.member("environmentStrength") {
      let factor = try strength.float()
      guard factor >= 0, factor <= SceneLimits.radianceMax else {
        let high = Double(SceneLimits.radianceMax)
        throw SceneError(.outOfRange(value: Double(factor), low: 0, high: high), at: strength.place)
      }
      environmentStrength = factor
    }
    let (side, samples) = (1...SceneLimits.imageSidePXMax, 1...SceneLimits.samplesPerPixelMax)
    if settings.widthPX == nil { settings.widthPX = try object.member("width")?.int(in: side) }
    if settings.heightPX == nil { settings.heightPX = try object.member("height")?.int(in: side) }
    if settings.samplesPerPixel == nil {
      settings.samplesPerPixel = try object.member("samples")?.int(in: samples)
    }
    if settings.filter == nil, let name = try object.member("filter") {
      guard let filter = PixelFilter(rawValue: try name.string()) else {
        let names = PixelFilter.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        throw SceneError(.wrongType(found: "\"\(try name.string())\"", expected: names), at: name.place)
      }
      settings.filter = filter
    }
  }
}
