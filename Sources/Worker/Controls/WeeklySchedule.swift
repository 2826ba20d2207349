import Foundation

/// Hours of the week in which a worker may work, by the clock on the wall. Pure.
///
/// `"Mon-Fri 19:00-07:00; Sat,Sun"`: ranges with `;` or `,` between them. A range is days, times or both;
/// days without times are whole days, times without days are every day's. A range that ends before it begins
/// goes on into the next day: it belongs to the day on which it begins. Where a clock is put forward the hour
/// that does not exist is no hour, where it is put back the hour counts twice.
public struct WeeklySchedule: Hashable, Sendable {
  /// Why a text is no schedule.
  public struct Unreadable: Error, Hashable, Sendable {
    /// The piece that cannot be read.
    public var piece: String
    /// What is wrong with it.
    public var reason: String
  }

  /// Minutes from a day's midnight; the end, beyond 24 hours for one over midnight, is not in it.
  private struct Span: Hashable {
    var day: Int
    var minutes: Range<Int>
  }

  private static let dayMinutes = 24 * 60
  private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  private let spans: Set<Span>

  /// Reads a schedule; the error names the piece that makes none.
  public init(_ text: String) throws(Unreadable) {
    var spans: Set<Span> = []
    for group in text.split(separator: ";") {
      // "Sat,Sun 10:00-18:00": the times are for all days since the last times.
      var days: [Int] = []
      for piece in group.split(separator: ",") {
        let words = piece.split(separator: " ").map(String.init)
        let first = words.first ?? ""
        let hasDays = first.first?.isLetter ?? false
        if hasDays { days += try WeeklySchedule.days(first, in: String(piece)) }
        guard let times = words.dropFirst(hasDays ? 1 : 0).first else { continue }
        guard words.count == (hasDays ? 2 : 1) else {
          throw Unreadable(
            piece: piece.trimmingCharacters(in: .whitespaces), reason: "put ; between two ranges")
        }
        let minutes = try WeeklySchedule.minutes(times)
        for day in days.isEmpty ? Array(0..<7) : days { spans.insert(Span(day: day, minutes: minutes)) }
        days = []
      }
      for day in days { spans.insert(Span(day: day, minutes: 0..<WeeklySchedule.dayMinutes)) }
    }
    guard !spans.isEmpty else {
      throw Unreadable(piece: text, reason: "name days, times or both: \"Mon-Fri 19:00-07:00; Sat,Sun\"")
    }
    self.spans = spans
  }

  /// "Mon" or "Fri-Mon", which goes over Sunday; Monday is 0.
  private static func days(_ text: String, in piece: String) throws(Unreadable) -> [Int] {
    var ends: [Int] = []
    for name in text.split(separator: "-", omittingEmptySubsequences: false) {
      guard let day = names.firstIndex(of: name.lowercased()) else {
        throw Unreadable(piece: String(name), reason: "days are Mon, Tue, Wed, Thu, Fri, Sat and Sun")
      }
      ends.append(day)
    }
    guard let first = ends.first, let last = ends.last, ends.count <= 2 else {
      throw Unreadable(piece: text, reason: "days are one, as Mon, or from one to another, as Mon-Fri")
    }
    return (first...(last < first ? last + 7 : last)).map { $0 % 7 }
  }

  private static func minutes(_ text: String) throws(Unreadable) -> Range<Int> {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else {
      throw Unreadable(piece: text, reason: "times are from one to another, as 19:00-07:00")
    }
    let (start, end) = (try minute(ends[0]), try minute(ends[1]))
    guard start != end, start < dayMinutes else {
      throw Unreadable(piece: text, reason: "that is no time at all; leave times out for whole days")
    }
    return start..<(end < start ? end + dayMinutes : end)
  }

  /// "7", "07" or "07:30"; 24:00 is the end of a day.
  private static func minute(_ text: Substring) throws(Unreadable) -> Int {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let digits = parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(\.isNumber) }
    guard digits, parts.count <= 2, let hour = Int(parts[0]),
      let minute = parts.count == 2 ? Int(parts[1]) : 0,
      minute < 60, hour * 60 + minute <= dayMinutes
    else { throw Unreadable(piece: String(text), reason: "a time is 0:00 to 24:00") }
    return hour * 60 + minute
  }

  /// Whether it is open at that time, seconds since 1970.
  public func isOpen(atS timeS: Int64, in zone: TimeZone) -> Bool {
    let offsetS = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(timeS)))
    let localMinutes = Int((timeS + Int64(offsetS)).flooredQuotient(by: 60))
    let (dayNumber, minute) = (
      localMinutes.flooredQuotient(by: WeeklySchedule.dayMinutes),
      localMinutes.flooredRemainder(by: WeeklySchedule.dayMinutes)
    )
    // 1970 began on a Thursday.
    let day = (dayNumber + 3).flooredRemainder(by: 7)
    return spans.contains { span in
      (span.day == day && span.minutes.contains(minute))
        || ((span.day + 1) % 7 == day && span.minutes.contains(minute + WeeklySchedule.dayMinutes))
    }
  }

  /// The first time after `timeS` at which it opens or closes; nil when it never does.
  public func nextChangeS(afterS timeS: Int64, in zone: TimeZone) -> Int64? {
    let now = isOpen(atS: timeS, in: zone)
    let firstMinute = timeS.flooredQuotient(by: 60) + 1
    // A week, and a day more for a clock that is changed meanwhile.
    return (firstMinute...firstMinute + 8 * Int64(WeeklySchedule.dayMinutes))
      .first { isOpen(atS: $0 * 60, in: zone) != now }.map { $0 * 60 }
  }
}

extension WeeklySchedule.Unreadable: CustomStringConvertible {
  /// One line: the piece and what is wrong with it.
  public var description: String { "\"\(piece)\": \(reason)" }
}

extension BinaryInteger {
  fileprivate func flooredQuotient(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
  fileprivate func flooredRemainder(by divisor: Self) -> Self {
    self - flooredQuotient(by: divisor) * divisor
  }
}
