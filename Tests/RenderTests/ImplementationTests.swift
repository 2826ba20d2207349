import Foundation
import Imaging
import Render
import Testing

/// Other OpenCL implementations than the usual one give the same bits, however the work is cut.
@Suite(
  .serialized,
  .enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct ImplementationTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized
  private static let intel = root.appending(path: ".venv-devices/lib/libintelocl.so").path
  private static let oclgrind = "/usr/lib/oclgrind/liboclgrind-rt-icd.so"
  private static func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private static let whole = TileRect(x: 0, y: 0, width: 21, height: 13)
  private static let settings = KernelScenes.settings(width: 21, height: 13, maxDepth: 8)

  @Test(
    .enabled(if: isThere(intel), "no Intel runtime: ./farm setup --all-devices"), arguments: [1, 8, 16])
  func `Intel's runtime passes the conformance table`(laneWidth: Int) throws {
    let device = try OpenCLDevice(library: Self.intel)
    #expect(try Conformance.failures(device, laneWidths: [laneWidth]) == [])
  }

  @Test(.enabled(if: isThere(intel), "no Intel runtime: ./farm setup --all-devices"), arguments: [1, 8, 16])
  func `Intel's runtime gives the same bits for any tiles and sample splits`(laneWidth: Int) throws {
    let usual = try TileRenderer(device: try #require(KernelScenes.device))
    try usual.load(try KernelScenes.everything())
    let expected = try usual.render(rect: Self.whole, samples: 0..<9, settings: Self.settings)
    let renderer = try TileRenderer(opened: OpenCLDevice(library: Self.intel), laneWidth: laneWidth)
    try renderer.load(try KernelScenes.everything())
    for side in [5, 16, 64] {
      let grid = TileGrid(width: 21, height: 13, side: side)
      for tile in 0..<grid.tileCount {
        let rect = grid.rect(at: tile)
        var sums = try renderer.render(rect: rect, samples: 4..<9, settings: Self.settings)
        sums.add(try renderer.render(rect: rect, samples: 0..<4, settings: Self.settings))
        #expect(sums == expected.part(rect), "tiles of \(side), at \(rect)")
      }
    }
  }

  @Test(.enabled(if: isThere(oclgrind), "no Oclgrind: apt-get install oclgrind"))
  func `Oclgrind computes the operations as plain Swift does`() throws {
    let inputs = ConformanceInputs(count: 4096)
    let host = HostOperations(inputs)
    let check = try OperationCheck(device: OpenCLDevice(library: Self.oclgrind), laneWidth: 1)
    for (name, digest) in try check.digests(of: inputs) {
      #expect(host.results(name).map { OperationCheck.digest($0) } == digest, "\(name)")
    }
  }
}

extension SampleSums {
  /// The sums of the pixels of `rect`.
  fileprivate func part(_ part: TileRect) -> SampleSums {
    let places = (0..<part.pixelCount).map { i in
      (part.y - rect.y + i / part.width) * rect.width + part.x - rect.x + i % part.width
    }
    return SampleSums(
      rect: part, sampleCount: sampleCount, rgba: places.flatMap { rgba[4 * $0..<4 * $0 + 4] },
      work: places.map { work[$0] })
  }
}
