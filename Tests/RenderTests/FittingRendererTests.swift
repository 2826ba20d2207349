import Imaging
import Kernels
import Render
import Testing

/// Going over to kernels for scenes like the one at hand.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct FittingRendererTests {
  private static let settings = KernelScenes.settings(width: 12, height: 9, maxDepth: 6)

  private func renderer(
    laneWidth: Int, release: ConformanceDigests = .release, note: @escaping (String) -> Void = { _ in }
  ) throws -> FittingRenderer {
    let opened = try OpenCLDevice(try #require(KernelScenes.device))
    let whole = try TileRenderer(opened: opened, laneWidth: laneWidth)
    return FittingRenderer(whole, raysBefore: 1, release: release, note: note)
  }

  private func sums(_ renderer: FittingRenderer) throws -> SampleSums {
    try renderer.render(rect: Self.settings.wholeImage, samples: 0..<3, settings: Self.settings)
  }

  private func canonical(_ name: String) throws -> DeviceScene {
    try #require(CanonicalScene.all.first { $0.name == name }).deviceScene()
  }

  @Test(arguments: [1, 16])
  func `the bits stay when kernels for the scene take over, and other scenes get theirs`(laneWidth: Int)
    throws
  {
    let renderer = try renderer(laneWidth: laneWidth)
    let diffuse = try canonical("diffuse")
    try renderer.load(diffuse)
    let first = try sums(renderer)
    #expect(renderer.current === renderer.whole)
    #expect(try sums(renderer) == first)
    #expect(renderer.current !== renderer.whole && renderer.current.covers(diffuse))

    let holes = try canonical("holes and every texture")
    #expect(!renderer.current.covers(holes))
    try renderer.load(holes)
    #expect(renderer.current === renderer.whole)
    let second = try sums(renderer)
    #expect(second != first)
    #expect(try sums(renderer) == second)
    #expect(renderer.current !== renderer.whole)

    renderer.unload()
    #expect(throws: DeviceError.self) { try sums(renderer) }
    try renderer.load(diffuse)
    #expect(try sums(renderer) == first)
  }

  @Test func `kernels that compute a canonical render otherwise are not used, and it is said`() throws {
    var release = ConformanceDigests.release
    release.renders["diffuse"] = .zero
    var notes: [String] = []
    let renderer = try renderer(laneWidth: 16, release: release) { notes.append($0) }
    try renderer.load(try canonical("diffuse"))
    let first = try sums(renderer)
    for _ in 0..<2 {
      #expect(try sums(renderer) == first)
      #expect(renderer.current === renderer.whole)
    }
    #expect(notes.count == 1 && notes.allSatisfy { $0.contains("render 'diffuse' at 16 lanes") })
  }

  @Test func `it pays on graphics processors alone, and only for kernels for all scenes`() throws {
    func device(isCPU: Bool) -> DeviceInfo {
      DeviceInfo(
        id: "0.0", name: "n", platform: "p", driver: "d", computeUnits: 1, isCPU: isCPU, isSimulator: false)
    }
    #expect(FittingRenderer.pays(on: device(isCPU: false), features: TileRenderer.allFeatures))
    #expect(!FittingRenderer.pays(on: device(isCPU: true), features: TileRenderer.allFeatures))
    #expect(!FittingRenderer.pays(on: device(isCPU: false), features: FLAG_SPECULAR))
  }

  @Test func `every feature is in a canonical render whose features the kernels have`() throws {
    let canonical = try CanonicalScene.all.map { try $0.deviceScene().header.features }
    let all = 2 * FLAG_LIGHT_TREE - 1 - FLAG_DOUBLE_SIDED | TEXTURES_ALL << FLAG_TEXTURES_SHIFT
    #expect(canonical.reduce(0, |) == all)
    var random = SceneRandom(seed: 11)
    for _ in 0..<100 {
      let needed = Int32(truncatingIfNeeded: random.bits() & random.bits()) & all
      let found = try Conformance.checkable(needed)
      let features = found == TileRenderer.allFeatures ? all : found
      let checked = canonical.filter { $0 & ~features == 0 }.reduce(0, |)
      #expect(needed & ~features == 0 && checked == features, "needed \(needed), has \(features)")
    }
    #expect(try Conformance.checkable(FLAG_ENVIRONMENT) & FLAG_CUTOUT == 0)
    #expect(try Conformance.checkable(all) == TileRenderer.allFeatures)
  }
}
