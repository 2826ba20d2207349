extension Scene {
  /// How a primitive's vertices move: towards morph targets by weights, then with the joints of a skin (glTF
  /// 2.0, sections 3.7.2.2 and 3.7.3). Its arrays go by the vertices of the file.
  public struct Deformation: Sendable {
    /// What a vertex moves by at weight 1.
    public struct Target: Sendable {
      /// One a vertex of the file, object space, metres; empty when none moves.
      public var positions: [SIMD3<Float>]
      /// Added to the normals; one a vertex of the file, or empty.
      public var normals: [SIMD3<Float>]

      /// All fields, in the order of their declaration.
      public init(positions: [SIMD3<Float>], normals: [SIMD3<Float>]) {
        self.positions = positions
        self.normals = normals
      }
    }
    /// A joint's share of a vertex.
    public struct Influence: Sendable, Hashable {
      /// Index into the skin's joints.
      public var joint: Int32
      /// 0 ... 1; those of a vertex sum to 1.
      public var weight: Float

      /// All fields, in the order of their declaration.
      public init(joint: Int32, weight: Float) {
        self.joint = joint
        self.weight = weight
      }
    }

    /// Morph targets, in order.
    public var targets: [Target]
    /// The same number a vertex of the file, vertex by vertex; empty without a skin.
    public var influences: [Influence]
    /// How many a vertex has.
    public var influencesPerVertex: Int
    /// Which vertex of the file each position of the primitive is.
    public var vertices: [UInt32]
    /// The file has no normals: those of the triangles are used, wherever they are.
    public var isFlat: Bool

    /// All fields, in the order of their declaration.
    public init(
      targets: [Target], influences: [Influence] = [], influencesPerVertex: Int = 0, vertices: [UInt32],
      isFlat: Bool = false
    ) {
      self.targets = targets
      self.influences = influences
      self.influencesPerVertex = influencesPerVertex
      self.vertices = vertices
      self.isFlat = isFlat
    }
  }

  /// Nodes that carry a mesh's vertices along.
  public struct Skin: Sendable {
    /// Indices into the scene's `nodes`.
    public var joints: [Int]
    /// Into each joint's space from the mesh's.
    public var jointFromObject: [Transform<ObjectSpace, ObjectSpace>]

    /// All fields, in the order of their declaration.
    public init(joints: [Int], jointFromObject: [Transform<ObjectSpace, ObjectSpace>]) {
      self.joints = joints
      self.jointFromObject = jointFromObject
    }
  }
}

extension Animation {
  /// A channel that drives the weights of a node's morph targets.
  public struct WeightChannel: Sendable {
    /// Index into the scene's `nodes`.
    public var node: Int
    /// How it goes between keys.
    public var interpolation: Interpolation
    /// Strictly ascending, seconds.
    public var timesS: [Float]
    /// One a target for each key; for cubicSpline three times as many (in-tangents, values, out-tangents).
    public var values: [Float]

    /// All fields, in the order of their declaration.
    public init(node: Int, interpolation: Interpolation, timesS: [Float], values: [Float]) {
      self.node = node
      self.interpolation = interpolation
      self.timesS = timesS
      self.values = values
    }

    /// Of how many targets.
    public var targetCount: Int { values.count / (timesS.count * (interpolation == .cubicSpline ? 3 : 1)) }

    /// The weight of a target as a channel of its own.
    func channel(ofTarget target: Int) -> Channel {
      let rows = interpolation == .cubicSpline ? 3 * timesS.count : timesS.count
      return Channel(
        node: node, path: .scale, interpolation: interpolation, timesS: timesS,
        values: (0..<rows).map { SIMD4(values[$0 * targetCount + target], 0, 0, 0) })
    }
  }
}
