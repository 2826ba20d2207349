import Foundation
import SceneModel
import Testing

@Suite struct TransformTests {
  /// Unit quaternions spread over all rotations.
  private let rotations: [SIMD4<Float>] = (0..<200).map { i in
    let t = Float(i) * 0.37
    return Quaternion.normalised(SIMD4(sin(t), cos(1.7 * t), sin(2.3 * t + 1), cos(0.9 * t + 2)))
  }

  @Test func `a product of quaternions turns like one after the other`() {
    for (a, b) in zip(rotations, rotations.reversed()) {
      let v = SIMD3<Float>(0.3, -1, 2)
      let twice = turn(a, turn(b, v))
      #expect(close(turn(Quaternion.product(a, b), v), twice, 2e-6))
    }
  }

  private func turn(_ q: SIMD4<Float>, _ v: SIMD3<Float>) -> SIMD3<Float> {
    Pose(rotation: q).transform.direction(v)
  }

  @Test func `a rotation keeps lengths and hands`() {
    for q in rotations {
      let m = Pose(rotation: q).transform
      #expect(abs(m.determinant - 1) < 2e-6)
      #expect(abs(Vector.length(m.direction(SIMD3(1, 2, 2))) - 3) < 3e-6)
    }
  }

  @Test func `slerp ends at its ends and agrees with turning by the share of the angle`() {
    let axis = SIMD3<Float>(2, -1, 2) / 3
    for degrees in [0.01, 1, 45, 120, 179] as [Float] {
      let angle = degrees * ExactMath.pi / 180
      let end = Quaternion.rotation(about: axis, angleRad: angle)
      for share in [0, 0.2, 0.5, 0.9, 1] as [Float] {
        let between = Quaternion.slerp(Quaternion.identity, end, share)
        let truth = Quaternion.rotation(about: axis, angleRad: angle * share)
        #expect(abs(Quaternion.dot(between, truth) - 1) < 1e-6, "\(share) of \(degrees) degrees")
        let gap = between - truth
        #expect(Quaternion.dot(gap, gap) < 1e-12, "\(share) of \(degrees) degrees")
      }
    }
  }

  @Test func `a map and its inverse undo each other`() throws {
    for (i, q) in rotations.enumerated() {
      let pose = Pose(
        translation: SIMD3(Float(i), -3, 0.5), rotation: q, scale: SIMD3(0.5, 2, i % 2 == 0 ? 1 : -3))
      let m = pose.transform
      let back = try #require(m.inverse)
      let p = SIMD3<Float>(1, -2, 3)
      #expect(close(back.point(m.point(p)), p, 2e-4))
      let both = back * m
      #expect(close(both.xAxis, SIMD3(1, 0, 0), 1e-5) && close(both.origin, .zero, 2e-4))
    }
    #expect(Pose(scale: SIMD3(1, 0, 1)).transform.inverse == nil)
  }

  @Test func `scale comes before turn, turn before move`() {
    let pose = Pose(
      translation: SIMD3(10, 0, 0),
      rotation: Quaternion.rotation(about: SIMD3(0, 1, 0), angleRad: ExactMath.pi / 2),
      scale: SIMD3(2, 1, 1))
    #expect(close(pose.transform.point(SIMD3(1, 0, 0)), SIMD3(10, 0, -2)))
  }

  @Test func `tiny and huge vectors keep their direction, none has none`() throws {
    for size in [2e-38, 1e-30, 1, 1e30, 3e38] as [Float] {
      let unit = try #require(Vector.normalised(SIMD3(0.6, 0, -0.8) * size))
      #expect(close(unit, SIMD3(0.6, 0, -0.8), 1e-6), "\(size)")
    }
    #expect(Vector.normalised(.zero) == nil)
    #expect(Vector.normalised(SIMD3(.infinity, 0, 0)) == nil && Vector.normalised(SIMD3(0, .nan, 1)) == nil)
    #expect(Quaternion.normalised(.zero) == Quaternion.identity)
    #expect(Quaternion.normalised(SIMD4(repeating: .nan)) == Quaternion.identity)
  }
}
