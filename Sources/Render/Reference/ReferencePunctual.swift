import Kernels

/// The scene's lights without size, one by one (KHR_lights_punctual, reference code of the specification).
struct ReferencePunctual: Sendable {
  /// What a light sends to a point.
  struct Arrival {
    /// Unit length, towards the light.
    var direction: SIMD3<Double>
    /// Metres.
    var distance: Double
    /// Irradiance of a surface that faces it.
    var irradiance: SIMD3<Double>
  }

  private let lights: [DeviceEmitter]

  init(_ scene: DeviceScene) { lights = scene.emitters.filter { $0.triangle < 0 } }

  func arrivals(at point: SIMD3<Double>) -> [Arrival] {
    lights.map { light in
      let along = SIMD3<Double>(light.edge_u)
      let intensity = SIMD3<Double>(light.radiance)
      if light.kind == EMITTER_DISTANT {
        return Arrival(direction: -along, distance: .infinity, irradiance: intensity)
      }
      let between = SIMD3<Double>(light.origin) - point
      let distance = between.length
      let direction = between / distance
      let (scale, offset, inverseSquareRange) = light.edge_v
      let fourth = distance * distance * distance * distance * Double(inverseSquareRange * inverseSquareRange)
      var factor = max(min(1 - fourth, 1), 0) / (distance * distance)
      if light.kind == EMITTER_SPOT {
        let angular = min(max(-along.dot(direction) * Double(scale) + Double(offset), 0), 1)
        factor *= angular * angular
      }
      return Arrival(direction: direction, distance: distance, irradiance: intensity * factor)
    }
  }
}
