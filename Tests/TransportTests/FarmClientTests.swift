import Cryptography
import FarmProtocol
import Foundation
import Settlement
import Synchronization
import Testing
import Transport

/// A coordinator's front door: lets in what is signed, and answers from a table.
private final class Door: Sendable {
  let verifier = Mutex(RequestVerifier())
  let seen = Gathered<(PublicKey, HTTPRequest)>()
  let answer: @Sendable (HTTPRequest) -> HTTPReply

  init(answer: @escaping @Sendable (HTTPRequest) -> HTTPReply) { self.answer = answer }

  func handle(_ request: HTTPRequest) -> HTTPReply {
    let caller = verifier.withLock {
      $0.verify(
        method: request.method, path: request.path, query: request.query, headers: request.headers,
        bodyDigest: request.bodyDigest, nowMS: UInt64(Date().timeIntervalSince1970 * 1000))
    }
    switch caller {
    case .success(let key):
      seen.add((key, request))
      return answer(request)
    case .failure(let refusal): return .refusal(refusal)
    }
  }
}

struct FarmClientTests {
  private func withFarm(
    _ answer: @escaping @Sendable (HTTPRequest) -> HTTPReply,
    body: (FarmClient, Door, _ port: UInt16) async throws -> Void
  ) async throws {
    let door = Door(answer: answer)
    let change: (inout HTTPServer.Options) -> Void = {
      $0.bodyBytesMax = { method, path in path.hasPrefix("/v1/blobs/") ? 1 << 24 : Limits.resultBytesMax }
      $0.spoolsAlways = { method, _ in method == "PUT" }
    }
    try await withServer(change, handler: { door.handle($0) }) { port, _ in
      try await body(FarmClient(url: "http://127.0.0.1:\(port)", key: .random()), door, port)
    }
  }

  @Test func `signed call reaches its route as its signer`() async throws {
    try await withFarm { _ in
      .json(HeartbeatReply(lost: [7]))
    } body: { client, door, _ in
      #expect(try await client.heartbeat(Heartbeat(fences: [7, 8])) == HeartbeatReply(lost: [7]))
      let (key, request) = try #require(door.seen.values.first)
      #expect(key == client.key.publicKey)
      #expect(request.method == "POST" && request.path == Routes.heartbeats)
      #expect(request.body == .bytes(try WireJSON.encode(Heartbeat(fences: [7, 8]))))
    }
  }

  @Test func `refusal is thrown as it was given`() async throws {
    let given = Refusal(.insufficientFunds, "the account has 3", remedy: "deposit 4 more")
    try await withFarm { _ in
      .refusal(given)
    } body: { client, _, _ in
      await #expect(throws: given) { try await client.jobs() }
    }
  }

  @Test func `request sent again is refused as a replay, and one of another key's hand as unsigned`()
    async throws
  {
    try await withFarm { _ in
      .text("{}")
    } body: { client, _, port in
      let raw = try HTTPClient(url: client.url)
      let nowS = UInt64(Date().timeIntervalSince1970)
      let fields = RequestSigner(key: client.key).headers(
        method: "GET", path: "/v1/jobs", authority: raw.authority, bodyDigest: Digest(of: []), createdS: nowS,
        nonce: "once")
      var codes: [Refusal.Code?] = []
      for (method, headers) in [("GET", fields), ("GET", fields), ("POST", fields), ("GET", [])] {
        let answer = try await raw.perform(HTTPCall(method: method, target: "/v1/jobs", headers: headers))
        codes.append(answer.status == 200 ? nil : try WireJSON.decode(Refusal.self, from: answer.body).code)
      }
      #expect(codes == [nil, .replayed, .wrongSignature, .unauthorized])
    }
  }

