extension Scene {
  /// What a camera is, wherever it stands.
  public struct Camera: Sendable, Hashable {
    /// How directions become places in the image.
    public enum Projection: Sendable, Hashable {
      /// Vertical field of view, radians, in 0 ..< pi.
      case perspective(yFovRad: Float)
      /// Half of the height that the image shows, metres, more than 0 (glTF's ymag).
      case orthographic(halfHeight: Float)
    }
    /// A thin lens: what lies off the plane of focus is blurred.
    public struct Lens: Sendable, Hashable {
      /// Of the opening, metres, at least 0.
      public var apertureRadius: Float
      /// From the camera to the plane of focus, along its axis, metres, more than 0.
      public var focusDistance: Float

      /// All fields, in the order of their declaration.
      public init(apertureRadius: Float, focusDistance: Float) {
        self.apertureRadius = apertureRadius
        self.focusDistance = focusDistance
      }
    }
    /// Height of the film that f-numbers are about, metres: 36 x 24 mm, held sideways.
    public static let filmHeight: Float = 0.024

    /// How directions become places in the image.
    public var projection: Projection
    /// Nil for a pinhole, which sees everything sharp.
    public var lens: Lens?

    /// All fields, in the order of their declaration.
    public init(_ projection: Projection, lens: Lens? = nil) {
      self.projection = projection
      self.lens = lens
    }

    /// A perspective pinhole.
    public init(yFovRad: Float) { self.init(.perspective(yFovRad: yFovRad)) }

    /// Radius of the opening at an f-number: focal length / (2 N), where the focal length is that of a film
    /// of `filmHeight` seen under the camera's field of view; nil for an orthographic camera, which has none.
    public func apertureRadius(fNumber: Float) -> Float? {
      guard case .perspective(let yFovRad) = projection else { return nil }
      let focalLength = 0.5 * Camera.filmHeight / ExactMath.tan(0.5 * yFovRad)
      return focalLength / (2 * fNumber)
    }
  }
}

/// How a pixel weighs the light that arrives around it. Samples are drawn by the weight, so that all count
/// the same and none reaches another pixel's sum.
public enum PixelFilter: String, CaseIterable, Sendable {
  /// The pixel's own square.
  case box
  /// The four-term Blackman-Harris window of radius 1.5 pixels in both directions (Harris 1978, "On the Use
  /// of Windows for Harmonic Analysis with the Discrete Fourier Transform"): smoother edges.
  case blackmanHarris = "blackman-harris"
}
