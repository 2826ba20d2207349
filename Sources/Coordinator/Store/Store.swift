import Cryptography
import Durability
import FarmProtocol
import Settlement

/// Called at each named step of a durable change; what it throws stops the coordinator there, as a crash
/// would. Outside tests it does nothing.
package typealias StepProbe = @Sendable (String) throws -> Void

/// The one authoritative store. Everything that must survive is written in the transaction of the change that
/// it belongs to; what can be recomputed from the log is not stored a second time.
final class Store {
  /// Version of the tables: how many of the migrations below made them.
  static var schemaVersion: Int64 { Int64(migrations.count) }

  /// Each makes the tables of its version from those of the one before. Never changed once released.
  private static let migrations = [
    """
    CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE entries(idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE jobs(id BLOB PRIMARY KEY, terms BLOB NOT NULL, manifest BLOB NOT NULL,
      budget INTEGER NOT NULL, submitted_ms INTEGER NOT NULL,
      reserved_at INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
      closed INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE tiles(job BLOB NOT NULL, tile INTEGER NOT NULL, state INTEGER NOT NULL,
      attempts INTEGER NOT NULL, failed_by BLOB NOT NULL,
      fence INTEGER NOT NULL, commitment_index INTEGER, verdict_index INTEGER,
      PRIMARY KEY(job, tile)) WITHOUT ROWID;
    CREATE TABLE leases(fence INTEGER PRIMARY KEY, worker BLOB NOT NULL, job BLOB NOT NULL,
      frame INTEGER NOT NULL, granted_ms INTEGER NOT NULL, deadline_ms INTEGER NOT NULL);
    CREATE TABLE workers(key BLOB PRIMARY KEY, name TEXT NOT NULL, banned INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE results(commitment BLOB PRIMARY KEY, idx INTEGER NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE quotes(job BLOB PRIMARY KEY, bytes BLOB NOT NULL, valid_until_ms INTEGER NOT NULL)
      WITHOUT ROWID;
    ALTER TABLE jobs ADD COLUMN quote BLOB;
    ALTER TABLE jobs ADD COLUMN deadline_ms INTEGER;
    ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;
    ALTER TABLE jobs ADD COLUMN ended_ms INTEGER;
    CREATE TABLE fragments(job BLOB NOT NULL, digest BLOB NOT NULL, PRIMARY KEY(job, digest)) WITHOUT ROWID;
    -- The fragment's digest stands behind 195 bytes of a commitment's entry.
    INSERT INTO fragments SELECT DISTINCT tiles.job, substr(entries.bytes, 196, 32)
      FROM tiles JOIN entries ON entries.idx = tiles.commitment_index;
    """,
    "ALTER TABLE fragments ADD COLUMN bytes BLOB;",
    """
    ALTER TABLE jobs ADD COLUMN memory_bytes INTEGER;
    ALTER TABLE quotes ADD COLUMN memory_bytes INTEGER;
    """,
  ]

  let database: SQLiteConnection
  private let step: StepProbe
  /// Whether changes were made that are not durable yet.
  private(set) var isBatchOpen = false

  /// Opens or makes the database, and brings an older one up to date; refuses one of a newer schema.
  init(path: String, step: @escaping StepProbe = { _ in }) throws {
    database = try SQLiteConnection(path: path)
    self.step = step
    let version = try database.rows("PRAGMA user_version") { $0.integer(0) }.first ?? 0
    guard version <= Store.schemaVersion else {
      throw DataFolderError.newerSchema(found: version, known: Store.schemaVersion)
    }
    for (number, migration) in Store.migrations.enumerated().dropFirst(Int(version)) {
      try change {
        try database.script(migration)
        try database.script("PRAGMA user_version = \(number + 1)")
      }
      try flush()
    }
  }

