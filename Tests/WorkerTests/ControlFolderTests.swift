import Foundation
import Testing
import Worker

/// An owner's word through files, read by this very process as if it were the worker.
@Suite struct ControlFolderTests {
  let folder = TemporaryFolder()

  @Test func `pause holds until it is taken back`() throws {
    let control = ControlFolder(home: folder.path)
    #expect(!control.isPaused)
    try control.resume()
    try control.pause()
    #expect(ControlFolder(home: folder.path).isPaused)
    try control.pause()
    try control.resume()
    #expect(!control.isPaused)
  }

  @Test func `a process that is gone runs no more, whatever has its number now`() throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sleep")
    child.arguments = ["60"]
    try child.run()
    var status = try #require(WorkerStatus(ofProcess: child.processIdentifier))
    #expect(status.isRunning)
    status.startTicks += 1
    #expect(!status.isRunning, "another process of that number")
    status.startTicks -= 1
    child.terminate()
    child.waitUntilExit()
    #expect(!status.isRunning)
  }

  @Test func `this machine tells its processors' time, and ours is a part of it`() throws {
    let readings = SystemReadings()
    let before = try #require(readings.processorTicks())
    var spent = 0.0
    // Other programs may have the processor meanwhile: this process's own clock counts.
    let end = clock() + 4 * CLOCKS_PER_SEC / 10
    while clock() < end { spent += spent.squareRoot() + 1 }
    let after = try #require(readings.processorTicks())
    #expect(spent > 0)
    #expect(after.own >= before.own + 20, "four tenths of a second are forty ticks")
    #expect(after.total > before.total && after.busy >= before.busy)
  }

  @Test func `others' share is what is neither idle nor ours`() {
    let before = SystemReadings.Ticks(total: 1000, busy: 500, own: 100)
    #expect(SystemReadings.Ticks(total: 1200, busy: 650, own: 150).othersShare(since: before) == 0.5)
    #expect(SystemReadings.Ticks(total: 1200, busy: 650, own: 350).othersShare(since: before) == 0)
    // A child that ended, counted with us no more for a moment.
    #expect(SystemReadings.Ticks(total: 1200, busy: 600, own: 90).othersShare(since: before) == 0.5)
    #expect(before.othersShare(since: before) == nil)
  }

  @Test func `a process is read whatever it is called`() throws {
    let text =
      "77 (a) b (c) S 12 77 77 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 5 0 987654 1000 50 184467"
    let line = try #require(SystemReadings.ProcessLine(text))
    #expect(line.parent == 12 && line.ticks == 33 && line.endedChildrenTicks == 77)
    #expect(line.startTicks == 987_654)
    #expect(SystemReadings.ProcessLine("77 (cut") == nil)
  }
}
