import Coordinator
import Cryptography
import FarmProtocol
import Settlement
import Testing

@Suite struct EndpointTests {
  private let digest = Digest(of: [1])
  private var job: JobID { JobID(digest) }

  @Test func `each route leads to its endpoint`() {
    let table: [(String, String, Endpoint)] = [
      ("GET", Routes.health, .health), ("GET", Routes.farm, .farm),
      ("GET", Routes.ready, .ready), ("GET", Routes.metrics, .metrics),
      ("GET", Routes.log + "/tile/0/x001/002.p/7", .log(path: "tile/0/x001/002.p/7")),
      ("POST", Routes.missingBlobs, .missingBlobs), ("PUT", Routes.blob(digest), .putBlob(digest)),
      ("GET", Routes.blob(digest), .getBlob(digest)), ("POST", Routes.blobs, .putBatch),
      ("GET", Routes.parts(digest), .uploadStatus(digest)), ("POST", Routes.parts(digest), .putPiece(digest)),
      ("POST", Routes.jobs, .submit), ("POST", Routes.quotes, .quote),
      ("POST", Routes.pause(job), .pause(job)),
      ("POST", Routes.resume(job), .resume(job)),
      ("GET", Routes.jobs, .jobs), ("GET", Routes.job(job), .job(job)),
      ("POST", Routes.cancel(job), .cancel(job)), ("GET", Routes.events(job), .events(job)),
      ("GET", Routes.frame(job, 12, format: "exr"), .frame(job, 12, format: "exr")),
      ("POST", Routes.workers, .join), ("POST", Routes.leases, .lease),
      ("POST", Routes.heartbeats, .heartbeat), ("POST", Routes.results, .result),
      ("GET", Routes.account, .account), ("POST", Routes.deposits, .deposit), ("POST", Routes.bans, .ban),
    ]
    for (method, path, endpoint) in table { #expect(Endpoint(method: method, path: path) == endpoint) }
  }

  @Test(arguments: [
    ("GET", "/"), ("GET", "/v1/jobs/"), ("GET", "/v1/blobs/xyz"), ("DELETE", "/v1/jobs"),
    ("GET", "/v1/jobs/\(Digest(of: [1]).hex)/frames/a.exr"),
    ("GET", "/v1/jobs/\(Digest(of: [1]).hex.uppercased())"), ("POST", "/v1/blobs/\(Digest(of: [1]).hex)"),
    ("GET", "/v1/jobs/\(Digest(of: [1]).hex)/frames/1.exr/x"),
  ])
  func `anything else is no route`(method: String, path: String) {
    #expect(Endpoint(method: method, path: path) == nil)
  }

  @Test func `only health, numbers, farm and log are open`() {
    #expect(Endpoint.health.isOpen && Endpoint.farm.isOpen && Endpoint.log(path: "checkpoint").isOpen)
    #expect(Endpoint.ready.isOpen && Endpoint.metrics.isOpen)
    #expect(!Endpoint.putBatch.isOpen && !Endpoint.quote.isOpen && !Endpoint.pause(job).isOpen)
    #expect(!Endpoint.account.isOpen && !Endpoint.getBlob(digest).isOpen && !Endpoint.result.isOpen)
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
