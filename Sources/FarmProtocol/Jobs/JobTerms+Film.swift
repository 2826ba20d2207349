import Imaging
import Settlement

extension JobTerms {
  /// The layers that every fragment of the job carries beside beauty, alpha and work.
  public var layers: LayerSet { LayerSet(rawValue: film?.layers ?? 0) }

  /// View transform and exposure (stops) of the job's PNG files.
  public var display: (view: ViewTransform, exposureEV: Float) {
    guard let film else { return (.default, 0) }
    return (film.view.transform, film.exposureEV)
  }

  /// Refuses film outside `Limits`.
  func checkFilm() throws(Refusal) {
    guard let film else { return }
    guard film.layers == layers.rawValue else {
      throw .init(
        .badRequest, "film.layers is \(film.layers), known are the bits of \(LayerSet.all.rawValue)")
    }
    let exposures = -Limits.exposureEVMax...Limits.exposureEVMax
    guard exposures.contains(film.exposureEV) else {
      throw .init(
        .badRequest,
        "film.exposureEV is \(film.exposureEV), allowed is -\(Limits.exposureEVMax) to "
          + "\(Limits.exposureEVMax)")
    }
    guard let lens = film.lens else { return }
    let sizes = Limits.lensMetresMin...Limits.lensMetresMax
    guard sizes.contains(lens.focusDistance) else {
      throw .init(.badRequest, "film.lens.focusDistance is \(lens.focusDistance), allowed is \(sizes)")
    }
    guard lens.apertureRadius == 0 || sizes.contains(lens.apertureRadius) else {
      throw .init(
        .badRequest, "film.lens.apertureRadius is \(lens.apertureRadius), allowed is 0 or \(sizes)")
    }
  }
}

extension JobFilm.View {
  /// The view of that name.
  public init(_ view: ViewTransform) {
    self =
      switch view {
      case .raw: .raw
      case .standard: .standard
      case .agx: .agx
      case .aces: .aces
      case .pbrNeutral: .pbrNeutral
      }
  }

  /// What it stands for.
  public var transform: ViewTransform {
    switch self {
    case .raw: .raw
    case .standard: .standard
    case .agx: .agx
    case .aces: .aces
    case .pbrNeutral: .pbrNeutral
    }
  }
}
