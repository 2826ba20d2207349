import Coordinator
import Settlement
import Testing

@Suite struct FrameBoardTests {
  private let job = smallTerms().id

  private func version(_ passes: Int, of all: Int = 64) -> FrameBoard.Version {
    FrameBoard.Version(passes: passes, isDone: passes == all)
  }

  @Test func `of many passes few previews are written, and the frame`() throws {
    var board = FrameBoard()
    var written: [Int] = []
    for passes in 0...64 {
      board.ready(version(passes), of: 3, job)
      guard let next = board.next(age: { _ in 1 }) else { continue }
      board.wrote(next.version, of: next.frame, next.job)
      written.append(next.version.passes)
    }
    #expect(written == [1, 2, 4, 8, 16, 32, 64])
    #expect(board.done(job) == [3] && board.previews(job).isEmpty)
  }

  @Test func `finished frames come before previews, and replace them while they wait`() {
    var board = FrameBoard()
    board.ready(version(1), of: 3, job)
    board.ready(version(1), of: 4, job)
    board.ready(version(64), of: 4, job)
    #expect(board.next(age: { _ in 1 })?.frame == 4)
    #expect(board.next(age: { _ in 1 })?.version.isDone == true)
    board.wrote(version(64), of: 4, job)
    #expect(board.next(age: { _ in 1 })?.frame == 3)
    #expect(board.has(4, of: job, isPreview: false) && !board.has(4, of: job, isPreview: true))
  }

  @Test func `a job waits until its last frame is written, not only begun`() throws {
    var board = FrameBoard()
    #expect(!board.waits(job))
    board.ready(version(64), of: 3, job)
    let next = try #require(board.next(age: { _ in 1 }))
    #expect(board.waits(job))
    board.wrote(next.version, of: next.frame, next.job)
    #expect(!board.waits(job))
  }
}
