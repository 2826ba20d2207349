import Cryptography
import Foundation
import Render
import Testing

/// What of the kernels goes to which program.
@Suite(.enabled(if: KernelScenes.device != nil, "no OpenCL processor: apt-get install pocl-opencl-icd"))
struct RendererKernelsTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "kernels-\(UUID().uuidString)")

  @Test func `each half of one lane is compiled by itself and kept under its name`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = ProgramCache(folder: folder)
    let device = try #require(KernelScenes.device)
    let opened = try OpenCLDevice(device)
    let kernels = try RendererKernels(device, laneWidth: 1, features: 0)
    try #require(kernels.keys.count == 2 && Set(kernels.keys).count == 2)
    try kernels.compile(.others, on: opened, cache: cache)
    #expect(kernels.keys.map { cache.binary(for: $0) != nil } == [false, true])
    try kernels.compile(.shading, on: opened, cache: cache)
    #expect(kernels.keys.map { cache.binary(for: $0) != nil } == [true, true])
  }

  @Test func `other features, lanes and macros are other programs`() throws {
    let device = try #require(KernelScenes.device)
    let all = [
      try RendererKernels(device, laneWidth: 1), try RendererKernels(device, laneWidth: 1, features: 2),
      try RendererKernels(device, laneWidth: 1, defines: ["PORTABLE"]),
      try RendererKernels(device, laneWidth: 8), try RendererKernels(device, laneWidth: 16),
    ]
    #expect(all.map(\.keys.count) == [2, 2, 2, 1, 1])
    #expect(Set(all.flatMap(\.keys)).count == 8)
  }

  @Test func `a processor compiles them in one process`() throws {
    let device = try #require(KernelScenes.device)
    #expect(try !RendererKernels(device, laneWidth: 1, features: 1 << 30).isWorthHalving)
  }
}
