import Settlement
import Testing

@Suite struct JobPassesTests {
  private var terms: JobTerms {
    var terms = TestFarm.terms(price: 1, cap: 1)
    terms.passes = [1, 5, 10]
    return terms
  }

  @Test func `the first pass of every frame comes first, then frame by frame the others`() {
    let order = (0..<6).map { terms.framePass(at: $0) }
    let expected: [(UInt32, Int)] = [(1, 0), (2, 0), (1, 1), (1, 2), (2, 1), (2, 2)]
    #expect(order == expected.map { FramePass(frame: $0, pass: $1) })
  }

  @Test func `a frame's places are those of its passes in order`() {
    for frame in terms.firstFrame...terms.lastFrame {
      let passes = terms.places(ofFrame: frame).map { terms.framePass(at: $0) }
      #expect(passes == (0..<3).map { FramePass(frame: frame, pass: $0) })
    }
  }

  @Test func `passes take the samples one after the other`() {
    #expect((0..<3).map { terms.samples(ofPass: $0) } == [0..<1, 1..<6, 6..<16])
  }

  @Test func `without passes all samples are one, and the places are the frames`() {
    let terms = TestFarm.terms(price: 1, cap: 1)
    #expect(terms.passCount == 1 && terms.samples(ofPass: 0) == 0..<16)
    #expect((0..<2).map { terms.framePass(at: $0) } == [1, 2].map { FramePass(frame: $0, pass: 0) })
    #expect(terms.places(ofFrame: 2) == [1])
  }
}
