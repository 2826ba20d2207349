import CSQLite
import FarmProtocol

/// SQLite said no: what was asked, its code and its words.
package struct SQLiteError: Error, CustomStringConvertible {
  package let statement: String
  package let code: Int32
  package let message: String
  package var description: String { "SQLite \(code) (\(message)) at \"\(statement)\"" }
  /// Whether there was no room on the disk.
  var isOutOfSpace: Bool { code & 0xff == SQLITE_FULL }
}

/// A value of a column.
enum SQLiteValue: Equatable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])
}

/// One database file, write-ahead logged and flushed at each commit. Not sendable: it lives on one actor's
/// thread.
final class SQLiteConnection {
  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  /// Opens or makes the file.
  init(path: String) throws {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw SQLiteError(statement: "open \(path)", code: code, message: String(cString: sqlite3_errstr(code)))
    }
    handle = opened
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, 5_000)
    try script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
    // A reader of long ago may have let the log grow: the next checkpoint cuts it back.
    try script("PRAGMA journal_size_limit=\(Limits.walBytesMax)")
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs statements that give no rows and take no values.
  func script(_ sql: String) throws {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(sql, code) }
  }

  /// Runs one prepared statement.
  func run(_ sql: String, _ values: SQLiteValue...) throws { try query(sql, values) { _ in } }

  /// Runs one prepared statement and maps its rows.
  func rows<T>(_ sql: String, _ values: SQLiteValue..., map: (Row) throws -> T) throws -> [T] {
    var out: [T] = []
    try query(sql, values) { out.append(try map($0)) }
    return out
  }

  /// Starts a transaction.
  func begin() throws { try run("BEGIN IMMEDIATE") }
  /// Ends it: all of it is durable.
  func commit() throws { try run("COMMIT") }
  /// Ends it: nothing of it was. A rollback that fails too changes nothing: the file is as it was.
  func rollBack() { try? run("ROLLBACK") }

  /// Rows changed since the connection was opened.
  var changeCount: Int64 { sqlite3_total_changes64(handle) }

  private func query(_ sql: String, _ values: [SQLiteValue], row: (Row) throws -> Void) throws {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      let code = bind(value, to: statement, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw failure(sql, code) }
    }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw failure(sql, code) }
      try row(Row(statement: statement))
    }
  }

  private func prepared(_ sql: String) throws -> OpaquePointer {
    if let known = statements[sql] { return known }
    var made: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
    guard code == SQLITE_OK, let made else { throw failure(sql, code) }
    statements[sql] = made
    return made
  }

  private func bind(_ value: SQLiteValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(statement, index)
    case .integer(let number): sqlite3_bind_int64(statement, index, number)
    case .text(let text): farm_sqlite_bind_text(statement, index, text, Int32(text.utf8.count))
    case .blob(let bytes):
      // An empty array has no address, and SQLite reads a null pointer as NULL.
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(statement, index, 0)
        : farm_sqlite_bind_blob(statement, index, bytes, Int32(bytes.count))
    }
  }

  private func failure(_ sql: String, _ code: Int32) -> SQLiteError {
    SQLiteError(statement: sql, code: code, message: String(cString: sqlite3_errmsg(handle)))
  }

  /// A row of an answer, valid inside `map` only.
  struct Row {
    fileprivate let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func text(_ column: Int32) -> String {
      sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
    }
    func blob(_ column: Int32) -> [UInt8] {
      guard let start = sqlite3_column_blob(statement, column) else { return [] }
      return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
  }
}
