import Foundation

/// Writes all bytes, however many calls it takes. False with `errno` set when the descriptor fails.
func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
  var offset = 0
  while offset < bytes.count {
    let count = write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
    if count < 0 {
      if errno == EINTR { continue }
      return false
    }
    offset += count
  }
  return true
}

/// Reads what is there, at most `bytesMax`; empty at the end, nil with `errno` set when the descriptor fails.
func readSome(_ descriptor: Int32, bytesMax: Int = 64 << 10) -> [UInt8]? {
  var failed = false
  let bytes = [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
    repeat { count = read(descriptor, buffer.baseAddress, bytesMax) } while count < 0 && errno == EINTR
    failed = count < 0
    count = max(count, 0)
  }
  return failed ? nil : bytes
}

/// Lets this process have as many open files and connections as the system allows it.
func raiseDescriptorLimit() {
  let number = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  var limit = rlimit()
  guard getrlimit(number, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
  limit.rlim_cur = limit.rlim_max
  _ = setrlimit(number, &limit)
}