  /// One change, made in the open batch; `flush` makes the batch durable, all of it or nothing. A refusal
  /// thrown before anything was changed leaves the batch as it was; any other error undoes all of it.
  func change<T>(_ body: () throws -> T) throws -> T {
    if !isBatchOpen {
      try step("begin")
      try database.begin()
      isBatchOpen = true
    }
    let before = database.changeCount
    do {
      let result = try body()
      try step("changed")
      return result
    } catch {
      if error is Refusal, database.changeCount == before { throw error }
      isBatchOpen = false
      database.rollBack()
      throw error is Refusal ? StoreDamage("half a change was refused: \(error)") : error
    }
  }

  /// Makes the open batch durable; after an error nothing of it is.
  func flush() throws {
    guard isBatchOpen else { return }
    isBatchOpen = false
    do {
      try step("commit")
      try database.commit()
    } catch {
      database.rollBack()
      throw error
    }
    try step("committed")
  }

  /// Undoes what the open batch has.
  func abandon() {
    guard isBatchOpen else { return }
    isBatchOpen = false
    database.rollBack()
  }

  /// Writes all of it, as it is now, into one new file, durable when this returns.
  func copy(to file: String) throws {
    try database.run("VACUUM INTO ?", .text(file))
    try DurableFile.flush(file)
  }

  // MARK: Small values

  func value(_ name: String) throws -> [UInt8]? {
    try database.rows("SELECT value FROM meta WHERE name = ?", .text(name)) { $0.blob(0) }.first
  }

  func setValue(_ name: String, _ bytes: [UInt8]) throws {
    try database.run("INSERT OR REPLACE INTO meta VALUES(?, ?)", .text(name), .blob(bytes))
  }

  func removeValue(_ name: String) throws {
    try database.run("DELETE FROM meta WHERE name = ?", .text(name))
  }

  /// Values whose names start so.
  func values(prefix: String) throws -> [[UInt8]] {
    try database.rows(
      "SELECT value FROM meta WHERE substr(name, 1, ?) = ?", .integer(Int64(prefix.utf8.count)),
      .text(prefix)
    ) { $0.blob(0) }
  }

  /// A counter kept as text, 0 when it was never set.
  func counter(_ name: String) throws -> UInt64 {
    guard let bytes = try value(name) else { return 0 }
    guard let count = UInt64(String(decoding: bytes, as: UTF8.self)) else {
      throw StoreDamage("meta \(name) is no number")
    }
    return count
  }

  func setCounter(_ name: String, _ value: UInt64) throws { try setValue(name, Array("\(value)".utf8)) }

  // MARK: Log

  func append(_ entry: LogEntry, at index: UInt64) throws {
    try database.run("INSERT INTO entries VALUES(?, ?)", .integer(Int64(index)), .blob(entry.canonicalBytes))
  }

  func entry(at index: UInt64) throws -> LogEntry {
    let rows = try database.rows("SELECT bytes FROM entries WHERE idx = ?", .integer(Int64(index))) {
      $0.blob(0)
    }
    guard let bytes = rows.first else { throw StoreDamage("log entry \(index) is missing") }
    return try LogEntry(canonicalBytes: bytes)
  }

  /// Entries `from ..< to`, in order.
  func entries(from: UInt64, to: UInt64) throws -> [LogEntry] {
    // To may be beyond the last, even beyond what the database can count.
    try entryBytes(from..<max(from, min(to, UInt64(Int64.max)))).map { try LogEntry(canonicalBytes: $0) }
  }

  /// The canonical bytes of those entries, in order.
  func entryBytes(_ range: Range<UInt64>) throws -> [[UInt8]] {
    try database.rows(
      "SELECT bytes FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx",
      .integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))
    ) { $0.blob(0) }
  }

  func entryCount() throws -> UInt64 {
    try database.rows("SELECT COUNT(*), COALESCE(MAX(idx), -1) FROM entries") { row in
      guard row.integer(0) == row.integer(1) + 1 else {
        throw StoreDamage("\(row.integer(0)) log entries, the last is \(row.integer(1))")
      }
      return UInt64(row.integer(0))
    }.first ?? 0
  }
}

/// The store contradicts itself: what, and where. Nothing is paid from such a store.
package struct StoreDamage: Error, CustomStringConvertible {
  package let what: String
  package var description: String { "the store is damaged: \(what)" }
  init(_ what: String) { self.what = what }
}
