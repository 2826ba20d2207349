import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

@Suite struct RouteTests {
  private let digest = Digest(of: [1])
  private var job: JobID { JobID(digest) }

  private func route(_ method: String, _ path: String) -> Route? {
    (try? RouteMatch(method: method, path: path))?.route
  }

  @Test func `each path of FarmProtocol leads to its route`() throws {
    let table: [(String, String, Route)] = [
      ("GET", Routes.health, .health), ("GET", Routes.openAPI, .openAPI), ("GET", Routes.farm, .farm),
      ("GET", Routes.log + "/tile/0/x001/002.p/7", .logFile), ("POST", Routes.missingBlobs, .missingBlobs),
      ("PUT", Routes.blob(digest), .putBlob), ("GET", Routes.blob(digest), .getBlob),
      ("GET", Routes.ready, .ready), ("GET", Routes.metrics, .metrics), ("POST", Routes.blobs, .putBatch),
      ("GET", Routes.parts(digest), .uploadStatus), ("POST", Routes.quotes, .quoteJob),
      ("POST", Routes.piece(digest, offset: 0, size: 9), .putPiece),
      ("POST", Routes.pause(job), .pauseJob), ("POST", Routes.resume(job), .resumeJob),
      ("POST", Routes.requeue(job), .requeueJob),
      ("POST", Routes.jobs, .submitJob), ("GET", Routes.jobs, .listJobs), ("GET", Routes.job(job), .job),
      ("POST", Routes.cancel(job), .cancelJob), ("GET", Routes.events(job), .jobEvents),
      ("GET", Routes.frame(job, 12, format: "exr"), .frame), ("POST", Routes.workers, .join),
      ("POST", Routes.leases, .lease), ("POST", Routes.heartbeats, .heartbeat),
      ("POST", Routes.results, .result), ("GET", Routes.account, .account),
      ("GET", Routes.tokens, .listTokens), ("POST", Routes.tokens, .createToken),
      ("DELETE", Routes.token(digest), .revokeToken), ("POST", Routes.deposits, .deposit),
      ("POST", Routes.bans, .ban),
    ]
    for (method, path, expected) in table { #expect(route(method, path) == expected, "\(method) \(path)") }
    #expect(Set(table.map(\.2)).isSubset(of: Set(Route.allCases)))
  }

  @Test func `every route has a row that leads back to it`() {
    for route in Route.allCases {
      let row = route.row
      let path = row.path.replacing("{digest}", with: digest.hex).replacing("{job}", with: digest.hex)
        .replacing("{file}", with: "1.png").replacing("{offset}", with: "0").replacing("{size}", with: "1")
        .replacing("{path}", with: "tile/0/000")
      #expect(!path.contains("{"))
      #expect(self.route(row.method, path) == route)
      #expect(!row.access.isEmpty)
    }
  }

  @Test func `parameters are read`() throws {
    let frame = try RouteMatch(method: "GET", path: Routes.frame(job, 12, format: "exr"))
    #expect(frame.job == job && frame.frame.number == 12 && frame.frame.format == .exr)
    #expect(try RouteMatch(method: "PUT", path: Routes.blob(digest)).digest == digest)
    let piece = try RouteMatch(method: "POST", path: Routes.piece(digest, offset: 7, size: 1 << 40)).piece
    #expect(piece == (7, 1 << 40))
    #expect(try RouteMatch(method: "GET", path: Routes.log + "/a/b/c").path == "a/b/c")
  }

  @Test(arguments: [
    "/", "", "/v1", "/v1/jobs/", "/v1/blobs/xyz", "/v1/blobs/missing/", "//v1/jobs", "/v1/log",
    "/v1/jobs/\(Digest(of: [1]).hex)/frames/a.exr", "/v1/jobs/\(Digest(of: [1]).hex)/frames/01.exr",
    "/v1/jobs/\(Digest(of: [1]).hex)/frames/0.exr", "/v1/jobs/\(Digest(of: [1]).hex)/frames/1.exr/x",
    "/v1/jobs/\(Digest(of: [1]).hex)/frames/1.gif", "/v1/jobs/\(Digest(of: [1]).hex)/frames/4294967296.png",
    "/v1/blobs/\(Digest(of: [1]).hex)/parts/01/2", "/v1/blobs/\(Digest(of: [1]).hex)/parts/1/-2",
    "/v1/jobs/\(Digest(of: [1]).hex.uppercased())", "/v1/jobs/%2e%2e", "/v1/{job}",
  ])
  func `anything else is no route`(path: String) {
    for method in ["GET", "PUT", "POST", "DELETE"] {
      #expect(throws: RouteMatch.Miss.noPath) { try RouteMatch(method: method, path: path) }
    }
  }

  @Test func `another method is told which there are`() {
    #expect(throws: RouteMatch.Miss.otherMethods(["GET", "PUT"])) {
      try RouteMatch(method: "DELETE", path: Routes.blob(digest))
    }
    #expect(throws: RouteMatch.Miss.otherMethods(["POST"])) {
      try RouteMatch(method: "GET", path: Routes.leases)
    }
  }

  @Test(arguments: [
    "../coordinator.key", "tile/../../coordinator.key", "tile//0", "lock", "", "tile/0/%2e%2e/x",
  ])
  func `the log's route leads to no other file`(path: String) throws {
    let test = TestFarm()
    let files = try LogFiles(root: test.root, key: key(1))
    #expect(files.file(at: path) == nil)
    #expect(files.file(at: "tile/entries/x001/067.p/3") == "\(files.root)/tile/entries/x001/067.p/3")
  }
}
