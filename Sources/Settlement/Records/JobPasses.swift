/// One pass of one frame: the tiles that follow each other in a job's numbering.
public struct FramePass: Hashable, Sendable {
  /// The frame's number.
  public let frame: UInt32
  /// Counted from 0.
  public let pass: Int
  /// Both.
  public init(frame: UInt32, pass: Int) {
    self.frame = frame
    self.pass = pass
  }
}

/// How a job's samples are cut into passes, and in which order they are numbered and given out: the first
/// pass of every frame, so that each has a preview early; then frame by frame the others.
extension JobTerms {
  /// Most passes of a job.
  public static let passesMax = 64

  /// How many passes a frame has.
  public var passCount: Int { passes?.count ?? 1 }

  /// Whether the passes are two or more, none of them empty, and take all samples together. Nil is.
  package var hasSoundPasses: Bool {
    guard let passes else { return true }
    return (2...JobTerms.passesMax).contains(passes.count) && !passes.contains(0)
      && passes.reduce(UInt64(0)) { $0 + UInt64($1) } == UInt64(samplesPerPixel)
  }

  /// The samples of a pixel in that pass, counted from 0.
  public func samples(ofPass pass: Int) -> Range<Int> {
    guard let passes else { return 0..<Int(samplesPerPixel) }
    let first = passes[..<pass].reduce(0) { $0 + Int($1) }
    return first..<first + Int(passes[pass])
  }

  /// The pass of a frame that comes at that place, 0 ..< `frameCount * passCount`.
  public func framePass(at place: Int) -> FramePass {
    guard place >= frameCount else { return FramePass(frame: firstFrame + UInt32(place), pass: 0) }
    let (frame, pass) = (place - frameCount).quotientAndRemainder(dividingBy: passCount - 1)
    return FramePass(frame: firstFrame + UInt32(frame), pass: pass + 1)
  }

  /// The places of a frame's passes, ascending.
  public func places(ofFrame frame: UInt32) -> [Int] {
    precondition(frame >= firstFrame && frame <= lastFrame, "frame \(frame) of \(firstFrame)-\(lastFrame)")
    let offset = Int(frame - firstFrame)
    let later = frameCount + offset * (passCount - 1)
    return [offset] + Array(later..<later + passCount - 1)
  }

  /// Samples of a pixel in a tile, which must be one of `JobTiles`.
  package func sampleCount(of tile: TileIndex) -> Int {
    let side = Int(tileSidePX)
    let columns = (Int(widthPX) + side - 1) / side
    let rows = (Int(heightPX) + side - 1) / side
    return samples(ofPass: framePass(at: Int(tile.value) / (columns * rows)).pass).count
  }
}
