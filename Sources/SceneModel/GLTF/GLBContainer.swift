/// The two parts of a .glb file (glTF 2.0, section 4): JSON, and the binary chunk that `buffers[0]` may be.
struct GLBContainer {
  var json: ArraySlice<UInt8>
  var binary: ArraySlice<UInt8>?

  /// Whether the bytes start with the magic "glTF".
  static func isContainer(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array("glTF".utf8)) }

  /// Takes a whole .glb apart. Chunks of unknown type are skipped.
  init(_ bytes: [UInt8], file: String) throws(SceneError) {
    func broken(_ fault: SceneError.ContainerFault) -> SceneError {
      SceneError(.badContainer(fault), at: SceneError.Place(file: file))
    }
    guard bytes.count >= 20 else { throw broken(.headerCut(bytes: bytes.count)) }
    let version = Self.word(bytes, 4)
    guard version == 2 else { throw broken(.version(version)) }
    let length = Int(Self.word(bytes, 8))
    guard length == bytes.count else { throw broken(.length(declared: length, bytes: bytes.count)) }
    var at = 12
    var chunk = 0
    var json: ArraySlice<UInt8>?
    while at < length {
      guard length - at >= 8 else { throw broken(.chunkHeaderCut(chunk: chunk, bytes: length - at)) }
      let type = Self.word(bytes, at + 4)
      let end = at + 8 + Int(Self.word(bytes, at))
      guard end <= length else { throw broken(.chunkOverrun(chunk: chunk, end: end, bytes: length)) }
      switch (chunk, type) {
      case (0, 0x4e4f_534a): json = bytes[at + 8..<end]
      case (0, _): throw broken(.firstChunkNotJSON(type: type))
      case (1, 0x004e_4942): binary = bytes[at + 8..<end]
      default: break
      }
      at = end
      chunk += 1
    }
    self.json = json ?? []
  }

  private static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
    bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
