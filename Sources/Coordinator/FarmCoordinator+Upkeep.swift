import Durability
import FarmProtocol
import Foundation
import Settlement

/// What an operator watches, and what keeps the farm within its bounds.
extension FarmCoordinator {
  /// Whether new work is taken, and if not, why.
  package func readiness() -> Readiness {
    Readiness(fault: fault?.reason, isStopping: isStopping, freeBytes: configuration.freeBytes())
  }

  /// Refuses new work (`busy`) when the disk is nearly full: what is left is for results of leases that are
  /// out, which must not be lost.
  nonisolated func checkRoom() throws {
    let readiness = Readiness(fault: nil, isStopping: false, freeBytes: configuration.freeBytes())
    guard let reason = readiness.reasons.first else { return }
    throw Refusal(.busy, reason, remedy: "try again when the farm's operator has made room")
  }

  /// Free bytes of the file system that has `path`, for others than root; none when that cannot be told.
  public static func freeBytes(at path: String) -> UInt64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return 0 }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }

  /// Numbers for Prometheus.
  package func metrics() throws -> String {
    var metrics = MetricsText()
    addJobs(to: &metrics)
    let report = treasury.report
    metrics.add(.counter, "farm_tiles_verified_total", "Tiles found right.", report.tilesVerified)
    metrics.add(.counter, "farm_tiles_refuted_total", "Tiles found wrong.", report.tilesRefuted)
    metrics.add(.counter, "farm_rays_total", "Rays in tiles found right.", report.work)
    metrics.add(.counter, "farm_probe_rays_total", "Rays traced to check tiles.", report.probeWork)
    metrics.add(.counter, "farm_leases_total", "Leases given.", book.nextFence - 1)
    metrics.add(
      .gauge, "farm_workers_online", "Workers heard of lately.", book.workersOnline(nowMS: nowMS))
    metrics.add(
      .gauge, "farm_rays_per_second", "Speed of the workers online, together.",
      UInt64(book.farmSpeed * 1000))
    metrics.add(.gauge, "farm_quotes_open", "Quotes being made.", quotesOpen)
    metrics.add(.counter, "farm_log_entries_total", "Entries of the public log.", treasury.log.size)
    metrics.add(.counter, "farm_log_published_total", "Entries that are published.", publishedSize)
    let bytes = ["farm.sqlite", "farm.sqlite-wal"].map { name in
      (name, DurableFile.byteCount("\(root)/\(name)") ?? 0)
    }
    metrics.add(.gauge, "farm_store_bytes", "Size of the store's files.", by: "file", bytes)
    metrics.add(
      .gauge, "farm_disk_free_bytes", "Room on the data folder's file system.", configuration.freeBytes())
    metrics.add(.gauge, "farm_ready", "1 while new work is taken.", readiness().reasons.isEmpty ? 1 : 0)
    return metrics.text
  }

  private func addJobs(to metrics: inout MetricsText) {
    let states = Dictionary(grouping: jobs.values, by: \.state)
    metrics.add(
      .gauge, "farm_jobs", "Jobs by where they stand.", by: "state",
      JobState.allCases.map { ($0.rawValue, states[$0]?.count ?? 0) })
    var (queued, leased, pending) = (0, 0, 0)
    for job in jobs.values {
      guard let plan = book.plans[job.id] else { continue }
      pending += plan.pending.count
      guard !job.state.isOver else { continue }
      queued += plan.queuedCount
      leased += plan.leasedCount
    }
    metrics.add(
      .gauge, "farm_tiles", "Tiles of jobs that are not over.", by: "state",
      [("queued", queued), ("leased", leased), ("pending", pending)])
  }
}
