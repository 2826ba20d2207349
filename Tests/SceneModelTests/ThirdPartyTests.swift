import Foundation
import SceneModel
import Testing

/// Khronos' sample models and others, kept beside the checkout and not in it.
private let models = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../../shared/assets/models").standardizedFileURL.path
private let haveModels = FileManager.default.fileExists(atPath: models)

@Suite(.enabled(if: haveModels, "no third-party models in ../shared/assets/models"))
struct ThirdPartyTests {
  private func read(_ path: String) throws(SceneError) -> Scene {
    let folder = models + "/" + path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    let name = String(path[(path.lastIndex(of: "/") ?? path.startIndex)...].dropFirst())
    return try SceneReader.read(name, from: DirectoryFiles(root: folder))
  }

  private func triangles(_ scene: Scene) -> Int {
    scene.nodes.compactMap(\.mesh).flatMap { scene.meshes[$0] }
      .reduce(0) { $0 + scene.primitives[$1].indices.count / 3 }
  }

  /// Triangles drawn by two independent glTF loaders, as the models' list has them; fewer where a model has
  /// triangles without area or asks for an extension that repeats meshes.
  @Test(arguments: [
    ("TriangleWithoutIndices/glTF/TriangleWithoutIndices.gltf", 1),
    ("SimpleSparseAccessor/glTF/SimpleSparseAccessor.gltf", 12), ("Cameras/glTF/Cameras.gltf", 2),
    ("MeshPrimitiveModes/glTF/MeshPrimitiveModes.gltf", 16),
    ("InterpolationTest/glTF-Binary/InterpolationTest.glb", 110),
    ("BoxAnimated/glTF-Binary/BoxAnimated.glb", 254),
    ("Box With Spaces/glTF/Box With Spaces.gltf", 12), ("WaterBottle/glTF/WaterBottle.gltf", 4510),
    ("AlphaBlendModeTest/glTF-Binary/AlphaBlendModeTest.glb", 61),
    ("GlassHurricaneCandleHolder/glTF-Binary/GlassHurricaneCandleHolder.glb", 4126),
    ("ClearcoatWicker/glTF-Binary/ClearcoatWicker.glb", 3072), ("SheenCloth/glTF/SheenCloth.gltf", 115200),
    ("EmissiveStrengthTest/glTF-Binary/EmissiveStrengthTest.glb", 90),
    ("AnisotropyStrengthTest/glTF-Binary/AnisotropyStrengthTest.glb", 97240),
    ("LightsPunctualLamp/glTF/LightsPunctualLamp.gltf", 6000),
    ("TextureTransformTest/glTF/TextureTransformTest.gltf", 24),
    ("TextureCoordinateTest/glTF-Binary/TextureCoordinateTest.glb", 10),
    ("TextureSettingsTest/glTF-Binary/TextureSettingsTest.glb", 72),
    ("MultiUVTest/glTF-Binary/MultiUVTest.glb", 12), ("BoxVertexColors/glTF-Binary/BoxVertexColors.glb", 12),
    ("AnimatedMorphCube/glTF-Binary/AnimatedMorphCube.glb", 12),
    ("AnimatedMorphCube/glTF-Quantized/AnimatedMorphCube.gltf", 12), ("SimpleSkin/glTF/SimpleSkin.gltf", 8),
    ("RiggedSimple/glTF-Binary/RiggedSimple.glb", 188),
    ("StainedGlassLamp/glTF-JPG-PNG/StainedGlassLamp.gltf", 35132),
    ("WaterBottle/glTF/WaterBottle_turntable.gltf", 4510),
    ("ClearCoatCarPaint/glTF-Binary/ClearCoatCarPaint.glb", 3072),
  ])
  func `a model has the triangles it is known to have`(_ path: String, _ count: Int) throws {
    #expect(triangles(try read(path)) == count)
  }

  @Test(arguments: [
    ("IridescenceSuzanne/glTF-Binary/IridescenceSuzanne.glb", "KHR_materials_iridescence"),
    ("RiggedSimple/glTF-Draco/RiggedSimple.gltf", "KHR_draco_mesh_compression"),
    ("JapaneseBridgeGarden/scene.glb", "EXT_meshopt_compression"),
    ("BoxMeshopt/BoxMeshopt.glb", "EXT_meshopt_compression"),
  ])
  func `a model that requires what is not read is refused by name`(_ path: String, _ name: String) {
    do throws(SceneError) {
      _ = try read(path)
      Issue.record("read")
    } catch {
      #expect(error.fault == .unsupportedExtension(name))
    }
  }

  @Test func `every model reads or is refused for an extension it requires`() throws {
    let files = try #require(FileManager.default.enumerator(atPath: models))
    var read = 0
    for case let path as String in files where path.hasSuffix(".gltf") || path.hasSuffix(".glb") {
      do throws(SceneError) {
        let scene = try self.read(path)
        read += 1
        check(scene, path)
      } catch {
        guard case .unsupportedExtension = error.fault else {
          Issue.record("\(path): \(error)")
          continue
        }
      }
    }
    #expect(read >= 30)
  }

  /// What every renderer relies on.
  private func check(_ scene: Scene, _ path: String) {
    for primitive in scene.primitives {
      let count = primitive.positions.count
      #expect(primitive.normals.count == count && [0, count].contains(primitive.uvs.count), "\(path)")
      #expect(primitive.indices.allSatisfy { Int($0) < count } && primitive.indices.count % 3 == 0, "\(path)")
      #expect(scene.materials.indices.contains(primitive.material), "\(path)")
      let odd = primitive.normals.first { abs(Vector.length($0) - 1) > 1e-6 }
      #expect(odd == nil, "\(path)")
    }
    for (i, node) in scene.nodes.enumerated() { #expect((node.parent ?? -1) < i, "\(path)") }
  }

  @Test func `cameras, animations and textures of known models are found`() throws {
    let cameras = try read("Cameras/glTF/Cameras.gltf")
    #expect(cameras.cameras.map(\.projection) == [.perspective(yFovRad: 0.7), .orthographic(halfHeight: 1)])
    let interpolation = try read("InterpolationTest/glTF-Binary/InterpolationTest.glb")
    #expect(interpolation.animations.count == 9)
    #expect(Set(interpolation.animations.flatMap(\.channels).map(\.interpolation)).count == 3)
    let spaces = try read("Box With Spaces/glTF/Box With Spaces.gltf")
    #expect(
      spaces.images.map(\.source) == [
        "glTF Logo With Spaces.png", "Roughness Metallic.png", "Normal Map.png",
      ])
    let files = DirectoryFiles(root: models + "/Box With Spaces/glTF")
    #expect(
      try SceneReader.dependencies(of: "Box With Spaces.gltf", in: files) == [
        "Box With Spaces.gltf", "Box With Spaces.bin", "Normal Map.png", "Roughness Metallic.png",
        "glTF Logo With Spaces.png",
      ])
  }

  @Test func `the turntable's camera goes round the bottle`() throws {
    let scene = try read("WaterBottle/glTF/WaterBottle_turntable.gltf")
    let start = try scene.frame(timeS: 0, camera: nil).view.worldFromCamera
    let half = try scene.frame(timeS: 1, camera: nil).view.worldFromCamera
    #expect(!close(start.origin, half.origin, 0.01))
    for axes in [start, half] {
      #expect(abs(axes.determinant - 1) < 1e-5)
    }
  }
}
