import CAttempts
import Confinement
import Foundation

// ConfinementProbe free|confined FOLDER MEMORY_MB SECONDS ATTEMPT ARGUMENT
//   tries one thing, confined to FOLDER or not; says 0 or the errno on standard output, and what the
//   confinement came to on standard error
// ConfinementProbe hide-landlock PROGRAM ARGUMENT...
//   becomes the program, on a kernel that seems to have no Landlock

func fail(_ text: String) -> Never {
  FileHandle.standardError.write(Data("ConfinementProbe: \(text)\n".utf8))
  exit(2)
}

let words = Array(CommandLine.arguments.dropFirst())
if words.first == "hide-landlock", words.count >= 2 {
  guard hide_landlock() == 0 else { fail("cannot hide Landlock") }
  var program: [UnsafeMutablePointer<CChar>?] = words.dropFirst().map { strdup($0) } + [nil]
  execv(words[1], &program)
  fail("cannot start \(words[1])")
}
guard words.count == 6, let megabytes = UInt64(words[2]), let seconds = UInt64(words[3]) else {
  fail("see its source for how it is called")
}
if words[0] == "confined" {
  let report = Confinement.enter(
    ConfinementProfile(
      readable: [words[1]], drivesDevices: false, memoryBytesMax: megabytes << 20, addressSpaceBytesMax: nil,
      processorSecondsMax: seconds))
  FileHandle.standardError.write(Data("\(report)\n".utf8))
}
let code = attempt(words[4], words[5])
guard code >= 0 else { fail("no attempt \(words[4])") }
FileHandle.standardOutput.write(Data("\(code)\n".utf8))
_exit(0)