  @Test func `blob goes up and comes down with its digest`() async throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 5) }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/up"))
    let store = folder.path + "/stored"
    try await withFarm { request in
      if case .file(let path, _) = request.body, request.method == "PUT" {
        guard request.path == Routes.blob(request.bodyDigest), rename(path, store) == 0 else {
          return .refusal(Refusal(.badRequest, "digest"))
        }
        return .text("")
      }
      return .file(path: store, type: "application/octet-stream")
    } body: { client, _, _ in
      let digest = try await client.uploadBlob(file: folder.path + "/up")
      #expect(digest == Digest(of: bytes))
      try await client.downloadBlob(digest, to: folder.path + "/down")
      #expect(FileManager.default.contents(atPath: folder.path + "/down") == Data(bytes))
    }
  }

  @Test func `a large blob goes up in pieces, from where an earlier upload broke off`() async throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<2 * Limits.pieceBytesMax + 1_234).map { UInt8(truncatingIfNeeded: $0 &* 11 >> 7) }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/up"))
    // The farm has the first 1,000 bytes already.
    let stored = Mutex(Array(bytes.prefix(1_000)))
    let digest = Digest(of: bytes)
    try await withFarm { request in
      return stored.withLock { stored in
        if request.method == "POST" {
          let next = Routes.piece(digest, offset: UInt64(stored.count), size: UInt64(bytes.count))
          guard request.path == next else { return .refusal(Refusal(.conflict, request.path)) }
          switch request.body {
          case .bytes(let piece): stored += piece
          case .file(let path, _): stored += FileManager.default.contents(atPath: path) ?? Data()
          }
        }
        let isStored = stored.count == bytes.count
        return .json(UploadStatus(digest: digest, bytes: UInt64(stored.count), isStored: isStored))
      }
    } body: { client, door, _ in
      let sent = try await client.uploadBlob(file: folder.path + "/up")
      #expect(sent == digest)
      let whole = stored.withLock { $0 == bytes }
      #expect(whole)
      #expect(door.seen.values.count == 4, "a question and three pieces")
    }
  }

  @Test func `blob that is another leaves no file`() async throws {
    let folder = try TemporaryFolder()
    try await withFarm { _ in
      .text("other")
    } body: { client, _, _ in
      let wanted = Digest(of: [1])
      await #expect(
        throws: TransportError.digestMismatch(expected: wanted, found: Digest(of: Array("other".utf8)))
      ) {
        try await client.downloadBlob(wanted, to: folder.path + "/down")
      }
      #expect(folder.names.isEmpty)
    }
  }

  @Test func `missing log file is nil`() async throws {
    try await withFarm { request in
      request.path == "/v1/log/vkey" ? .text("key") : .refusal(Refusal(.notFound, "no"))
    } body: { client, _, _ in
      let key = try await client.logFile("vkey")
      let missing = try await client.logFile("tile/0/000")
      #expect(key == Array("key".utf8))
      #expect(missing == nil)
    }
  }

  @Test func `answer that is not the route's is malformed`() async throws {
    try await withFarm { _ in
      .text("[]")
    } body: { client, _, _ in
      await #expect(throws: TransportError.self) { try await client.farmInfo() }
    }
  }

  @Test func `watch yields the statuses and ends with the stream`() async throws {
    let key = SigningKey.random().publicKey
    let terms = JobTerms(
      bundle: .zero, sceneFile: "a.gltf", kernelSet: .zero, widthPX: 8, heightPX: 8, tileSidePX: 8,
      samplesPerPixel: 1, maxDepth: 1, background: .environment, camera: "", environmentFile: "",
      environmentStrength: nil, environmentRotationDeg: 0, firstFrame: 1, lastFrame: 1, framesPerSecond: 24,
      pricePerRay: .zero, capPerTile: .zero, submitter: key, nonce: .zero)
    let status = JobStatus(
      id: terms.id, state: .completed, reason: "", terms: terms, submittedMS: 1, tileCount: 1, tilesLeased: 0,
      tilesPending: 0, tilesVerified: 1, tilesVoided: 0, framesDone: [1], budget: .zero, spent: .zero,
      work: 9,
      probeWork: 1)
    let json = try WireJSON.encode(status)
    try await withFarm { _ in
      let stream = EventStream()
      stream.send(event: "status", data: json)
      stream.close()
      return .events(stream)
    } body: { client, _, _ in
      var statuses: [JobStatus] = []
      for try await status in client.watch(terms.id) { statuses.append(status) }
      #expect(statuses == [status])
    }
  }

  @Test func `watch that nobody reads any more ends its call`() async throws {
    let gone = Gathered<Bool>()
    let door = Door { _ in .events(EventStream { gone.add(true) }) }
    try await withServer({ $0.heartbeatMS = 40 }, handler: { door.handle($0) }) { port, _ in
      let client = try FarmClient(url: "http://127.0.0.1:\(port)", key: .random())
      let reader = Task { for try await _ in client.watch(JobID(.zero)) {} }
      #expect(await eventually { door.seen.values.count == 1 })
      reader.cancel()
      #expect(await eventually { gone.values.count == 1 })
    }
  }
}
