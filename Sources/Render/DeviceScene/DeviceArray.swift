import Glibc

/// Values that are made once and then only read, at an address that a device on this machine can take as its
/// own memory: whole pages, so that no copy is needed (`OpenCLDevice.makeBuffer`).
package final class DeviceArray<Element: BitwiseCopyable & Sendable>: Sendable {
  /// Bytes a page; also a multiple of every vector's size.
  fileprivate static var pageBytes: Int { 4096 }

  // Nobody writes once it is finished, hence it is safe to share.
  private nonisolated(unsafe) let storage: GrowingDeviceArray<Element>
  private nonisolated(unsafe) let memory: UnsafeMutableBufferPointer<Element>

  fileprivate init(_ storage: GrowingDeviceArray<Element>) {
    self.storage = storage
    memory = storage.values
  }

  /// A copy of an array.
  package convenience init(_ array: [Element]) {
    let storage = GrowingDeviceArray<Element>(count: array.count)
    _ = storage.values.initialize(from: array)
    self.init(storage)
  }

  /// The pages that hold the values and nothing else; at least one. Valid as long as the array.
  var pages: UnsafeRawBufferPointer {
    let page = DeviceArray.pageBytes
    let used = memory.count * MemoryLayout<Element>.stride
    return UnsafeRawBufferPointer(
      start: memory.baseAddress, count: Swift.max(1, (used + page - 1) / page) * page)
  }

  /// The values where they lie.
  package func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeBufferPointer(memory))
  }
}

extension DeviceArray: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { memory.count }
  package subscript(index: Int) -> Element {
    precondition(index >= 0 && index < memory.count, "index \(index) of \(memory.count)")
    return memory[index]
  }
}

/// A device array while it is made: `count` values, all of which must be written before it is finished.
final class GrowingDeviceArray<Element: BitwiseCopyable & Sendable> {
  let values: UnsafeMutableBufferPointer<Element>

  /// Bytes of a huge page. Where rays look for nodes and triangles all over a large array, most small pages
  /// would be missing in the processor's table of pages; and large ones take less time to get.
  private static var hugePageBytes: Int { 1 << 21 }

  init(count: Int) {
    let page = DeviceArray<Element>.pageBytes
    let byteCount = Swift.max(1, (count * MemoryLayout<Element>.stride + page - 1) / page) * page
    let isLarge = byteCount >= GrowingDeviceArray.hugePageBytes
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: byteCount, alignment: isLarge ? GrowingDeviceArray.hugePageBytes : page)
    // A wish: without huge pages all is the same, but slower.
    if isLarge { madvise(bytes, byteCount, MADV_HUGEPAGE) }
    if count == 0 { bytes.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
    values = UnsafeMutableBufferPointer(
      start: bytes.bindMemory(to: Element.self, capacity: count), count: count)
  }
  deinit { values.deallocate() }

  /// No value may be written afterwards.
  func finished() -> DeviceArray<Element> { DeviceArray(self) }
}
