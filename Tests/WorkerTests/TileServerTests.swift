import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Testing
import Transport
import Worker

/// The real renderer child of `render-worker tile-server`, on whatever device it prefers.
@Suite(.timeLimit(.minutes(10)), .serialized) struct TileServerTests {
  let folder = TemporaryFolder()

  /// The program beside this test's own.
  static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("render-worker").path

  /// What the child is told.
  var serving: [String] { ["tile-server", "--scene-files", folder.url.path] }

  /// A triangle that fills most of the view, under an emissive one.
  static let gltf = """
    {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0, 1]}],
     "nodes": [{"mesh": 0}, {"camera": 0, "translation": [0, 0.3, 3]}],
     "cameras": [{"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}],
     "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}],
     "materials": [{"emissiveFactor": [0.7, 0.5, 0.25], "doubleSided": true}],
     "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3",
                    "min": [-1, -1, 0], "max": [1, 1, 0]}],
     "bufferViews": [{"buffer": 0, "byteLength": 36}],
     "buffers": [{"byteLength": 36, "uri": "triangle.bin"}]}
    """

  static var triangle: [UInt8] {
    let corners: [Float] = [-1, -1, 0, 1, -1, 0, 0, 1, 0]
    return corners.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }

  /// A 24 x 16 job in 8 x 8 tiles, and its files on disk.
  func scene(_ kernelSet: Digest) throws -> RendererScene {
    let contents = ["scene.gltf": Array(TileServerTests.gltf.utf8), "triangle.bin": TileServerTests.triangle]
    var files: [String: String] = [:]
    for (path, bytes) in contents {
      files[path] = folder.url.appendingPathComponent(Digest(of: bytes).hex).path
      try Data(bytes).write(to: URL(fileURLWithPath: files[path] ?? ""))
    }
    let manifest = BundleManifest(
      files: contents.map { .init(path: $0, digest: Digest(of: $1), bytes: UInt64($1.count)) })
    var terms = Samples.terms(frames: 2)
    (terms.bundle, terms.kernelSet, terms.widthPX, terms.heightPX) = (manifest.digest, kernelSet, 24, 16)
    return RendererScene(terms: terms, frame: 1, files: files)
  }

  @Test func `probed pixels are the fragment's pixels, bit for bit`() async throws {
    let child = try RendererProcess(executable: TileServerTests.program, arguments: serving)
    let (device, kernelSet) = try await child.describe()
    #expect(!device.name.isEmpty && device.computeUnits > 0)
    let scene = try scene(kernelSet)
    let digest = try await child.load(scene)
    var anyLight = false
    for tile in UInt32(0)..<6 {
      let rect = scene.terms.tile(TileIndex(tile)).rect
      let rendered = try await child.render(tile: TileIndex(tile), rect: rect, attempt: 2)
      let (header, fragment) = try FragmentCodec.decode(rendered.fragment)
      #expect(header == FragmentHeader(job: scene.terms.id.digest.bytes, tile: tile, attempt: 2))
      #expect(fragment.rect == rect && fragment.commitmentRoot() == rendered.root)
      #expect(fragment.totalWork == rendered.work && rendered.pixelCount == 64)
      anyLight = anyLight || fragment.rgbaHalfBits.contains { $0 != 0 && $0 != 0x3C00 }
      // Backwards, and one pixel twice: the answer follows the question.
      let indices = Array((0..<rect.pixelCount).reversed()) + [5]
      let pixels = indices.map { PixelPosition(x: rect.x + $0 % rect.width, y: rect.y + $0 / rect.width) }
      #expect(try await child.probe(pixels) == indices.map { fragment.record(atPixel: $0) })
    }
    #expect(anyLight)
    // The same frame again, from another process: the same device scene.
    let other = try RendererProcess(executable: TileServerTests.program, arguments: serving)
    #expect(try await other.load(scene) == digest)
    child.terminate()
    other.terminate()
  }

  @Test(arguments: [0, 3] as [UInt16])
  func `a pass is rendered and probed as exact sums of its own samples`(layers: UInt16) async throws {
    let child = try RendererProcess(executable: TileServerTests.program, arguments: serving)
    defer { child.terminate() }
    var scene = try scene(try await child.describe().kernelSet)
    scene.terms.film = JobFilm(layers: layers)
    (scene.terms.samplesPerPixel, scene.terms.passes) = (6, [1, 3, 2])
    _ = try await child.load(scene)
    let terms = scene.terms
    let tiles = terms.tiles(ofFrame: 1).filter { terms.tile($0).rect == terms.grid.rect(at: 1) }
    for (pass, tile) in tiles.enumerated() {
      let rect = terms.tile(tile).rect
      let rendered = try await child.render(tile: tile, rect: rect, attempt: 0)
      let (_, content) = try FragmentCodec.decode(
        rendered.fragment, pass: terms.samples(ofPass: pass), layers: terms.layers)
      #expect(content.commitmentRoot() == rendered.root && content.totalWork == rendered.work)
      let indices = [63, 0, 17]
      let pixels = indices.map { PixelPosition(x: rect.x + $0 % rect.width, y: rect.y + $0 / rect.width) }
      let seen = try await child.probe(pixels, pass: pass)
      #expect(seen == indices.map { content.record(atPixel: $0) })
      guard case .sums(let sums, let first) = content else {
        Issue.record("pass \(pass) is not sums")
        continue
      }
      #expect(first == [0, 1, 4][pass] && sums.sampleCount == [1, 3, 2][pass])
      #expect(sums.rgba.contains { $0 != 0 } && (sums.layers != nil) == terms.layers.needsHits)
    }
    await #expect(throws: Refusal.self) { try await child.probe([PixelPosition(x: 0, y: 0)], pass: 3) }
  }

  @Test func `a tile is the same whether it was begun ahead or not, and whatever comes between`() async throws
  {
    let child = try RendererProcess(executable: TileServerTests.program, arguments: serving)
    defer { child.terminate() }
    let scene = try scene(try await child.describe().kernelSet)
    _ = try await child.load(scene)
    let terms = scene.terms
    func render(_ tile: UInt32, ahead: UInt32? = nil) async throws -> RendererProcess.Rendered {
      try await child.render(
        tile: TileIndex(tile), rect: terms.tile(TileIndex(tile)).rect, attempt: 0,
        ahead: ahead.map(TileIndex.init))
    }
    var plain: [RendererProcess.Rendered] = []
    for tile in UInt32(0)..<6 { plain.append(try await render(tile)) }
    try #require(Set(plain.map(\.root)).count > 1)
    // In order; another tile than the one begun; the same again; one that is not of this frame, or nowhere.
    let steps: [(UInt32, UInt32?)] = [(0, 1), (1, 2), (2, 5), (0, 0), (0, 6), (3, 99), (4, 5), (5, nil)]
    for (tile, ahead) in steps {
      #expect(try await render(tile, ahead: ahead) == plain[Int(tile)], "\(tile)")
    }
    let pixel = PixelPosition(x: 3, y: 2)
    let seen = try await child.probe([pixel])
    _ = try await render(0, ahead: 1)
    #expect(try await child.probe([pixel]) == seen)
    _ = try await render(0, ahead: 1)
    var second = scene
    second.frame = 2
    _ = try await child.load(second)
    _ = try await child.load(scene)
    #expect(try await render(1) == plain[1])
    _ = try await render(0, ahead: 1)
    #expect(try await child.benchmark() > 1_000)
    #expect(child.isAlive)
  }

  @Test func `wrong requests are refused and the child lives on`() async throws {
    let child = try RendererProcess(executable: TileServerTests.program, arguments: serving)
    let kernelSet = try await child.describe().kernelSet
    let scene = try scene(kernelSet)
    let rect = scene.terms.tile(TileIndex(0)).rect
    func code(_ work: () async throws -> Void) async -> Refusal.Code? {
      do {
        try await work()
        return nil
      } catch {
        return (error as? Refusal)?.code
      }
    }
    #expect(await code { _ = try await child.probe([PixelPosition(x: 0, y: 0)]) } == .conflict)
    var other = scene
    other.terms.kernelSet = .zero
    #expect(await code { _ = try await child.load(other) } == .kernelMismatch)
    other = scene
    other.frame = 3
    #expect(await code { _ = try await child.load(other) } == .badRequest)
    other = scene
    other.files["triangle.bin"] = nil
    #expect(await code { _ = try await child.load(other) } == .sceneInvalid)
    _ = try await child.load(scene)
    #expect(
      await code { _ = try await child.render(tile: TileIndex(1), rect: rect, attempt: 0) } == .badRequest)
    #expect(
      await code { _ = try await child.render(tile: TileIndex(6), rect: rect, attempt: 0) } == .badRequest)
    #expect(await code { _ = try await child.probe([PixelPosition(x: 24, y: 0)]) } == .badRequest)
    #expect(child.isAlive)
    _ = try await child.render(tile: TileIndex(0), rect: rect, attempt: 0)
    child.terminate()
  }

  @Test func `a job's memory is its own, whatever was rendered before`() async throws {
    let child = try RendererProcess(executable: TileServerTests.program, arguments: serving)
    let kernelSet = try await child.describe().kernelSet
    #expect(try await child.benchmark() > 1_000)
    let small = try scene(kernelSet)
    _ = try await child.probe(small, pixels: [PixelPosition(x: 1, y: 1)])
    let alone = try #require(child.peakBytes)
    #expect(alone > 10_000_000)
    // The same triangle under a sky of a hundred megabytes, and as many again to draw from it.
    var large = small
    let sky = folder.url.appendingPathComponent("sky.hdr").path
    try TileServerTests.writeSky(width: 4096, height: 2048, to: sky)
    large.files["sky.hdr"] = sky
    (large.terms.environmentFile, large.terms.nonce) = ("sky.hdr", Digest(of: [1]))
    _ = try await child.probe(large, pixels: [PixelPosition(x: 1, y: 1)])
    #expect(try #require(child.peakBytes) > alone + 150_000_000)
    _ = try await child.probe(small, pixels: [PixelPosition(x: 1, y: 1)])
    #expect(try #require(child.peakBytes) < alone + 100_000_000)
    child.terminate()
  }

  /// A grey sky, uncompressed RGBE.
  private static func writeSky(width: Int, height: Int, to path: String) throws {
    var bytes = Array("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y \(height) +X \(width)\n".utf8)
    bytes += [UInt8](repeating: 128, count: 4 * width * height)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  @Test func `killed child is started again by the next request`() async throws {
    let renderer = ChildRenderer(executable: TileServerTests.program, arguments: serving) { _ in }
    let kernelSet = try await renderer.describe().kernelSet
    let scene = try scene(kernelSet)
    let digest = try await renderer.load(scene)
    await renderer.stop()
    #expect(try await renderer.load(scene) == digest)
    let tile = try await renderer.render(
      TileIndex(0), rect: scene.terms.tile(TileIndex(0)).rect, attempt: 0, ahead: nil)
    #expect(tile.pixelCount == 64)
    await renderer.stop()
  }

  @Test func `a child that follows one which died over a tile stays with the checked kernels and that tile`()
    async throws
  {
    // Notes its flags and what it is asked, and dies, at once unless the folder has a file `hold`.
    let program = folder.url.appendingPathComponent("dies").path
    let notes = folder.url.appendingPathComponent("flags")
    let hold = folder.url.appendingPathComponent("hold")
    let requests = folder.url.appendingPathComponent("requests")
    let script = """
      #!/bin/sh
      echo "$*" >>\(notes.path)
      while [ -e \(hold.path) ]; do sleep 0.05; done
      dd bs=65536 count=1 2>/dev/null >>\(requests.path)

      """
    for (file, text) in [(program, script), (hold.path, "")] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
    func flags() -> [Substring] {
      ((try? String(contentsOf: notes, encoding: .utf8)) ?? "").split(separator: "\n")
    }
    let renderer = ChildRenderer(executable: program, arguments: ["serve"]) { _ in }
    func fail() async {
      await #expect(throws: TransportError.self) {
        let rect = TileRect(x: 0, y: 0, width: 8, height: 8)
        _ = try await renderer.render(TileIndex(0), rect: rect, attempt: 0, ahead: TileIndex(1))
      }
    }
    async let stopped: Void = fail()
    while flags().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    await renderer.stop()
    await stopped
    try FileManager.default.removeItem(at: hold)
    await #expect(throws: TransportError.self) { try await renderer.benchmark() }
    for _ in 0..<3 { await fail() }
    #expect(flags() == ["serve", "serve", "serve", "serve --no-fitting", "serve --no-fitting"])
    let asked = String(decoding: try Data(contentsOf: requests), as: UTF8.self)
    #expect(asked.components(separatedBy: "\"render\"").count == 1 + 3, "\(asked)")
    #expect(asked.components(separatedBy: "\"ahead\"").count == 1 + 1, "\(asked)")
  }
}
