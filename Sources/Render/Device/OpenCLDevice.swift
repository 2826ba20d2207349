import COpenCL

/// One device, opened: its context and its in-order queue. Not thread-safe.
package final class OpenCLDevice {
  /// What it is.
  package let info: DeviceInfo
  let handle: OpenCL.Handle
  let context: cl_context
  private let queue: cl_command_queue

  /// Opens the device of `info.id`, which must still be the same device.
  package convenience init(_ info: DeviceInfo) throws(DeviceError) {
    try self.init(try OpenCL.handle(of: info))
  }

  init(_ handle: OpenCL.Handle) throws(DeviceError) {
    info = try handle.info()
    self.handle = handle
    var device: cl_device_id? = handle.device
    var code: cl_int = 0
    let created = clCreateContext(nil, 1, &device, nil, nil, &code)
    let context = try OpenCL.made("clCreateContext", created, code)
    guard let queue = clCreateCommandQueue(context, handle.device, 0, &code) else {
      clReleaseContext(context)
      throw DeviceError.call(name: "clCreateCommandQueue", code: code)
    }
    self.context = context
    self.queue = queue
  }

  deinit {
    clReleaseCommandQueue(queue)
    clReleaseContext(context)
  }

  /// Paths that kernels follow at once here: 16, 8 or 1.
  package func preferredLanes() throws(DeviceError) -> Int { try handle.preferredLanes() }

  /// A buffer of `byteCount` bytes, at least 64; contents undefined.
  package func makeBuffer(byteCount: Int) throws(DeviceError) -> OpenCLBuffer {
    let limit = try handle.bufferBytesMax()
    guard byteCount <= limit else {
      throw DeviceError.tooLarge(what: "bytes of one buffer", need: byteCount, limit: limit)
    }
    var code: cl_int = 0
    let size = max(64, byteCount)
    let created = clCreateBuffer(context, cl_mem_flags(CL_MEM_READ_WRITE), size, nil, &code)
    return OpenCLBuffer(memory: try OpenCL.made("clCreateBuffer", created, code), byteCount: size)
  }

  /// A buffer of `byteCount` zero bytes, at least 64.
  func makeZeroBuffer(byteCount: Int) throws(DeviceError) -> OpenCLBuffer {
    let buffer = try makeBuffer(byteCount: byteCount)
    try fillZero(buffer, byteCount: buffer.byteCount)
    return buffer
  }

  /// Has the first `byteCount` bytes, whole words, set to 0 after all that was enqueued.
  func fillZero(_ buffer: OpenCLBuffer, byteCount: Int) throws(DeviceError) {
    guard byteCount > 0 else { return }
    var zero: UInt32 = 0
    let code = clEnqueueFillBuffer(
      queue, buffer.memory, &zero, MemoryLayout<UInt32>.size, 0, byteCount, 0, nil, nil)
    try OpenCL.check("clEnqueueFillBuffer", code)
  }

  /// A buffer with the array's bytes; an empty array becomes 64 zero bytes.
  package func makeBuffer<Element: BitwiseCopyable>(_ array: [Element]) throws(DeviceError) -> OpenCLBuffer {
    guard !array.isEmpty else { return try makeZeroBuffer(byteCount: 0) }
    let buffer = try makeBuffer(byteCount: MemoryLayout<Element>.stride * array.count)
    try write(array, to: buffer)
    return buffer
  }

  /// A buffer with the array's bytes: its own memory where the device is this machine's processor, else a
  /// copy.
  package func makeBuffer<Element>(_ array: DeviceArray<Element>) throws(DeviceError) -> OpenCLBuffer {
    let pages = array.pages
    guard info.isCPU, !info.isSimulator else {
      let buffer = try makeBuffer(byteCount: pages.count)
      try OpenCL.check("clEnqueueWriteBuffer", enqueueWrite(pages, to: buffer))
      return buffer
    }
    let limit = try handle.bufferBytesMax()
    guard pages.count <= limit else {
      throw DeviceError.tooLarge(what: "bytes of one buffer", need: pages.count, limit: limit)
    }
    var code: cl_int = 0
    let flags = cl_mem_flags(CL_MEM_READ_ONLY) | cl_mem_flags(CL_MEM_USE_HOST_PTR)
    let memory = UnsafeMutableRawPointer(mutating: pages.baseAddress)
    let created = clCreateBuffer(context, flags, pages.count, memory, &code)
    let made = try OpenCL.made("clCreateBuffer", created, code)
    return OpenCLBuffer(memory: made, byteCount: pages.count, owner: array)
  }

  /// Copies the array to the buffer's start, at once.
  package func write<Element: BitwiseCopyable>(
    _ array: [Element], to buffer: OpenCLBuffer
  ) throws(DeviceError) {
    let code = array.withUnsafeBytes { enqueueWrite($0, to: buffer) }
    try OpenCL.check("clEnqueueWriteBuffer", code)
  }

  private func enqueueWrite(_ bytes: UnsafeRawBufferPointer, to buffer: OpenCLBuffer) -> cl_int {
    precondition(bytes.count <= buffer.byteCount, "\(bytes.count) bytes into \(buffer.byteCount)")
    guard bytes.count > 0 else { return CL_SUCCESS }
    return clEnqueueWriteBuffer(
      queue, buffer.memory, cl_bool(CL_TRUE), 0, bytes.count, bytes.baseAddress, 0, nil, nil)
  }

  /// Copies `count` elements from the buffer's start, after all that was enqueued.
  package func read<Element: BitwiseCopyable & Numeric>(
    _ buffer: OpenCLBuffer, count: Int, as type: Element.Type
  ) throws(DeviceError) -> [Element] {
    let byteCount = MemoryLayout<Element>.stride * count
    precondition(byteCount <= buffer.byteCount, "\(byteCount) bytes from \(buffer.byteCount)")
    var out = [Element](repeating: 0, count: count)
    let code = out.withUnsafeMutableBytes {
      clEnqueueReadBuffer(queue, buffer.memory, cl_bool(CL_TRUE), 0, byteCount, $0.baseAddress, 0, nil, nil)
    }
    try OpenCL.check("clEnqueueReadBuffer", code)
    return out
  }

  /// Runs the kernel over `groupCount` groups of `groupSize` work-items and waits for its end.
  package func run(_ kernel: OpenCLKernel, groupCount: Int, groupSize: Int) throws(DeviceError) {
    try enqueue(kernel, groupCount: groupCount, groupSize: groupSize)
    try finish()
  }

  /// Has the kernel run after all that was enqueued.
  func enqueue(_ kernel: OpenCLKernel, groupCount: Int, groupSize: Int) throws(DeviceError) {
    var global = groupCount * groupSize
    var local = groupSize
    let code = clEnqueueNDRangeKernel(queue, kernel.kernel, 1, nil, &global, &local, 0, nil, nil)
    try OpenCL.check("clEnqueueNDRangeKernel", code)
  }

  /// Waits for the end of all that was enqueued.
  func finish() throws(DeviceError) { try OpenCL.check("clFinish", clFinish(queue)) }
}

