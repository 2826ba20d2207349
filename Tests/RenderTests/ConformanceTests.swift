import Cryptography
import Foundation
import Imaging
import Render
import Testing

/// The table that a device must pass: true by plain Swift, and reproduced by every implementation at hand.
struct ConformanceTests {
  private static let bless = "if the kernels were meant to change: ./farm bless, and commit what it writes"

  @Test func `the digests of the operations are those of plain Swift`() {
    let inputs = ConformanceInputs()
    let host = HostOperations(inputs)
    #expect(HostOperations.names == Set(ConformanceOperation.all.map(\.name)))
    for operation in ConformanceOperation.all {
      let expected = host.results(operation.name).map { OperationCheck.digest($0) }
      #expect(ConformanceDigests.release.operations[operation.name] == expected, "\(operation.name)")
    }
  }

  @Test func `the inputs are normal numbers in their range, borders included`() {
    let inputs = ConformanceInputs()
    #expect(inputs.a.count == ConformanceInputs.count)
    #expect(inputs.b.allSatisfy { $0.isNormal && abs($0) >= 0x1p-12 && abs($0) <= 0x1p12 })
    #expect((inputs.a + inputs.c).allSatisfy { ($0 == 0 || $0.isNormal) && abs($0) <= 0x1p12 })
    #expect(inputs.x.contains(0) && inputs.x.contains(.max) && inputs.a.contains(0))
  }

  @Test func `the file of digests is complete and in its own form`() {
    let release = ConformanceDigests.release
    #expect(ConformanceDigests(text: release.text) == release)
    #expect(release.renders.count == CanonicalScene.all.count, "\(Self.bless)")
    #expect(Set(release.renders.values).count == CanonicalScene.all.count)
  }

  /// Writes the image to the folder that FARM_CANONICAL_IMAGES names, to be looked at.
  private func show(_ sums: SampleSums, as name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["FARM_CANONICAL_IMAGES"] else { return }
    let fragment = sums.resolved()
    let frame = Frame(
      width: sums.rect.width, height: sums.rect.height, rgbaHalfBits: fragment.rgbaHalfBits,
      work: fragment.work)
    let file = URL(fileURLWithPath: folder).appending(path: "\(name).png")
    try Data(try PNGWriter.encode(frame, view: .default, exposureEV: 0, bitDepth: 8)).write(to: file)
  }

  @Test(
    .enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"),
    arguments: [1, 8, 16])
  func `the processor passes at every lane width`(laneWidth: Int) throws {
    let device = try OpenCLDevice(try #require(KernelScenes.device))
    let failures = try Conformance.failures(device, laneWidths: [laneWidth])
    #expect(failures == [], "\(Self.bless)")
  }

  @Test(
    .enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"),
    arguments: CanonicalScene.all)
  func `kernels with no more than a scene needs give the release's bits`(canonical: CanonicalScene) throws {
    let device = try OpenCLDevice(try #require(KernelScenes.device))
    let scene = try canonical.deviceScene()
    for laneWidth in [1, try device.preferredLanes()] {
      let renderer = try TileRenderer(opened: device, laneWidth: laneWidth, features: scene.header.features)
      try renderer.load(scene)
      let settings = canonical.settings
      let sums = try renderer.render(
        rect: settings.wholeImage, samples: 0..<settings.samplesPerPixel, settings: settings)
      let found = CanonicalScene.digest(sums)
      #expect(found == ConformanceDigests.release.renders[canonical.name], "at \(laneWidth) lanes")
    }
  }

  @Test(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
  func `a device that computes one operation or render otherwise fails by its name`() throws {
    let info = try #require(KernelScenes.device)
    var release = ConformanceDigests.release
    release.operations["fma"] = .zero
    release.renders["textures"] = nil
    let failures = try Conformance.failures(OpenCLDevice(info), laneWidths: [1], release: release)
    #expect(failures.map(\.description) == ["operation 'fma' at 1 lane", "render 'textures' at 1 lane"])
    let error = ConformanceError(device: info, failures: failures)
    #expect("\(error)".contains("operation 'fma' at 1 lane") && "\(error)".contains("update its driver"))
  }

  @Test(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
  func `no canonical render is black, flat or the same as another`() throws {
    let renderer = try TileRenderer(device: try #require(KernelScenes.device))
    for scene in CanonicalScene.all {
      try renderer.load(try scene.deviceScene())
      let settings = scene.settings
      let sums = try renderer.render(
        rect: settings.wholeImage, samples: 0..<CanonicalScene.samples, settings: settings)
      let greens = Set(stride(from: 1, to: sums.rgba.count, by: 4).map { sums.rgba[$0] })
      #expect(greens.count > settings.wholeImage.pixelCount / 8, "\(scene.name): \(greens.count) values")
      try show(sums, as: scene.name)
    }
  }
}
