import Cryptography

/// How a job's frames are seen and delivered, where that is not the default: a part of its terms.
public struct JobFilm: Hashable, Sendable, Codable {
  /// How a pixel weighs the light around it.
  public enum Filter: UInt8, Hashable, Sendable, Codable, CaseIterable {
    /// The pixel's own square.
    case box = 0
    /// The four-term Blackman-Harris window of radius 1.5 pixels.
    case blackmanHarris = 1
  }
  /// View transform of the job's PNG files.
  public enum View: UInt8, Hashable, Sendable, Codable, CaseIterable {
    /// Linear, clipped.
    case raw = 0
    /// sRGB, clipped.
    case standard = 1
    /// AgX.
    case agx = 2
    /// ACES.
    case aces = 3
    /// Khronos PBR Neutral.
    case pbrNeutral = 4
  }
  /// A thin lens in place of the camera's own.
  public struct Lens: Hashable, Sendable, Codable {
    /// Of the opening, metres; 0 is a pinhole.
    public var apertureRadius: Float
    /// To the plane of focus, metres.
    public var focusDistance: Float
    /// All fields, in the order of their declaration.
    public init(apertureRadius: Float, focusDistance: Float) {
      self.apertureRadius = apertureRadius
      self.focusDistance = focusDistance
    }
  }

  /// How a pixel weighs the light around it.
  public var filter: Filter
  /// Layers beside beauty, alpha and work: 1 albedo, 2 normal, 4 depth, 8 position, 16 samples.
  public var layers: UInt16
  /// Nil for the camera's own.
  public var lens: Lens?
  /// View transform of PNG files.
  public var view: View
  /// Exposure of PNG files, stops.
  public var exposureEV: Float

  /// All fields, in the order of their declaration; the defaults are those of terms without film.
  public init(
    filter: Filter = .box, layers: UInt16 = 0, lens: Lens? = nil, view: View = .pbrNeutral,
    exposureEV: Float = 0
  ) {
    self.filter = filter
    self.layers = layers
    self.lens = lens
    self.view = view
    self.exposureEV = exposureEV
  }

  func encode(into writer: inout CanonicalWriter) {
    writer.write(filter.rawValue)
    writer.write(layers)
    writer.write(UInt8(lens == nil ? 0 : 1))
    writer.write(JobTerms.canonicalBits(lens?.apertureRadius ?? 0))
    writer.write(JobTerms.canonicalBits(lens?.focusDistance ?? 0))
    writer.write(view.rawValue)
    writer.write(JobTerms.canonicalBits(exposureEV))
  }

  init(from reader: inout CanonicalReader) throws(CanonicalError) {
    guard let filter = Filter(rawValue: try reader.read()) else { throw .invalid(field: "filter") }
    self.filter = filter
    layers = try reader.read()
    let hasLens: UInt8 = try reader.read()
    let radius = try JobTerms.readFloat(from: &reader, field: "lens.apertureRadius")
    let distance = try JobTerms.readFloat(from: &reader, field: "lens.focusDistance")
    guard hasLens == 1 || hasLens == 0 && radius.bitPattern == 0 && distance.bitPattern == 0 else {
      throw .invalid(field: "lens")
    }
    lens = hasLens == 0 ? nil : Lens(apertureRadius: radius, focusDistance: distance)
    guard let view = View(rawValue: try reader.read()) else { throw .invalid(field: "view") }
    self.view = view
    exposureEV = try JobTerms.readFloat(from: &reader, field: "exposureEV")
  }
}
