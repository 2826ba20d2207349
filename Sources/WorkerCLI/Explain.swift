import FarmProtocol
import Terminal
import Transport
import Worker

/// What a person is told about an error of the rooms below.
@Sendable func explain(_ error: any Error) -> CommandFailure {
  switch error {
  case let refusal as Refusal:
    CommandFailure(.refused, refusal.message, remedy: refusal.remedy, code: refusal.code.rawValue)
  case WorkerError.refused(let refusal): explain(refusal)
  case TransportError.untrusted(let host, let distrust):
    CommandFailure(.refused, "\(host) \(distrust)", remedy: distrust.remedy, code: "untrusted")
  case TransportError.badURL: .usage("\(error)")
  case let error as WorkerError: CommandFailure(.failed, "\(error)", code: "worker")
  default: CommandFailure(.failed, "\(error)")
  }
}
