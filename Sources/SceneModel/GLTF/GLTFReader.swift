/// Reads one document's contents. Buffers are loaded when first used; what is read counts against
/// `SceneLimits` before memory is taken.
struct GLTFReader {
  let document: GLTFDocument
  let files: any SceneFiles
  var buffers: [Int: [UInt8]] = [:]
  var materials = MaterialTable()
  var vertices = Budget(of: .vertices, max: SceneLimits.verticesMax)
  var triangles = Budget(of: .triangles, max: SceneLimits.trianglesMax)
  var keys = Budget(of: .keys, max: SceneLimits.keysMax)

  /// A reader of `document`, whose other files are in `files`.
  init(_ document: GLTFDocument, files: any SceneFiles) {
    self.document = document
    self.files = files
  }
}

/// How much of something a scene has taken, and may take.
struct Budget {
  private let element: SceneError.Element
  private let max: Int
  private var taken = 0

  /// Nothing taken yet of `max`.
  init(of element: SceneError.Element, max: Int) {
    self.element = element
    self.max = max
  }

  /// Takes `more`; refuses, naming `place`, to go over the limit.
  mutating func take(_ more: Int, at place: SceneError.Place) throws(SceneError) {
    let (sum, overflow) = taken.addingReportingOverflow(more)
    guard !overflow, sum <= max else {
      throw SceneError(.tooMany(element, count: overflow ? .max : sum, max: max), at: place)
    }
    taken = sum
  }
}
