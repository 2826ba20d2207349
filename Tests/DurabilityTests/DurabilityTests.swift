import Cryptography
import Durability
import Foundation
import Testing

/// A folder that goes with the test.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("durability-\(UUID().uuidString)")
    .path
  init() throws { try DurableFile.makeFolder(path) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

@Test func `a written file is whole, replaces the old one and leaves nothing else`() throws {
  let folder = try Folder()
  let path = "\(folder.path)/a"
  try DurableFile.write([1, 2, 3], to: path)
  try DurableFile.write([4, 5], to: path, mode: 0o600)
  #expect(try DurableFile.read(path) == [4, 5])
  #expect(DurableFile.byteCount(path) == 2)
  #expect(folder.names == ["a"])
  let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  #expect(mode == 0o600)
}

@Test func `a file that cannot be put in place leaves no part behind`() throws {
  let folder = try Folder()
  try DurableFile.makeFolder("\(folder.path)/taken")
  #expect(throws: FileFault.self) { try DurableFile.write([1], to: "\(folder.path)/taken") }
  #expect(folder.names == ["taken"])
}

@Test func `what is not there is nil and what is too long is refused unread`() throws {
  let folder = try Folder()
  let path = "\(folder.path)/a"
  #expect(try DurableFile.read(path) == nil)
  #expect(DurableFile.byteCount(folder.path) == nil, "a folder is no file")
  try DurableFile.write([1, 2, 3], to: path)
  let fault = #expect(throws: FileFault.self) { try DurableFile.read(path, bytesMax: 2) }
  #expect(fault?.description.contains("3 bytes") == true)
}

@Test func `a folder has one holder at a time`() throws {
  let folder = try Folder()
  let path = folder.path
  do {
    let first = try FolderLock(folder: path)
    let isHeld = first != nil
    let second = try FolderLock(folder: path)
    let isRefused = second == nil
    #expect(isHeld && isRefused)
    _ = consume first
  }
  let third = try FolderLock(folder: path)
  let isFree = third != nil
  #expect(isFree)
}

@Test func `a key is made once and kept from others`() throws {
  let folder = try Folder()
  let path = "\(folder.path)/deep/er/key"
  let made = try KeyFile.loadOrCreate(path)
  let again = try KeyFile.loadOrCreate(path)
  #expect(made.isNew && !again.isNew)
  #expect(made.key.publicKey == again.key.publicKey)
  try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
  #expect(throws: KeyFile.Failure.exposed(path: path, mode: "640")) { try KeyFile.load(path) }
}

@Test(arguments: ["", "abc", String(repeating: "0", count: 66), String(repeating: "0", count: 64) + " 1"])
func `text that is no key is refused, and left as it is`(text: String) throws {
  let folder = try Folder()
  let path = "\(folder.path)/key"
  try DurableFile.write(Array(text.utf8), to: path, mode: 0o600)
  #expect(throws: KeyFile.Failure.malformed(path: path)) { try KeyFile.loadOrCreate(path) }
  #expect(try DurableFile.read(path) == Array(text.utf8))
}
