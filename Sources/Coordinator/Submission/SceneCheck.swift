import FarmProtocol
import Foundation
import Imaging
import SceneModel
import Settlement

/// The child's side of the scene check: reads a scene as a renderer would, in a process that may die of it.
public enum SceneCheck {
  /// Reads one request from standard input, answers on standard output. The exit status is 0 for either
  /// answer. The process is confined before.
  public static func runChild() -> Int32 {
    let input = FileHandle.standardInput.readDataToEndOfFile()
    let reply: SceneCheckReply
    do throws(Refusal) {
      let request: SceneCheckRequest = try WireJSON.decode(
        from: Array(input), bytesMax: Limits.rendererJSONBytesMax)
      reply = SceneCheckReply(refusal: refusal(of: request.terms, files: request.files))
    } catch { reply = SceneCheckReply(refusal: error) }
    guard let bytes = try? WireJSON.encode(reply) else { return 1 }
    FileHandle.standardOutput.write(Data(bytes))
    return 0
  }

  /// Why the scene cannot be rendered; nil when it can. Reads the scene, places its first and last frame, and
  /// decodes every image and the environment.
  package static func refusal(of terms: JobTerms, files: [String: String]) -> Refusal? {
    do throws(SceneError) {
      let overrides = SceneOverrides(
        environmentFile: terms.environmentFile.isEmpty ? nil : terms.environmentFile,
        environmentStrength: terms.environmentStrength, environmentRotationDeg: terms.environmentRotationDeg)
      let scene = try SceneReader.read(terms.sceneFile, from: MappedFiles(files), overrides: overrides)
      for frame in Set([terms.firstFrame, terms.lastFrame]).sorted() {
        let timeS = Float(Double(frame - 1) / Double(terms.framesPerSecond))
        _ = try scene.frame(timeS: timeS, camera: terms.camera)
      }
      return images(of: scene)
    } catch { return Refusal(.sceneInvalid, "\(error.locatedText)", remedy: error.remedy) }
  }

  private static func images(of scene: Scene) -> Refusal? {
    var source = ""
    do throws(ImagingError) {
      for image in scene.images {
        source = image.source
        _ = try ImageDecoder.decode(image.bytes)
      }
      if let environment = scene.environment {
        source = environment.source
        _ = try ImageDecoder.decodeHDR(environment.bytes)
      }
      return nil
    } catch {
      return Refusal(
        .sceneInvalid, "\(source): \(error)", remedy: "export the image again as PNG, JPEG, .hdr or .exr")
    }
  }
}

extension SceneError {
  /// `file#/pointer: what`.
  fileprivate var locatedText: String {
    place.pointer.isEmpty ? "\(place.file): \(what)" : "\(place.file)#\(place.pointer): \(what)"
  }
}
