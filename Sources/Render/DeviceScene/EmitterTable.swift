import Kernels

/// The light table: emissive triangles, drawn in proportion to their power.
struct EmitterTable {
  private(set) var emitters: [DeviceEmitter] = []
  /// Emitted power of all of them, by luminance: pi x area x radiance, both sides where both emit.
  private(set) var power = 0.0

  /// Lists the emissive triangles in order and writes their number into them.
  init(_ triangles: inout [DeviceTriangle], _ materials: [DeviceMaterial]) {
    let luminances = materials.map { material in
      // A textured lamp is found by hitting it.
      material.isEvenlyLit ? luminance(material.emission) * (material.double_sided != 0 ? 2 : 1) : 0
    }
    var powers: [Double] = []
    for i in triangles.indices {
      let luminance = luminances[Int(triangles[i].material)]
      guard luminance > 0 else { continue }
      let area = 0.5 * triangles[i].areaVector.length
      // Slivers that a device would flush to zero emit nothing worth drawing.
      guard area >= EmitterTable.areaMinM2 else { continue }
      triangles[i].emitter = Int32(emitters.count)
      var emitter = DeviceEmitter()
      emitter.triangle = Int32(i)
      emitter.area = Float(area)
      emitters.append(emitter)
      powers.append(Double.pi * area * luminance)
    }
    power = powers.reduce(0, +)
    guard power > 0 else { return }
    let table = AliasTable(weights: powers)
    let whole = Double(AliasTable.columnUnits)
    for i in emitters.indices {
      emitters[i].pmf = Float(Double(table.units[i]) / (Double(emitters.count) * whole))
      emitters[i].alias_threshold = Float(table.threshold[i]) / Float(AliasTable.columnUnits)
      emitters[i].alias = Int32(table.alias[i])
    }
  }

  /// Smallest area of a light, square metres.
  private static let areaMinM2 = 1e-30
}

/// Luminance of linear Rec.709 (ITU-R BT.709), in double precision.
func luminance(_ rgb: (Float, Float, Float)) -> Double {
  (0.2126 * Double(rgb.0) + 0.7152 * Double(rgb.1)) + 0.0722 * Double(rgb.2)
}

extension DeviceMaterial {
  /// Whether what it emits is the same everywhere.
  fileprivate var isEvenlyLit: Bool { texture.3 == DeviceScene.noTexture && flags & FLAG_CUTOUT == 0 }
}
