import Foundation

/// Bytes that a document refers to: files beside it, data URIs, the binary chunk.
extension GLTFReader {
  /// The bytes of a buffer, exactly `byteLength` of them.
  mutating func buffer(_ index: Int) throws(SceneError) -> ArraySlice<UInt8> {
    if let known = buffers[index] { return known }
    let cursor = document.list(.buffers)[index]
    let length = try cursor.required("byteLength").int()
    var bytes: ArraySlice<UInt8>
    if let uri = try cursor.member("uri") {
      bytes = try resource(uri)[...]
    } else if index == 0, let binary = document.binary {
      bytes = binary
    } else {
      throw SceneError(.missingMember("uri"), at: cursor.place)
    }
    guard bytes.count >= length else {
      throw SceneError(.bufferTooShort(bytes: bytes.count, byteLength: length), at: cursor.place)
    }
    bytes = bytes.prefix(length)
    buffers[index] = bytes
    return bytes
  }

  /// A slice of a buffer: the buffer's bytes, where the view starts, how long it is, and its stride, 0 when
  /// tightly packed.
  mutating func bufferView(
    _ cursor: JSONCursor
  ) throws(SceneError) -> (bytes: ArraySlice<UInt8>, start: Int, length: Int, stride: Int) {
    let view = try document.entry(cursor, of: .bufferViews)
    let bytes = try buffer(try document.index(try view.required("buffer"), into: .buffers))
    let start = try view.int("byteOffset", absent: 0)
    let length = try view.required("byteLength").int()
    // Both are below 2^53: the sum cannot overflow.
    guard start + length <= bytes.count else {
      throw SceneError(.viewOverrunsBuffer(end: start + length, byteLength: bytes.count), at: view.place)
    }
    let stride = try view.member("byteStride")?.int(in: 4...252) ?? 0
    return (bytes, start, length, stride)
  }

  /// The encoded bytes of an image and what to call it; refused unless they start like PNG or JPEG.
  mutating func image(_ index: Int) throws(SceneError) -> Scene.Image {
    let cursor = document.list(.images)[index]
    var source = "images[\(index)]"
    let bytes: [UInt8]
    if let uri = try cursor.member("uri") {
      bytes = try resource(uri)
      if !Self.isDataURI(try uri.string()) { source = try path(uri) }
    } else {
      let view = try bufferView(try cursor.required("bufferView"))
      bytes = Array(view.bytes.dropFirst(view.start).prefix(view.length))
    }
    guard
      bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
        || bytes.starts(with: [0xff, 0xd8, 0xff])
    else { throw SceneError(.unknownImageFormat(firstBytes: Array(bytes.prefix(8))), at: cursor.place) }
    return Scene.Image(source: source, bytes: bytes)
  }

  /// The path of the file that a URI names.
  func path(_ uri: JSONCursor) throws(SceneError) -> String {
    try ScenePath.resolved(uri: try uri.string(), from: ScenePath.folder(of: document.file), at: uri.place)
  }

  static func isDataURI(_ uri: String) -> Bool { uri.hasPrefix("data:") }

  private func resource(_ uri: JSONCursor) throws(SceneError) -> [UInt8] {
    let text = try uri.string()
    guard Self.isDataURI(text) else { return try files.bytes(at: try path(uri)) }
    guard let comma = text.firstIndex(of: ","), text[..<comma].hasSuffix(";base64"),
      let data = Data(base64Encoded: String(text[text.index(after: comma)...]))
    else { throw SceneError(.badDataURI, at: uri.place) }
    return Array(data)
  }
}
