extension Scene {
  /// A light without size (KHR_lights_punctual), in its node's space.
  public struct Light: Sendable, Hashable {
    /// How it shines.
    public enum Kind: Sendable, Hashable {
      /// Along -Z, from infinitely far.
      case directional
      /// All round, from the node's origin.
      case point
      /// From the origin about -Z: full inside `innerRad`, nothing outside `outerRad`; half angles, 0 <=
      /// inner < outer <= pi / 2.
      case spot(innerRad: Float, outerRad: Float)
    }
    /// How it shines.
    public var kind: Kind
    /// Linear Rec.709. Candela for points and spots, lux for a directional light, in the scale in which
    /// materials emit candela a square metre.
    public var intensity: SIMD3<Float>
    /// Distance where a point or spot fades out, metres; nil for never.
    public var rangeM: Float?

    /// All fields, in the order of their declaration.
    public init(kind: Kind, intensity: SIMD3<Float>, rangeM: Float? = nil) {
      self.kind = kind
      self.intensity = intensity
      self.rangeM = rangeM
    }
  }
}

extension FrameScene {
  /// A light in the world.
  public struct Light: Sendable, Hashable {
    /// The light, as its file has it.
    public var light: Scene.Light
    /// Where points and spots are, metres.
    public var origin: SIMD3<Float>
    /// Unit length: where spots and directional lights point.
    public var direction: SIMD3<Float>

    /// All fields, in the order of their declaration.
    public init(light: Scene.Light, origin: SIMD3<Float>, direction: SIMD3<Float>) {
      self.light = light
      self.origin = origin
      self.direction = direction
    }
  }
}
