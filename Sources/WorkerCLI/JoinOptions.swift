import FarmProtocol
import Settlement
import Terminal
import Transport
import Worker

/// Flags by which an owner says when and how hard a machine works.
enum JoinOptions {
  static let controls: [Flag] = [
    .value(
      "--schedule", "HOURS", "work only then, by this machine's clock: \"Mon-Fri 19:00-07:00; Sat,Sun\"",
      default: "always"),
    .toggle("--when-idle", "work only while nobody types here and other programs leave the processors"),
    .value("--idle-after", "TIME", "with --when-idle: without input for so long", default: "5m"),
    .value("--max-temperature", "C", "rest above, work again 5 degrees below", default: "no limit"),
    .value(
      "--max-memory-gb", "G", "take only jobs that need no more, all devices together", default: "no limit"),
    .value("--min-price", "P", "take only jobs that pay P microcredits a ray or more", default: "any"),
    .value(
      "--max-bandwidth", "KB", "kilobytes a second, both ways together, 64 or more", default: "no limit"),
    .value("--drain-after", "N", "end after N tiles, or after a time: 90s, 30m, 2h", default: "never"),
  ]

  /// What the flags say; refused when this machine cannot do it.
  static func settings(_ arguments: Arguments) throws(CommandFailure) -> WorkerDaemon.Settings {
    var settings = WorkerDaemon.Settings()
    if let text = arguments.string("--schedule") {
      do throws(WeeklySchedule.Unreadable) {
        settings.schedule = try WeeklySchedule(text)
      } catch { throw .usage("--schedule \(error)") }
    }
    let idleAfterS = try arguments.durationS("--idle-after")
    guard arguments.has("--when-idle") || idleAfterS == nil else {
      throw .usage("--idle-after is of no use without --when-idle")
    }
    if arguments.has("--when-idle") { settings.idleAfterS = idleAfterS ?? 300 }
    if let limitC: Int = try arguments.integer("--max-temperature", in: 20...110) {
      guard SystemReadings().temperatureC() != nil else {
        throw .usage(
          "--max-temperature: this machine tells no temperature in /sys/class/thermal or /sys/class/hwmon",
          remedy: "leave the flag out, or load the sensors' drivers")
      }
      settings.temperatureMaxC = Double(limitC)
    }
    if try drainAfterTiles(arguments) == nil {
      settings.drainAfterS = try arguments.durationS("--drain-after")
    }
    return settings
  }

  /// What each of `deviceCount` devices is to keep to.
  static func terms(_ arguments: Arguments, deviceCount: Int) throws(CommandFailure) -> Worker.Terms {
    var terms = Worker.Terms(drainAfterTiles: try drainAfterTiles(arguments))
    if let gigabytes = try arguments.number("--max-memory-gb", in: 0.1...1_000_000) {
      terms.memoryBytesMax = UInt64(Double(gigabytes) * 1e9) / UInt64(deviceCount)
    }
    terms.pricePerRayMin = try arguments.integer("--min-price", in: 1...Limits.tilePriceMax)
      .map { Microcredits($0) }
    return terms
  }

  /// How the farm is reached.
  static func network(_ arguments: Arguments) throws(CommandFailure) -> HTTPClient.Options {
    var options = HTTPClient.Options(authorityFile: arguments.string("--ca-file"))
    // Less and the farm would take a transfer for one that has stopped.
    options.bytesPerS = try arguments.integer("--max-bandwidth", in: 64...100_000_000).map { $0 * 1000 }
    return options
  }

  /// Tiles after which to end; nil when a time is given, or nothing.
  static func drainAfterTiles(_ arguments: Arguments) throws(CommandFailure) -> Int? {
    guard arguments.string("--drain-after")?.last?.isNumber ?? false else { return nil }
    return try arguments.integer("--drain-after", in: 1...1_000_000_000)
  }
}
