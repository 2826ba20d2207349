import Cryptography
import Coordinator
import FarmProtocol
import Foundation
import Settlement
import Transport

// Leases and accepts a second through the real coordinator, every one of them durable; the renderer is left
// out, tiles have 8 x 8 pixels.
//
//     DispatchBenchmark floor FOLDER                    flushes, signatures: what nothing can do without
//     DispatchBenchmark single FOLDER TILES WORKERS     in this process, a lease for each tile, none verified
//     DispatchBenchmark runs FOLDER TILES WORKERS       leases of many tiles, each verified and paid
//     DispatchBenchmark serve FOLDER TILES              over HTTP: a farm with such a job as in `single`
//     DispatchBenchmark ask URL WORKERS                 its workers
//
// Prints a JSON line for each.

private func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

private func say(_ row: some Encodable) throws {
  say(String(decoding: try WireJSON.encode(row), as: UTF8.self))
}

private func work(_ count: Int, _ meter: Meter, _ farm: @escaping @Sendable (LoadWorker) throws -> any Farm)
  async throws
{
  try await withThrowingTaskGroup(of: Void.self) { group in
    for number in 0..<count {
      group.addTask {
        let worker = try LoadWorker(number)
        try await worker.run(at: farm(worker), meter)
      }
    }
    try await group.waitForAll()
  }
}

private func single(_ folder: String, tiles: Int, workers: Int) async throws {
  let farm = try BenchmarkFarm(root: folder, verifies: false)
  _ = try await farm.submit(frames: tiles, side: 1)
  let meter = Meter()
  try await work(workers, meter) { _ in farm.coordinator }
  try say(meter.row("single", workers: workers))
}

private func runs(_ folder: String, tiles: Int, workers: Int) async throws {
  let farm = try BenchmarkFarm(root: folder, verifies: true)
  let terms = try await farm.submit(frames: (tiles + 1023) / 1024, side: 32)
  let meter = Meter()
  let start = ContinuousClock.now
  let background = Task {
    await farm.coordinator.run { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
  }
  try await work(workers, meter) { _ in farm.coordinator }
  var row = meter.row("runs", workers: workers)
  while try await !farm.status(of: terms.id).state.isOver { try await Task.sleep(for: .milliseconds(20)) }
  let status = try await farm.status(of: terms.id)
  guard status.state == .completed else {
    throw BenchmarkFault("the job is \(status.state): \(status.reason)")
  }
  row.paid_s = Meter.rounded(Double(status.tilesVerified) / Meter.seconds(ContinuousClock.now - start))
  try await farm.coordinator.close()
  background.cancel()
  let report = try await farm.coordinator.audit()
  guard report.findings.isEmpty else { throw BenchmarkFault("the books do not balance: \(report.findings)") }
  row.log_entries = report.entries
  try say(row)
}

private func serve(_ folder: String, tiles: Int) async throws {
  let farm = try BenchmarkFarm(root: folder, verifies: false)
  _ = try await farm.submit(frames: tiles, side: 1)
  let service = FarmService(farm.coordinator, sceneCheck: NoSceneCheck())
  var options = HTTPServer.Options(spoolDirectory: folder)
  options.connectionsPerAddressMax = nil
  let server = HTTPServer(options: options) { await service.reply(to: $0) }
  let port = try server.start()
  try await service.open(authorities: ["127.0.0.1:\(port)"])
  say("http://127.0.0.1:\(port)")
  _ = readLine()
  await server.stop()
  try await farm.coordinator.close()
}

private func ask(_ url: String, workers: Int) async throws {
  let meter = Meter()
  try await work(workers, meter) { RemoteFarm(client: try FarmClient(url: url, key: $0.key)) }
  try say(meter.row("http", workers: workers))
}

let words = Array(CommandLine.arguments.dropFirst())
let counts = words.dropFirst(2).compactMap { Int($0) }
switch (words.first, counts.count) {
case ("floor", 0) where words.count == 2: try say(Floor.measure(in: words[1]))
case ("single", 2): try await single(words[1], tiles: counts[0], workers: counts[1])
case ("runs", 2): try await runs(words[1], tiles: counts[0], workers: counts[1])
case ("serve", 1): try await serve(words[1], tiles: counts[0])
case ("ask", 1): try await ask(words[1], workers: counts[0])
default:
  print("usage: DispatchBenchmark floor|single|runs|serve|ask ..., see main.swift")
  exit(2)
}
