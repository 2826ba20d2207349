/// Materials, textures and images in the order in which primitives first use them; what none uses is not
/// read.
struct MaterialTable {
  var materials: [Scene.Material] = []
  var textures: [Scene.Texture] = []
  var images: [Scene.Image] = []
  /// By material, the newest perhaps unfinished: n of TEXCOORD_n of the sets that its textures use.
  private var uvSets: [[Int]] = []
  /// From the file's index (-1 for the default material) to ours.
  fileprivate var materialIndex: [Int: Int] = [:]
  fileprivate var textureIndex: [Int: Int] = [:]
  fileprivate var imageIndex: [Int: Int] = [:]

  /// Sets of texture coordinates that a material may use.
  static let uvSetsMax = 2

  /// The n of TEXCOORD_n that a primitive needs for material `index`, in the order of `TextureUse.uvSet`.
  func uvSets(of index: Int) -> [Int] { uvSets[index] }

  fileprivate mutating func begin() { uvSets.append([]) }

  /// Which of the newest material's sets TEXCOORD_`number` is; nil when there are too many.
  mutating func place(ofSet number: Int) -> Int? {
    let last = uvSets.count - 1
    if let known = uvSets[last].firstIndex(of: number) { return known }
    guard uvSets[last].count < MaterialTable.uvSetsMax else { return nil }
    uvSets[last].append(number)
    return uvSets[last].count - 1
  }
}

extension GLTFReader {
  /// Index in the table of the material that the file's index at `cursor` names; of the default material
  /// when there is none (section 3.7.2.1).
  mutating func materialIndex(_ cursor: JSONCursor?) throws(SceneError) -> Int {
    let key = if let cursor { try document.index(cursor, into: .materials) } else { -1 }
    if let known = materials.materialIndex[key] { return known }
    materials.begin()
    let read = key < 0 ? Scene.Material(name: "default") : try material(document.list(.materials)[key])
    materials.materials.append(read)
    materials.materialIndex[key] = materials.materials.count - 1
    return materials.materials.count - 1
  }

  /// Index in the table of the texture that the file's index at `cursor` names.
  mutating func texture(_ cursor: JSONCursor) throws(SceneError) -> Int {
    let key = try document.index(cursor, into: .textures)
    if let known = materials.textureIndex[key] { return known }
    let entry = document.list(.textures)[key]
    var texture = Scene.Texture(image: try imageIndex(try entry.required("source")))
    if let sampler = try entry.member("sampler") {
      let sampler = try document.entry(sampler, of: .samplers)
      texture.wrapS = try Self.wrap(sampler, "wrapS")
      texture.wrapT = try Self.wrap(sampler, "wrapT")
      texture.nearest = try sampler.int("magFilter", absent: 9729) == 9728
    }
    materials.textures.append(texture)
    materials.textureIndex[key] = materials.textures.count - 1
    return materials.textures.count - 1
  }

  private mutating func imageIndex(_ cursor: JSONCursor) throws(SceneError) -> Int {
    let key = try document.index(cursor, into: .images)
    if let known = materials.imageIndex[key] { return known }
    materials.images.append(try image(key))
    materials.imageIndex[key] = materials.images.count - 1
    return materials.images.count - 1
  }

  /// OpenGL's names for wrapping, as glTF writes them (section 5.26).
  private static func wrap(_ sampler: JSONCursor, _ name: String) throws(SceneError) -> Scene.Texture.Wrap {
    let code = try sampler.int(name, absent: 10497)
    switch code {
    case 33071: return .clamped
    case 33648: return .mirrored
    case 10497: return .repeated
    default:
      throw SceneError(
        .wrongType(found: "\(code)", expected: "10497, 33071 or 33648"), at: sampler.place.appending(name))
    }
  }
}
