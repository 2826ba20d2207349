import FarmProtocol
import Terminal
import Transport

/// Turns what the rooms below throw into what a person is told.
@Sendable func explain(_ error: any Error) -> CommandFailure {
  switch error {
  case let refusal as Refusal:
    CommandFailure(.refused, refusal.message, remedy: refusal.remedy, code: refusal.code.rawValue)
  case TransportError.untrusted(let host, let distrust):
    CommandFailure(.refused, "\(host) \(distrust)", remedy: distrust.remedy, code: "untrusted")
  default:
    CommandFailure(.failed, "\(error)")
  }
}
