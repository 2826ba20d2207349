import Foundation
import Testing
import Worker

@Suite struct WeeklyScheduleTests {
  let utc = TimeZone(secondsFromGMT: 0) ?? .current

  /// Seconds since 1970 of a time of 2026, by UTC.
  func time(_ text: String) throws -> Int64 {
    let format = ISO8601DateFormatter()
    return Int64(try #require(format.date(from: text + ":00Z")).timeIntervalSince1970)
  }

  @Test(arguments: [
    // 26 November 2026 is a Thursday.
    ("Mon-Fri 19:00-07:00", "2026-11-26T18:59", false), ("Mon-Fri 19:00-07:00", "2026-11-26T19:00", true),
    ("Mon-Fri 19:00-07:00", "2026-11-28T06:59", true), ("Mon-Fri 19:00-07:00", "2026-11-28T07:00", false),
    ("Mon-Fri 19:00-07:00", "2026-11-28T20:00", false), ("Mon-Fri 19:00-07:00", "2026-11-30T03:00", false),
    ("Mon-Fri 19-7; Sat,Sun", "2026-11-29T23:59", true), ("Mon-Fri 19-7; Sat,Sun", "2026-11-30T00:00", false),
    ("Sat,Sun 10:00-18:00", "2026-11-28T12:00", true), ("Sat,Sun 10:00-18:00", "2026-11-28T09:00", false),
    ("Sat; Sun 10:00-18:00", "2026-11-28T09:00", true), ("Fri-Mon 0:00-24:00", "2026-11-30T23:59", true),
    ("Fri-Mon", "2026-12-01T00:00", false), ("22:00-06:00", "2026-12-01T05:59", true),
    ("22:00-06:00", "2026-12-01T06:00", false), ("Mon 8:00-9:00, 12:30-13:00", "2026-11-27T12:45", true),
    ("mon 8:00-9:00, 12:30-13:00", "2026-11-27T08:30", false),
  ])
  func `a schedule is open at its hours`(text: String, when: String, isOpen: Bool) throws {
    #expect(try WeeklySchedule(text).isOpen(atS: time(when), in: utc) == isOpen)
  }

  @Test(arguments: [
    ("Mon-Fri 19:00-07:00; Sut", "Sut", "days are"), ("Mon-Tue-Wed", "Mon-Tue-Wed", "as Mon-Fri"),
    ("Mon 25:00-26:00", "25:00", "0:00 to 24:00"), ("Mon 9:60-10:00", "9:60", "0:00 to 24:00"),
    ("Mon 9:00", "9:00", "19:00-07:00"), ("Mon 9:00-9:00", "9:00-9:00", "no time"),
    ("Mon 24:00-9:00", "24:00-9:00", "no time"), ("Mon 9:00-10:00 Tue", "Mon 9:00-10:00 Tue", "put ;"),
    ("", "", "name days"), (" ; ,", " ; ,", "name days"), ("Mon +9:00-10:00", "+9:00", "0:00 to 24:00"),
    ("Mon 9-10-11", "9-10-11", "19:00-07:00"), ("Mon --", "--", "19:00-07:00"),
  ])
  func `what is no schedule is refused with its piece`(text: String, piece: String, reason: String) {
    #expect {
      try WeeklySchedule(text)
    } throws: { error in
      guard let error = error as? WeeklySchedule.Unreadable else { return false }
      return error.piece == piece && error.reason.contains(reason)
    }
  }

  @Test func `the next change is the minute at which it opens or closes`() throws {
    let nights = try WeeklySchedule("Mon-Fri 19:00-07:00")
    let evening = try time("2026-11-26T19:00")
    #expect(nights.nextChangeS(afterS: evening - 1, in: utc) == evening)
    #expect(try nights.nextChangeS(afterS: evening, in: utc) == time("2026-11-27T07:00"))
    // Friday's night ends on Saturday; then nothing before Monday evening.
    #expect(try nights.nextChangeS(afterS: time("2026-11-28T07:00"), in: utc) == time("2026-11-30T19:00"))
    #expect(try WeeklySchedule("Mon-Sun").nextChangeS(afterS: evening, in: utc) == nil)
  }

  @Test func `the clock on the wall counts where clocks are changed`() throws {
    let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
    let nights = try WeeklySchedule("1:00-3:00")
    // 29 March 2026: 02:00 there becomes 03:00, so that the night has one hour, 00:00 to 01:00 UTC.
    let spring = try time("2026-03-29T00:00")
    #expect(nights.isOpen(atS: spring, in: berlin) && nights.isOpen(atS: spring + 3599, in: berlin))
    #expect(!nights.isOpen(atS: spring - 1, in: berlin) && !nights.isOpen(atS: spring + 3600, in: berlin))
    #expect(nights.nextChangeS(afterS: spring, in: berlin) == spring + 3600)
    // 25 October 2026: 03:00 becomes 02:00, so that it has three, 23:00 to 02:00 UTC.
    let autumn = try time("2026-10-24T23:00")
    #expect(nights.nextChangeS(afterS: autumn - 1, in: berlin) == autumn)
    #expect(nights.nextChangeS(afterS: autumn, in: berlin) == autumn + 3 * 3600)
    // The same hours are others in winter and summer.
    #expect(try nights.isOpen(atS: time("2026-07-01T00:30"), in: berlin))
    #expect(try !nights.isOpen(atS: time("2026-12-01T02:30"), in: berlin))
  }
}
