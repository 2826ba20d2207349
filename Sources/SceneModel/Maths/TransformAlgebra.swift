extension Transform {
  /// Composition; words match: `worldFromParent * parentFromObject` is a world from object.
  public static func * <Middle>(
    outer: Transform<Middle, To>, inner: Transform<From, Middle>
  ) -> Transform<From, To> where Self == Transform<From, To> {
    Transform(
      xAxis: outer.direction(inner.xAxis), yAxis: outer.direction(inner.yAxis),
      zAxis: outer.direction(inner.zAxis), origin: outer.point(inner.origin))
  }

  /// Volume of the image of the unit cube; negative when the map mirrors.
  public var determinant: Float { Vector.dot(xAxis, Vector.cross(yAxis, zAxis)) }

  /// The map back; nil when this one flattens space.
  public var inverse: Transform<To, From>? {
    let d = determinant
    guard d != 0, d.isFinite else { return nil }
    // Rows of the inverse: cross products of the columns over the determinant.
    let a = Vector.cross(yAxis, zAxis) / d
    let b = Vector.cross(zAxis, xAxis) / d
    let c = Vector.cross(xAxis, yAxis) / d
    let back = Transform<To, From>(
      xAxis: SIMD3(a.x, b.x, c.x), yAxis: SIMD3(a.y, b.y, c.y), zAxis: SIMD3(a.z, b.z, c.z), origin: .zero)
    guard back.isFinite else { return nil }
    return Transform<To, From>(
      xAxis: back.xAxis, yAxis: back.yAxis, zAxis: back.zAxis, origin: -back.direction(origin))
  }

  /// The same axes at right angles and unit length, right-handed: z keeps its direction, y leans as little as
  /// possible. nil when z, or the part of y across it, has no direction.
  public var orthonormalised: Transform? {
    guard let z = Vector.normalised(zAxis), let yUnit = Vector.normalised(yAxis),
      let x = Vector.normalised(Vector.cross(yUnit, z)), let y = Vector.normalised(Vector.cross(z, x))
    else { return nil }
    return Transform(xAxis: x, yAxis: y, zAxis: z, origin: origin)
  }

  /// Whether no component is infinite or NaN.
  public var isFinite: Bool {
    [xAxis, yAxis, zAxis, origin].allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }
  }
}

extension Transform where From == ObjectSpace, To == WorldSpace {
  /// Objects as they were modelled.
  public static var inPlace: Transform {
    Transform(xAxis: SIMD3(1, 0, 0), yAxis: SIMD3(0, 1, 0), zAxis: SIMD3(0, 0, 1), origin: .zero)
  }
}

extension Transform where From == To {
  /// Moves nothing.
  public static var identity: Transform {
    Transform(xAxis: SIMD3(1, 0, 0), yAxis: SIMD3(0, 1, 0), zAxis: SIMD3(0, 0, 1), origin: .zero)
  }
}

extension Pose {
  /// The pose as a map: scale, then rotation, then translation (glTF 3.5.3); or its matrix, when it has one.
  public var transform: Transform<ObjectSpace, ObjectSpace> {
    if let matrix { return matrix }
    let axes = Quaternion.axes(rotation)
    return Transform(
      xAxis: axes.x * scale.x, yAxis: axes.y * scale.y, zAxis: axes.z * scale.z, origin: translation)
  }
}
