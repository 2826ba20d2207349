import FarmProtocol
import Foundation
import Synchronization

/// The child process itself: its pipes, the threads that read them, and its end.
final class RendererChild: Sendable {
  private typealias Waiting = CheckedContinuation<Result<RendererChannel.Frame, TransportError>, Never>

  private struct State {
    var waiting: Waiting?
    /// Counts requests, so that a deadline of an old one does nothing.
    var turn: UInt64 = 0
    /// Why no more answers come; nil while the child is fine.
    var end: TransportError?
    /// The process has been waited for: its id may be somebody else's.
    var isReaped = false
    var lastLine = ""
  }

  let processID: Int32
  private let input: Int32
  private let state = Mutex(State())
  private let writer = DispatchQueue(label: "renderer.input")

  /// Starts the process and the threads that read its output.
  init(executable: String, arguments: [String], log: @escaping @Sendable (String) -> Void)
    throws(TransportError)
  {
    signal(SIGPIPE, SIG_IGN)
    let spawned = try spawn(executable: executable, arguments: arguments)
    processID = spawned.processID
    input = spawned.input
    let readers = Readers(processID: processID, child: self)
    Thread.detachNewThread { readers.readErrors(spawned.errors, log) }
    Thread.detachNewThread { readers.readFrames(spawned.output) }
  }

  deinit {
    kill()
    close(input)
  }

  var isAlive: Bool { state.withLock { $0.end == nil && !$0.isReaped } }

  /// Sends a request and waits for its answer. One at a time.
  func exchange(
    _ bytes: [UInt8], name: String, afterMS: UInt64
  ) async throws(TransportError) -> RendererChannel.Frame {
    let outcome = await withCheckedContinuation { (waiting: Waiting) in
      let turn: UInt64? = state.withLock { state in
        precondition(state.waiting == nil, "two requests at once")
        if let end = state.end {
          waiting.resume(returning: .failure(end))
          return nil
        }
        state.turn += 1
        state.waiting = waiting
        return state.turn
      }
      guard let turn else { return }
      writer.async { self.send(bytes) }
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(clamping: afterMS))) {
        [weak self] in
        self?.expire(turn, .rendererTimeout(request: name, afterMS: afterMS))
      }
    }
    return try outcome.get()
  }

  /// Ends the process group, whatever it is doing.
  func kill() {
    state.withLock { state in
      if !state.isReaped { Foundation.kill(-processID, SIGKILL) }
    }
  }

  private func send(_ bytes: [UInt8]) {
    let isSent = bytes.withUnsafeBytes { writeAll(input, $0) }
    // The reader of its output finds out why.
    if !isSent { kill() }
  }

  private func expire(_ turn: UInt64, _ error: TransportError) {
    let isLate = state.withLock { $0.turn == turn && $0.waiting != nil }
    guard isLate else { return }
    fail(error)
    kill()
  }

  /// Answers the request under way.
  func deliver(_ frame: RendererChannel.Frame) {
    let waiting = state.withLock { state in
      defer { state.waiting = nil }
      return state.waiting
    }
    if let waiting {
      waiting.resume(returning: .success(frame))
    } else {
      fail(.rendererDied(reason: "sent what nobody asked for", detail: ""))
      kill()
    }
  }

  /// The first failure is the one that every later request reports.
  func fail(_ error: TransportError) {
    let waiting = state.withLock { state in
      if state.end == nil { state.end = error }
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(returning: .failure(error))
  }

  /// Keeps the child's last words.
  func said(_ line: String) { state.withLock { $0.lastLine = line } }

  /// The process has ended: gives its id back.
  func reap() {
    var status: Int32 = 0
    let detail = state.withLock { state in
      // Under the lock: nobody may signal an id that has been given back.
      _ = waitpid(processID, &status, 0)
      state.isReaped = true
      return state.lastLine
    }
    let signal = status & 0x7f
    let reason = signal == 0 ? "ended with status \(status >> 8 & 0xff)" : "was ended by signal \(signal)"
    fail(.rendererDied(reason: reason, detail: detail))
  }
}

/// Reads the child's output. Holds the child weakly: a thread that waits must not keep it alive.
private struct Readers: Sendable {
  /// A child without output is given this long to end by itself, and its last words this long to arrive.
  static let endMS = 1_000

  let processID: Int32
  weak let child: RendererChild?
  private let errorsEnded = DispatchSemaphore(value: 0)

  init(processID: Int32, child: RendererChild) {
    self.processID = processID
    self.child = child
  }

  /// Until the child ends: one answer after the other.
  func readFrames(_ descriptor: Int32) {
    defer { close(descriptor) }
    var channel = RendererChannel()
    while let bytes = readSome(descriptor), !bytes.isEmpty {
      channel.receive(bytes)
      do throws(Refusal) {
        while let frame = try channel.next() { child?.deliver(frame) }
      } catch {
        child?.fail(.rendererDied(reason: "lost the framing of its answers", detail: error.message))
        child?.kill()
      }
    }
    awaitEnd()
    _ = errorsEnded.wait(timeout: .now() + .milliseconds(Readers.endMS))
    guard let child else {
      waitpid(processID, nil, 0)
      return
    }
    child.reap()
  }

  /// Waits until the process has ended, without giving its id back.
  private func awaitEnd() {
    var info = siginfo_t()
    for _ in 0..<Readers.endMS / 10 {
      if waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_signo != 0 {
        return
      }
      usleep(10_000)
    }
    child?.kill()
    _ = waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT)
  }

  /// Until the child ends: one line after the other.
  func readErrors(_ descriptor: Int32, _ log: (String) -> Void) {
    defer {
      close(descriptor)
      errorsEnded.signal()
    }
    var notes = RendererNotes()
    while let bytes = readSome(descriptor), !bytes.isEmpty {
      for line in notes.lines(bytes) {
        child?.said(line)
        log(line)
      }
    }
  }
}
