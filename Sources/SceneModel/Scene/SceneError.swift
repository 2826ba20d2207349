/// What is wrong with a scene, and where: the file, and the place in it as a JSON pointer (RFC 6901).
/// `description` is one line for a person: place, what, what to do.
public struct SceneError: Error, Hashable, Sendable {
  /// A place in a scene's files.
  public struct Place: Hashable, Sendable {
    /// Path inside the scene's files.
    public var file: String
    /// JSON pointer such as `/meshes/0/primitives/1/indices`; empty for the whole file.
    public var pointer: String
    /// A file and a pointer in it.
    public init(file: String, pointer: String = "") {
      self.file = file
      self.pointer = pointer
    }
    /// The place of a member or element of this one.
    func appending(_ token: some CustomStringConvertible) -> Place {
      Place(file: file, pointer: pointer + "/" + "\(token)".pointerEscaped)
    }
  }

  /// What an index or a count is about.
  public enum Element: String, Hashable, Sendable {
    case accessors, animations, buffers, bufferViews, cameras, images, materials, meshes, nodes, samplers,
      scenes
    case textures, vertices, triangles, instances, keys, lights
    case uvSets = "sets of texture coordinates in one material"
  }

  /// Why a path is refused.
  public enum PathFault: Hashable, Sendable {
    case empty, absolute, climbs, scheme, backslash, controlCharacter, notUTF8, leavesFolder, notAFile
    case tooLong(bytes: Int, max: Int)
  }

  /// What is wrong with a .glb file's frame (glTF 2.0, section 4).
  public enum ContainerFault: Hashable, Sendable {
    case headerCut(bytes: Int)
    case version(UInt32)
    case length(declared: Int, bytes: Int)
    case chunkHeaderCut(chunk: Int, bytes: Int)
    case chunkOverrun(chunk: Int, end: Int, bytes: Int)
    case firstChunkNotJSON(type: UInt32)
  }

  /// What is wrong: numbers and names, no prose.
  public enum Fault: Hashable, Sendable {
    case fileMissing
    case fileUnreadable(errno: Int32)
    case fileTooLarge(bytes: Int, max: Int)
    case pathRefused(path: String, PathFault)
    case malformedJSON(byte: Int, line: Int, column: Int, expected: String)
    case badContainer(ContainerFault)
    case unsupportedVersion(String)
    case unsupportedExtension(String)
    case missingMember(String)
    case wrongType(found: String, expected: String)
    case wrongCount(found: Int, expected: Int)
    case outOfRange(value: Double, low: Double, high: Double)
    case indexOutOfRange(index: Int, count: Int, of: Element)
    case badDataURI
    case bufferTooShort(bytes: Int, byteLength: Int)
    case viewOverrunsBuffer(end: Int, byteLength: Int)
    case accessorOverrunsView(end: Int, byteLength: Int)
    case strideTooSmall(stride: Int, elementBytes: Int)
    case unsuitableAccessor(found: String, expected: String)
    case notFinite(element: Int)
    case nodeCycle(node: Int)
    case nodeHasTwoParents(node: Int, first: Int, second: Int)
    case sceneNodeIsChild(node: Int, parent: Int)
    case nodeListedTwice(node: Int)
    case keysNotAscending(key: Int, timeS: Float, previousS: Float)
    case tooMany(Element, count: Int, max: Int)
    case unknownImageFormat(firstBytes: [UInt8])
    case unknownEnvironmentFormat(firstBytes: [UInt8])
    case noCamera
    case cameraNotFound(name: String, cameras: [String])
    case cameraFlattened(node: Int)
    case lightFlattened(node: Int)
  }

  /// Where.
  public var place: Place
  /// What.
  public var fault: Fault

  /// A fault at a place.
  public init(_ fault: Fault, at place: Place) {
    self.fault = fault
    self.place = place
  }
}

extension String {
  /// A reference token of a JSON pointer (RFC 6901, section 3).
  fileprivate var pointerEscaped: String {
    guard utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return self }
    return flatMap { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.reduce(into: "") { $0.append($1) }
  }
}
