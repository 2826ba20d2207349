import Imaging
import Terminal

/// The flags that say what a frame looks like, shared by every command that takes a scene.
enum SceneFlags {
  static let look: [Flag] = [
    .value("--width", "W", "image width, pixels", default: "the scene's, or 960"),
    .value("--height", "H", "image height, pixels", default: "the scene's, or 540"),
    .value("--samples", "N", "samples of each pixel", default: "the scene's, or 64"),
    .value("--max-depth", "N", "most scattering events of a path", default: "8"),
    .value("--fps", "N", "frames a second of the animation's time", default: "24"),
    .value("--camera", "NAME", "camera node", default: "the scene's first"),
    .value("--environment", "FILE", "lat-long .hdr or .exr around the scene", default: "the scene's own"),
    .value("--environment-strength", "S", "factor on its radiance"),
    .value("--environment-rotation-deg", "D", "turn about +Y, counter-clockwise seen from above"),
    .value("--background", "KIND", "environment or transparent", default: "environment"),
    .value(
      "--filter", "NAME", "how a pixel weighs light around it: box or blackman-harris",
      default: "the scene's, or box"),
    .value("--focus-distance", "M", "metres to the plane of focus", default: "the camera's"),
    .value(
      "--f-number", "N", "opening of the lens, for a film 24 mm high", default: "the camera's, or a pinhole"),
    .value("--aperture-radius", "M", "the opening's radius instead, metres"),
    .value("--layers", "LIST", "more layers in EXR files: albedo,normal,depth,position,samples"),
    .value(
      "--view", "NAME", "view transform of PNG files: raw, standard, agx, aces or pbr-neutral",
      default: ViewTransform.default.rawValue),
    .value("--exposure", "EV", "exposure of PNG files, stops", default: "0"),
  ]
  static let local: [Flag] = [
    .value("--eye", "X,Y,Z", "camera position, instead of a camera node"),
    .value("--look-at", "X,Y,Z", "point that --eye looks at"),
    .value("--up", "X,Y,Z", "upward direction for --eye", default: "0,1,0"),
    .value("--yfov-deg", "D", "vertical field of view for --eye, degrees", default: "40"),
    .value("--seed", "N", "a number, or a job's digest to repeat a farm frame bit for bit", default: "0"),
    .value("--device", "ID", "OpenCL device, see 'render devices'", default: "the fastest kind"),
    .value("--png", "KIND", "PNG files: 8 or 16 bits a sample, or hdr (PQ, without --view)", default: "8"),
  ]
}
