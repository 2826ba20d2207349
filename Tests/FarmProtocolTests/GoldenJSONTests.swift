import Cryptography
import FarmProtocol
import Imaging
import Settlement
import Testing

struct GoldenJSONTests {
  @Test func `every message has its golden text`() throws {
    let golden = GoldenTexts.small.merging(GoldenTexts.large) { a, _ in a }
    let messages = try GoldenMessages.all()
    #expect(Set(messages.map { $0.0 }) == Set(golden.keys))
    for (name, text) in messages { #expect(text == golden[name], "\(name)") }
  }

  @Test func `golden texts read back as the same messages`() throws {
    func read<T: Decodable & Equatable>(_ name: String, _ expected: T) throws {
      let text = try #require(GoldenTexts.small[name] ?? GoldenTexts.large[name])
      #expect(try WireJSON.decode(T.self, from: Array(text.utf8)) == expected, "\(name)")
    }
    try read("FarmInfo", try GoldenMessages.farm())
    try read("JobStatus", try GoldenMessages.status())
    try read("LeaseReply", LeaseReply(lease: try GoldenMessages.lease(), retryAfterMS: 0))
    try read("Quote", try GoldenMessages.quote())
    try read("LeaseReply.none", LeaseReply(lease: nil, retryAfterMS: 500))
    try read("LeaseRequest.idle", LeaseRequest())
    try read("AccountStatement", try GoldenMessages.statement())
    try read("RendererRequest.describe", RendererRequest.describe)
    try read("RendererRequest.load", RendererRequest.load(try GoldenMessages.scene()))
    try read("RendererReply.failed", RendererReply.failed(Refusal(.sceneInvalid, "no camera")))
  }

  @Test func `signed assignment of the golden lease still verifies`() throws {
    let text = try #require(GoldenTexts.large["LeaseReply"])
    let reply: LeaseReply = try WireJSON.decode(from: Array(text.utf8))
    let assignment = try #require(reply.lease?.assignments.first)
    #expect(assignment.isSigned(by: try Fixtures.key(6).publicKey))
  }
}
