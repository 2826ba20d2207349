import FarmProtocol
import Testing

struct RendererChannelTests {
  private let frames = [
    RendererChannel.Frame(json: Array("{}".utf8)),
    RendererChannel.Frame(json: Array("[1]".utf8), payload: [9, 8, 7]),
    RendererChannel.Frame(json: [], payload: []),
  ]

  @Test func `messages cut at every byte arrive whole`() throws {
    let bytes = try frames.flatMap { try RendererChannel.encode($0) }
    for cut in 0...bytes.count {
      var channel = RendererChannel()
      var got: [RendererChannel.Frame] = []
      for piece in [bytes[..<cut], bytes[cut...]] {
        channel.receive(piece)
        while let frame = try channel.next() { got.append(frame) }
      }
      #expect(got == frames)
      #expect(channel.pendingBytes == 0)
    }
  }

  @Test func `message bytes are as documented`() throws {
    #expect(
      try RendererChannel.encode(frames[1])
        == [0, 0, 0, 3, 0x5b, 0x31, 0x5d, 0, 0, 0, 3, 9, 8, 7])
  }

  @Test func `count beyond the limit is refused at once`() throws {
    var json = RendererChannel()
    json.receive([0x7f, 0xff, 0xff, 0xff])
    #expect(throws: Refusal.self) { try json.next() }
    var payload = RendererChannel()
    payload.receive([0, 0, 0, 0, 0xff, 0, 0, 0])
    #expect(throws: Refusal.self) { try payload.next() }
  }

  @Test func `payload beyond the limit is not sent`() {
    let frame = RendererChannel.Frame(
      json: [], payload: [UInt8](repeating: 0, count: Limits.fragmentBytesMax + 1))
    #expect(throws: Refusal.self) { try RendererChannel.encode(frame) }
  }

  @Test func `message cut short is noticed`() throws {
    var channel = RendererChannel()
    channel.receive([0, 0, 0, 2, 0x7b])
    #expect(try channel.next() == nil)
    #expect(channel.pendingBytes == 5)
  }
}
