import Cryptography
import Durability
import FarmProtocol
import Foundation
import Settlement
import Testing
import Worker

@Suite struct OutboxTests {
  let folder = TemporaryFolder()
  func result(_ tile: UInt32, fence: UInt64 = 5) -> ResultEnvelope {
    Samples.result(Samples.assignment(tile, fence: fence))
  }
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `result is there after a restart, and gone after its receipt`() throws {
    let sent = result(3)
    try Outbox(folder: folder.url).put(sent)
    let reopened = try Outbox(folder: folder.url)
    #expect(try reopened.contents().entries.map(\.id) == [sent.assignment.digest])
    #expect(try reopened.result(sent.assignment.digest) == sent)
    try reopened.remove(sent.assignment.digest)
    #expect(try Outbox(folder: folder.url).contents().entries.isEmpty)
    #expect(try files().isEmpty)
  }

  @Test func `results come back lease by lease, tile by tile`() throws {
    let outbox = try Outbox(folder: folder.url)
    for (tile, fence) in [(UInt32(9), UInt64(5)), (2, 6), (3, 5)] {
      try outbox.put(result(tile, fence: fence))
    }
    #expect(try outbox.contents().entries.map(\.tile.value) == [3, 9, 2])
  }

  @Test func `process killed while writing leaves nothing to deliver`() throws {
    let outbox = try Outbox(folder: folder.url)
    try outbox.put(result(1))
    // What a kill between open and rename leaves: any prefix under the temporary name.
    let bytes = result(2).encoded()
    for (index, count) in [0, 1, bytes.count / 2, bytes.count].enumerated() {
      let name = "\(result(2).assignment.digest.hex).result.\(100 + index).part"
      try Data(bytes[..<count]).write(to: folder.url.appendingPathComponent(name))
    }
    let contents = try Outbox(folder: folder.url).contents()
    #expect(contents.entries.map(\.tile.value) == [1])
    #expect(contents.setAside.isEmpty)
    #expect(try files().count == 1)
  }

  @Test func `process killed after the rename and before announcing delivers after its restart`() throws {
    // The rename is the last step of `put`, so this is `put` without anything after it.
    try Outbox(folder: folder.url).put(result(4))
    var driver = MachineDriver()
    driver.send(.started)
    let waiting = try Outbox(folder: folder.url).contents().entries
    #expect(
      driver.send(.joined(Samples.joined, outbox: waiting)).first == .deliver(result(4).assignment.digest))
  }

  @Test func `damaged file is set aside and does not stop the others`() throws {
    let outbox = try Outbox(folder: folder.url)
    try outbox.put(result(1))
    let bytes = result(2).encoded()
    let name = "\(result(2).assignment.digest.hex).result"
    for damage in [Array(bytes[..<(bytes.count - 7)]), [], Array("text".utf8), bytes + [0]] {
      try Data(damage).write(to: folder.url.appendingPathComponent(name))
      let contents = try outbox.contents()
      #expect(contents.entries.map(\.tile.value) == [1])
      #expect(contents.setAside == [folder.url.appendingPathComponent("damaged/\(name)").path])
    }
  }

  @Test func `result under another one's name is set aside`() throws {
    let outbox = try Outbox(folder: folder.url)
    let name = "\(result(1).assignment.digest.hex).result"
    try Data(result(2).encoded()).write(to: folder.url.appendingPathComponent(name))
    #expect(try outbox.contents().entries.isEmpty)
    #expect(try outbox.contents().setAside.isEmpty)
    #expect(try files() == ["damaged"])
  }

  @Test func `flipped bit anywhere in a result is noticed`() throws {
    let outbox = try Outbox(folder: folder.url)
    let bytes = result(2).encoded()
    let name = "\(result(2).assignment.digest.hex).result"
    for index in stride(from: 0, to: bytes.count, by: 11) {
      var damaged = bytes
      damaged[index] ^= 0x10
      try Data(damaged).write(to: folder.url.appendingPathComponent(name))
      #expect(try outbox.contents().setAside.count == 1, "byte \(index)")
    }
  }

  @Test func `second result for an assignment does not replace the first`() throws {
    let outbox = try Outbox(folder: folder.url)
    let assignment = Samples.assignment(1, fence: 5)
    try outbox.put(Samples.result(assignment, bytes: 100))
    try outbox.put(Samples.result(assignment, bytes: 200))
    #expect(try outbox.result(assignment.digest).fragment.count == 100)
  }

  @Test func `removing what is not there is no error, reading it is`() throws {
    let outbox = try Outbox(folder: folder.url)
    try outbox.remove(.zero)
    #expect(throws: WorkerError.self) { try outbox.result(.zero) }
  }
}

@Suite struct WorkerHomeTests {
  let folder = TemporaryFolder()

  @Test func `key is made once, and only its owner may read it`() throws {
    let home = try WorkerHome(folder: folder.path)
    let first = try home.identity()
    let second = try home.identity()
    #expect(first.isNew && !second.isNew)
    #expect(first.key.publicKey == second.key.publicKey)
    let mode = try FileManager.default.attributesOfItem(atPath: home.keyFile.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `key that others may read is refused`() throws {
    let home = try WorkerHome(folder: folder.path)
    _ = try home.identity()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: home.keyFile.path)
    let error = #expect(throws: WorkerError.self) { try home.identity() }
    #expect(error == .keyUnusable(.exposed(path: home.keyFile.path, mode: "644")))
  }

  @Test(arguments: ["", "abc", String(repeating: "g", count: 64), String(repeating: "0", count: 66)])
  func `text that is no key is refused`(text: String) throws {
    let home = try WorkerHome(folder: folder.path)
    let made = FileManager.default.createFile(
      atPath: home.keyFile.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    #expect(made)
    #expect(throws: WorkerError.self) { try home.identity() }
  }

  @Test func `home serves one worker at a time`() throws {
    let first = try WorkerHome(folder: folder.path)
    #expect(throws: WorkerError.homeInUse(path: first.folder.path)) { try WorkerHome(folder: folder.path) }
    withExtendedLifetime(first) {}
  }

  @Test func `home is where the XDG specification says`() {
    #expect(
      WorkerHome.defaultFolder(environment: ["XDG_DATA_HOME": "/data", "HOME": "/h"]) == "/data/render-farm")
    #expect(WorkerHome.defaultFolder(environment: ["HOME": "/h"]) == "/h/.local/share/render-farm")
    // The specification: a relative path is to be ignored.
    #expect(
      WorkerHome.defaultFolder(environment: ["XDG_DATA_HOME": "data", "HOME": "/h"])
        == "/h/.local/share/render-farm")
  }
}