/// Memory of a device.
package final class OpenCLBuffer {
  let memory: cl_mem
  /// Its size.
  package let byteCount: Int
  /// Whose memory it is, when it is not its own.
  private let owner: AnyObject?

  init(memory: cl_mem, byteCount: Int, owner: AnyObject? = nil) {
    self.memory = memory
    self.byteCount = byteCount
    self.owner = owner
  }
  deinit { clReleaseMemObject(memory) }
}

/// One entry point with its arguments. Keeps the buffers alive that were given to it.
package final class OpenCLKernel {
  fileprivate let kernel: cl_kernel
  private var buffers: [Int: OpenCLBuffer] = [:]

  init(kernel: cl_kernel) { self.kernel = kernel }
  deinit { clReleaseKernel(kernel) }

  /// Argument `index` is a buffer.
  package func set(_ index: Int, _ buffer: OpenCLBuffer) throws(DeviceError) {
    var memory: cl_mem? = buffer.memory
    let code = clSetKernelArg(kernel, cl_uint(index), MemoryLayout<cl_mem?>.size, &memory)
    try OpenCL.check("clSetKernelArg(\(index))", code)
    buffers[index] = buffer
  }

  /// Lets go of the buffers; all arguments must be set again.
  func forgetBuffers() { buffers = [:] }

  /// Argument `index` is a number.
  package func set(_ index: Int, _ value: UInt32) throws(DeviceError) {
    var value = value
    let code = clSetKernelArg(kernel, cl_uint(index), MemoryLayout<UInt32>.size, &value)
    try OpenCL.check("clSetKernelArg(\(index))", code)
  }
}
