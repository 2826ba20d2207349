#pragma once
// Owner: Sources/Coordinator/Store/SQLiteConnection.swift. SQLITE_TRANSIENT is a cast that Swift cannot
// import.
#include <sqlite3.h>
static inline int farm_sqlite_bind_text(sqlite3_stmt *s, int index, const char *text, int bytes) {
  return sqlite3_bind_text(s, index, text, bytes, SQLITE_TRANSIENT);
}
static inline int farm_sqlite_bind_blob(sqlite3_stmt *s, int index, const void *data, int bytes) {
  return sqlite3_bind_blob(s, index, data, bytes, SQLITE_TRANSIENT);
}
