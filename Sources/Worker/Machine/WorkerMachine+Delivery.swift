import Cryptography
import FarmProtocol

/// Results on their way to the farm.
extension WorkerMachine {
  /// Results on their way at once: a fast device renders many tiles in the time of one answer from far away.
  private static let deliveriesMax = 16

  /// Whether a result waits that may be sent beside those on their way: one alone while the farm fails.
  var wantsDelivery: Bool {
    let most = delivery.failures == 0 ? WorkerMachine.deliveriesMax : 1
    return isJoined && delivering.count < min(most, outbox.count)
  }

  /// Sends the oldest ones.
  mutating func startDelivering(nowMS: UInt64, into actions: inout [WorkerAction]) {
    for entry in outbox where !delivering.contains(entry.id) {
      guard wantsDelivery, delivery.isReady(nowMS) else { return }
      delivering.insert(entry.id)
      actions.append(.deliver(entry.id))
    }
  }

  /// One came to its end.
  mutating func takeDelivery(_ event: WorkerEvent, nowMS: UInt64, into actions: inout [WorkerAction]) {
    switch event {
    case .delivered(let id, let receipt):
      delivering.remove(id)
      answered(into: &actions)
      delivery.succeed()
      guard let index = outbox.firstIndex(where: { $0.id == id }) else { return }
      actions += [.discard(id), .tell(.delivered(outbox.remove(at: index), receipt))]
    case .deliveryFailed(let id, .unreachable(let reason)):
      let waitMS = deliveryFailed(id, nowMS: nowMS)
      farmFailed("result \(id.short)", .unreachable(reason), waitMS: waitMS, into: &actions)
    case .deliveryFailed(let id, .refused(let refusal)) where refusal.meaningForResult != .final:
      answered(into: &actions)
      let waitMS = deliveryFailed(id, nowMS: nowMS)
      if refusal.meaningForResult == .joinAgain { isJoined = false }
      let notice = WorkerNotice.retrying(
        what: "result \(id.short)", reason: refusal.description, afterMS: waitMS)
      actions.append(.tell(notice))
    case .deliveryFailed(let id, let error):
      // Refused for good, or the file cannot be read any more: either way it will never be delivered.
      delivering.remove(id)
      delivery.succeed()
      guard let index = outbox.firstIndex(where: { $0.id == id }) else { return }
      let entry = outbox.remove(at: index)
      actions += [.discard(id), .tell(.undeliverable(entry, reason: error.description))]
    default: preconditionFailure("\(event) is not about results")
    }
  }

  /// Returns the wait before the next try. Those that fail together are one failure.
  private mutating func deliveryFailed(_ id: Digest, nowMS: UInt64) -> UInt64 {
    delivering.remove(id)
    return nowMS < delivery.notBeforeMS ? delivery.notBeforeMS - nowMS : delivery.fail(nowMS)
  }
}
