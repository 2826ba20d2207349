/// What goes wrong around a simulated farm.
package enum Fault: String, Sendable, CaseIterable {
  /// Requests and answers that never arrive, each by itself.
  case loss
  /// Messages that take so long that others overtake them, or that nobody waits for them any more.
  case delay
  /// Requests that arrive again, up to a minute later.
  case duplication
  /// Workers that hear nothing and are not heard for a while.
  case partition
  /// Worker processes that end at any point, before and after each durable one, and start again.
  case workerCrash = "worker-crash"
  /// A coordinator that ends at any durable step, or is stopped in order, and starts again.
  case coordinatorCrash = "coordinator-crash"
  /// With the process goes what was not flushed.
  case powerLoss = "power-loss"
  /// Workers that are ten times slower than they were.
  case slow
  /// Workers that are gone for minutes.
  case vanish
  /// The coordinator's clock jumps, forward and back.
  case clock
  /// Full disks: the coordinator takes no new work, a worker cannot keep its result.
  case disk
  /// A verifier that is away for a while, and frames that it cannot render.
  case verifier
}

/// How a worker tries to be paid for what it did not do.
package enum Cheat: String, Sendable, CaseIterable {
  /// Pixels that were never rendered, with plausible work.
  case unrendered
  /// Right pixels, more rays than were traced.
  case overstatedWork = "overstated-work"
  /// Only some pixels are false: those that bring least work, in the hope that nobody probes them.
  case guessedProbes = "guessed-probes"
  /// The tile of another job of the same scene.
  case replayed
  /// Another worker's result sent as its own.
  case stolen
  /// A false picture on which all such workers agree.
  case colluding
  /// Bytes that are no fragment.
  case malformed
  /// Takes leases, says that it is alive, returns nothing.
  case hoarding
}

/// What is deliberately broken in a farm, to see that the checks find it. All are put in through what a farm
/// is given: its verifier, its disk, the log that others read.
package enum Sabotage: String, Sendable, CaseIterable {
  /// A verifier that is told what was claimed, and repeats it.
  case acceptingVerifier = "accepting-verifier"
  /// A disk that forgets what it called durable.
  case forgetfulDisk = "forgetful-disk"
  /// A log in which a tile's pay moves twice.
  case doublePay = "double-pay"
  /// A verifier that finds wrong pixels where there are none.
  case slanderingVerifier = "slandering-verifier"
}
