import Foundation
import Render

// Rays a second through the renderer's own traversal, on two meshes and three kinds of rays.
//
//     RayBenchmark FOLDER
//
// Prints a JSON line for each, and leaves meshes and rays in FOLDER, where another program can trace them:
// 9 floats a triangle, and 7 a ray (origin, direction, length).

private struct Row: Encodable {
  var benchmark = "rays"
  var mesh: String
  var triangles: Int
  var kind: String
  var rays: Int
  var hits: Int
  /// Every ray by itself, as the renderer follows those that leave their packet, and in packets; million a
  /// second of processor time times the cores.
  var single_mrays_s: Double
  var packets_mrays_s: Double
  var build_s: Double
}

private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

/// The best of the passes of two seconds, as embree.c has them, and how many rays hit.
private func rate(
  _ tracer: RayTracer, _ set: RaySet, alone: Bool, cores: Int
) throws -> (mraysPerS: Double, hits: Int) {
  var best = 0.0
  var hits = 0
  let end = ContinuousClock.now + .seconds(2)
  repeat {
    hits =
      set.any
      ? try tracer.blocked(set.rays, alone: alone).count { $0 }
      : try tracer.closest(set.rays, alone: alone).count { $0.distance < set.lengthMax }
    best = max(best, Double(set.rays.count) / tracer.processorS * Double(cores) / 1e6)
  } while ContinuousClock.now < end
  return (best, hits)
}

private func write(_ floats: [Float], to file: URL) throws {
  try floats.withUnsafeBytes { try Data($0).write(to: file) }
}

private let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "out/bench/rays")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
private let meshes = [
  ("100k", BenchmarkMesh(cells: 160, spheres: 48, rings: 16)),
  ("2M", BenchmarkMesh(cells: 900, spheres: 400, rings: 16)),
]
private let device = try OpenCLDevice(try DeviceCatalog.choose())
private let tracer = try RayTracer(device: device, laneWidth: TileRenderer(opened: device).laneWidth)
for (name, mesh) in meshes {
  let corners = mesh.corners
  try write(corners.flatMap { [$0.x, $0.y, $0.z] }, to: folder.appending(path: "\(name).mesh"))
  let start = ContinuousClock.now
  let scene = try mesh.deviceScene()
  let build = (ContinuousClock.now - start) / .seconds(1)
  try tracer.load(scene)
  for set in try RaySet.all(tracer, corners: corners) {
    let file = folder.appending(path: "\(name)-\(set.kind).rays")
    try write(
      set.rays.flatMap { ray in
        [
          ray.origin.x, ray.origin.y, ray.origin.z, ray.direction.x, ray.direction.y, ray.direction.z,
          ray.length,
        ]
      }, to: file)
    let single = try rate(tracer, set, alone: true, cores: device.info.computeUnits)
    let packet = try rate(tracer, set, alone: false, cores: device.info.computeUnits)
    precondition(single.hits == packet.hits, "\(single.hits) hits alone, \(packet.hits) in packets")
    let row = Row(
      mesh: name, triangles: mesh.triangleCount, kind: set.kind, rays: set.rays.count, hits: packet.hits,
      single_mrays_s: rounded(single.mraysPerS), packets_mrays_s: rounded(packet.mraysPerS),
      build_s: rounded(build))
    FileHandle.standardOutput.write(try JSONEncoder().encode(row) + Data("\n".utf8))
  }
}
