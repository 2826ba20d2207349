/// A moment in the Gregorian calendar, UTC, for people.
package struct UTCTime: Hashable, Sendable {
  /// `2026-11-23`.
  package let date: String
  /// `23:05:09`.
  package let time: String

  /// Milliseconds since 1970.
  package init(timeMS: UInt64) {
    let seconds = timeMS / 1000
    date = UTCTime.date(day: Int(seconds / 86_400))
    let inDay = Int(seconds % 86_400)
    time = [inDay / 3600, inDay / 60 % 60, inDay % 60].map { UTCTime.padded($0, 2) }.joined(separator: ":")
  }

  /// The date of a day counted from 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms",
  /// `civil_from_days`: years start in March, so that a leap day is a year's last).
  static func date(day: Int) -> String {
    let shifted = day + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
