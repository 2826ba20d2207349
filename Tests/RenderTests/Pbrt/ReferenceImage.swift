import COpenEXR
import Foundation

/// The red, green and blue halves of a scan-line EXR, averaged over square blocks.
struct ReferenceImage {
  struct Unreadable: Error { let code: Int32 }

  let side: Int
  /// Linear, three a pixel, top row first; NaN and infinity count as nothing.
  private(set) var rgb: [Double]

  /// An image of `side` x `side` blocks; the file's sides must be multiples of it.
  init(_ file: URL, side: Int) throws {
    var bytes = [UInt8](try Data(contentsOf: file))
    self.side = side
    rgb = [Double](repeating: 0, count: 3 * side * side)
    var halves: [UInt16] = []
    var width = 0
    try bytes.withUnsafeMutableBufferPointer { buffer in
      var memory = CEXRMemory(bytes: buffer.baseAddress, count: buffer.count, capacity: buffer.count)
      try withUnsafeMutablePointer(to: &memory) { memory in
        var initializer = cexr_reading(memory, 4096)
        var context: exr_context_t?
        try ReferenceImage.check(exr_start_read(&context, "reference", &initializer))
        defer { exr_finish(&context) }
        var window = exr_attr_box2i_t()
        try ReferenceImage.check(exr_get_data_window(context, 0, &window))
        width = Int(window.max.x) + 1
        halves = [UInt16](repeating: 0, count: 3 * width * (Int(window.max.y) + 1))
        try ReferenceImage.read(context, width: width, &halves)
      }
    }
    average(halves, width: width)
  }

  private mutating func average(_ halves: [UInt16], width: Int) {
    let block = width / side
    for y in 0..<width {
      for x in 0..<width {
        for c in 0..<3 {
          let value = Double(Float16(bitPattern: halves[3 * (y * width + x) + c]))
          if value.isFinite { rgb[3 * (y / block * side + x / block) + c] += value / Double(block * block) }
        }
      }
    }
  }

  private static func read(_ context: exr_context_t?, width: Int, _ halves: inout [UInt16]) throws {
    var lines: Int32 = 0
    try check(exr_get_scanlines_per_chunk(context, 0, &lines))
    var pipeline = cexr_decode_pipeline()
    defer { exr_decoding_destroy(context, &pipeline) }
    let height = halves.count / 3 / width
    try halves.withUnsafeMutableBytes { target in
      for y in stride(from: 0, to: height, by: Int(lines)) {
        var chunk = exr_chunk_info_t()
        try check(exr_read_scanline_chunk_info(context, 0, Int32(y), &chunk))
        try check(
          y == 0
            ? exr_decoding_initialize(context, 0, &chunk, &pipeline)
            : exr_decoding_update(context, 0, &chunk, &pipeline))
        for i in 0..<Int(pipeline.channel_count) {
          let name = String(cString: pipeline.channels[i].channel_name)
          guard let channel = ["R", "G", "B"].firstIndex(of: name) else { continue }
          pipeline.channels[i].user_pixel_stride = 6
          pipeline.channels[i].user_line_stride = Int32(6 * width)
          pipeline.channels[i].decode_to_ptr = target.baseAddress.map {
            ($0 + 6 * width * y + 2 * channel).assumingMemoryBound(to: UInt8.self)
          }
        }
        if y == 0 { try check(exr_decoding_choose_default_routines(context, 0, &pipeline)) }
        try check(exr_decoding_run(context, 0, &pipeline))
      }
    }
  }

  private static func check(_ code: exr_result_t) throws {
    if code != 0 { throw Unreadable(code: code) }
  }
}
