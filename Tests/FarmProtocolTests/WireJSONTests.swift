import Cryptography
import FarmProtocol
import Foundation
import Imaging
import Settlement
import Testing

struct WireJSONTests {
  private func text(_ value: some Encodable) throws -> String {
    String(decoding: try WireJSON.encode(value), as: UTF8.self)
  }

  @Test func `refusal names the place`() throws {
    let bytes = Array(#"{"jobs":[{"id":"00"}]}"#.utf8)
    let id = try refusal { _ = try WireJSON.decode(JobList.self, from: bytes) }
    #expect(id.code == .badRequest)
    #expect(id.message.contains("/jobs/0/id") && id.message.contains("64 hex digits"), "\(id.message)")
    let missing = try refusal {
      _ = try WireJSON.decode(Heartbeat.self, from: Array(#"{"fences":[1]}"#.utf8))
    }
    #expect(missing.message.contains("\"released\" is missing"))
    let type = try refusal {
      _ = try WireJSON.decode(HeartbeatReply.self, from: Array(#"{"lost":["a"]}"#.utf8))
    }
    #expect(type.message.contains("/lost/0"))
    _ = try refusal { _ = try WireJSON.decode(HeartbeatReply.self, from: Array(#"{"lost":[1"#.utf8)) }
    _ = try refusal { _ = try WireJSON.decode(HeartbeatReply.self, from: [0xff, 0xfe]) }
  }

  @Test func `size is checked before anything is read`() throws {
    let bytes = [UInt8](repeating: 0x20, count: 101)
    #expect(
      try refusal { _ = try WireJSON.decode(JobList.self, from: bytes, bytesMax: 100) }.code == .tooLarge)
  }

  @Test func `field of a later version is ignored`() throws {
    let reply: HeartbeatReply = try WireJSON.decode(from: Array(#"{"lost":[3],"new":{}}"#.utf8))
    #expect(reply == HeartbeatReply(lost: [3]))
  }

  @Test func `money with a fraction is refused`() throws {
    let bytes = Array(
      #"{"account":"\#(String(repeating: "0", count: 64))","amount":1.5,"reference":""}"#.utf8)
    let refusal = try refusal { _ = try WireJSON.decode(DepositRequest.self, from: bytes) }
    #expect(refusal.code == .badRequest, "\(refusal.message)")
  }

  @Test func `terms keep every bit, hence their name`() throws {
    var terms = try Fixtures.terms()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<1_000 {
      terms.environmentStrength = Float(bitPattern: UInt32.random(in: 0..<0x7f80_0000, using: &random))
      terms.environmentRotationDeg = Float(
        bitPattern: UInt32.random(in: 0x8000_0000..<0xff80_0000, using: &random))
      let back: JobTerms = try WireJSON.decode(from: try WireJSON.encode(terms))
      #expect(back.id == terms.id, "\(terms.environmentStrength ?? 0) \(terms.environmentRotationDeg)")
    }
  }

  @Test func `number that is not finite cannot be sent`() throws {
    var terms = try Fixtures.terms()
    terms.environmentStrength = .infinity
    let sent = terms
    #expect(try refusal { _ = try WireJSON.encode(sent) }.code == .internalFault)
  }
}
