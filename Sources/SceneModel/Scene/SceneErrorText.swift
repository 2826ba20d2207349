extension SceneError: CustomStringConvertible {
  /// One line: `file#/pointer: what; remedy`.
  public var description: String {
    let pointer = place.pointer.isEmpty ? "" : "#\(place.pointer)"
    return "\(place.file)\(pointer): \(what); \(remedy)"
  }

  /// What is wrong, with its numbers.
  public var what: String {
    switch fault {
    case .fileMissing: "no such file"
    case .fileUnreadable(let errno): "cannot be read (errno \(errno))"
    case .fileTooLarge(let bytes, let max): "has \(bytes) bytes, the most is \(max)"
    case .pathRefused(let path, let why): "path \"\(path)\" \(why.text)"
    case .malformedJSON(let byte, let line, let column, let expected):
      "malformed JSON at byte \(byte) (line \(line), column \(column)): expected \(expected)"
    case .badContainer(let why): "broken .glb: \(why.text)"
    case .unsupportedVersion(let version): "glTF version \"\(version)\""
    case .unsupportedExtension(let name): "requires the extension \(name)"
    case .missingMember(let name): "has no \"\(name)\""
    case .wrongType(let found, let expected): "is \(found) where \(expected) is expected"
    case .wrongCount(let found, let expected): "has \(found) elements where \(expected) are expected"
    case .outOfRange(let value, let low, let high): "is \(value), outside \(low) ... \(high)"
    case .indexOutOfRange(let index, let count, let element): "index \(index) of \(count) \(element.rawValue)"
    case .badDataURI: "not a base64 data URI"
    case .bufferTooShort(let bytes, let length): "has \(bytes) bytes, byteLength says \(length)"
    case .viewOverrunsBuffer(let end, let length): "ends at byte \(end) of a buffer of \(length)"
    case .accessorOverrunsView(let end, let length): "ends at byte \(end) of a bufferView of \(length)"
    case .strideTooSmall(let stride, let bytes):
      "byteStride \(stride) is less than an element's \(bytes) bytes"
    case .unsuitableAccessor(let found, let expected): "accessor is \(found) where \(expected) is expected"
    case .notFinite(let element): "element \(element) is infinite or not a number"
    case .nodeCycle(let node): "node \(node) is its own ancestor"
    case .nodeHasTwoParents(let node, let first, let second):
      "node \(node) is a child of \(first) and of \(second)"
    case .sceneNodeIsChild(let node, let parent): "node \(node) of the scene is a child of node \(parent)"
    case .nodeListedTwice(let node): "node \(node) is listed twice"
    case .keysNotAscending(let key, let time, let previous):
      "key \(key) at \(time) s does not come after \(previous) s"
    case .tooMany(let element, let count, let max): "\(count) \(element.rawValue), the most is \(max)"
    case .unknownImageFormat(let bytes): "starts with \(bytes), neither PNG nor JPEG"
    case .unknownEnvironmentFormat(let bytes):
      "starts with \(bytes), neither a Radiance .hdr nor an OpenEXR image"
    case .jointOutsideScene(let node): "joint \(node) is not in the scene that is shown"
    case .noCamera: "has no camera"
    case .cameraNotFound(let name, let cameras):
      "no camera node \"\(name)\" among \(cameras.isEmpty ? "none" : cameras.joined(separator: ", "))"
    case .cameraFlattened(let node): "the scale of camera node \(node) leaves it no direction"
    case .lightFlattened(let node): "the scale of light node \(node) leaves it no direction"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch fault {
    case .fileMissing: "put the file there, or correct its name"
    case .fileUnreadable: "check the file's permissions"
    case .fileTooLarge, .tooMany: "split or simplify the scene"
    case .pathRefused: "use a relative path inside the scene's folder"
    case .malformedJSON, .missingMember, .wrongType, .wrongCount, .outOfRange:
      "correct the file or export it again"
    case .unsupportedVersion: "export as glTF 2.0"
    case .unsupportedExtension:
      "export without it; read are \(GLTFDocument.extensions.sorted().joined(separator: ", "))"
    case .unknownImageFormat: "convert it to PNG or JPEG"
    case .unknownEnvironmentFormat: "convert it to a lat-long .hdr or .exr"
    case .noCamera: "add a camera, or give --eye and --look-at"
    case .cameraNotFound: "give one of them to --camera, or --eye and --look-at"
    case .cameraFlattened: "give the camera node a scale other than 0"
    case .lightFlattened: "give the light's node a scale other than 0"
    case .nodeCycle, .nodeHasTwoParents, .sceneNodeIsChild, .nodeListedTwice:
      "give every node one parent at most"
    case .jointOutsideScene: "export the skeleton with the scene"
    case .badContainer, .indexOutOfRange, .badDataURI, .bufferTooShort, .viewOverrunsBuffer,
      .accessorOverrunsView, .strideTooSmall, .unsuitableAccessor, .notFinite, .keysNotAscending:
      "the file is broken: export it again"
    }
  }
}

extension SceneError.PathFault {
  fileprivate var text: String {
    switch self {
    case .empty: "is empty"
    case .absolute: "is absolute"
    case .climbs: "climbs out with \"..\""
    case .scheme: "names a scheme or a drive"
    case .backslash: "has a backslash"
    case .controlCharacter: "has a control character"
    case .notUTF8: "is not UTF-8"
    case .leavesFolder: "leads out of the folder by a link"
    case .notAFile: "is not a regular file"
    case .tooLong(let bytes, let max): "has \(bytes) bytes, the most is \(max)"
    }
  }
}

extension SceneError.ContainerFault {
  fileprivate var text: String {
    switch self {
    case .headerCut(let bytes): "\(bytes) bytes cannot hold its header of 12 bytes and a chunk"
    case .version(let version): "container version \(version), not 2"
    case .length(let declared, let bytes): "length \(declared) in the header, \(bytes) bytes in the file"
    case .chunkHeaderCut(let chunk, let bytes): "\(bytes) bytes left for the header of chunk \(chunk)"
    case .chunkOverrun(let chunk, let end, let bytes): "chunk \(chunk) ends at byte \(end) of \(bytes)"
    case .firstChunkNotJSON(let type): "the first chunk has type \(type), not JSON"
    }
  }
}
