import CCurl
import Cryptography
import FarmProtocol
import Foundation
import Synchronization

// All but `isCancelled` is touched by the one thread that performs the call.
/// One call while libcurl performs it: feeds the request's body and takes the answer.
final class Transfer: @unchecked Sendable {
  let call: HTTPCall
  let host: String
  private let isCancelled = Atomic(false)
  private var input: FileHandle?
  private var output: FileHandle?
  private var status = 0
  private var headers: [String: String] = [:]
  private var body: [UInt8] = []
  private var bodyBytes = 0
  private var hasher = SHA256()
  private var failure: TransportError?
  private var isEnded = false
  private let bandwidth: SharedBandwidth?
  /// Bytes of both bodies that the budget knows of.
  private var movedBytes = 0

  init(call: HTTPCall, host: String, bandwidth: SharedBandwidth? = nil) {
    self.call = call
    self.host = host
    self.bandwidth = bandwidth
  }

  /// Any thread: ends the call soon.
  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Performs the call on a handle that has its URL.
  func perform(with handle: CurlHandle) throws(TransportError) -> HTTPAnswer {
    for (name, value) in call.headers { handle.add(name, value) }
    handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
    handle.set(CURLOPT_LOW_SPEED_TIME, call.stallS)
    let context = Unmanaged.passUnretained(self).toOpaque()
    handle.set(CURLOPT_WRITEDATA, context)
    handle.set(CURLOPT_HEADERDATA, context)
    handle.set(CURLOPT_READDATA, context)
    handle.set(CURLOPT_XFERINFODATA, context)
    handle.set(CURLOPT_WRITEFUNCTION, write: { Transfer.of($3).take(body: $0, $1 * $2) })
    handle.set(CURLOPT_HEADERFUNCTION, write: { Transfer.of($3).take(header: $0, $1 * $2) })
    handle.set(read: { Transfer.of($3).give($0, $1 * $2) })
    handle.set(progress: { context, _, received, _, sent in
      Transfer.of(context).goOn(movedBytes: Int(received + sent)) ? 0 : 1
    })
    if case .file(let path, _) = call.sink {
      guard FileManager.default.createFile(atPath: path, contents: nil),
        let file = FileHandle(forWritingAtPath: path)
      else { throw .file(path: path, reason: "cannot be written") }
      output = file
    }
    defer {
      try? input?.close()
      try? output?.close()
    }
    let code = try send(with: handle)
    return try answer(code)
  }

  private func send(with handle: CurlHandle) throws(TransportError) -> CURLcode {
    switch call.body {
    case .none:
      if call.method == "HEAD" { handle.set(CURLOPT_NOBODY, 1) } else { handle.set(CURLOPT_HTTPGET, 1) }
      if call.method == "POST" || call.method == "PUT" {
        handle.set(CURLOPT_POST, 1)
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: 0)
        handle.set(CURLOPT_COPYPOSTFIELDS, "")
      }
      handle.set(CURLOPT_CUSTOMREQUEST, call.method)
      return handle.perform()
    case .bytes(var bytes):
      handle.set(CURLOPT_POST, 1)
      handle.set(CURLOPT_CUSTOMREQUEST, call.method)
      handle.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: bytes.count)
      return bytes.withUnsafeMutableBytes { buffer in
        var nothing: UInt8 = 0
        return withUnsafeMutablePointer(to: &nothing) { fallback in
          handle.set(CURLOPT_POSTFIELDS, buffer.baseAddress ?? UnsafeMutableRawPointer(fallback))
          return handle.perform()
        }
      }
    case .file(let path, let count):
      guard let file = FileHandle(forReadingAtPath: path) else {
        throw .file(path: path, reason: "cannot be read")
      }
      input = file
      handle.set(CURLOPT_UPLOAD, 1)
      handle.set(CURLOPT_CUSTOMREQUEST, call.method)
      handle.set(CURLOPT_INFILESIZE_LARGE, offset: count)
      return handle.perform()
    }
  }

  private func answer(_ code: CURLcode) throws(TransportError) -> HTTPAnswer {
    if isCancelled.load(ordering: .relaxed) { throw .cancelled }
    if let failure { throw failure }
    // A server may answer and close before it has read a body it does not want.
    let wasRefusedEarly = code == CURLE_SEND_ERROR && status >= 400
    guard code == CURLE_OK || isEnded || wasRefusedEarly else { throw error(code) }
    return HTTPAnswer(
      status: status, headers: headers, body: body, bodyBytes: bodyBytes, bodyDigest: hasher.finalize())
  }

  private func error(_ code: CURLcode) -> TransportError {
    let reason = String(cString: curl_easy_strerror(code))
    return switch code {
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: .untrusted(host: host, .otherKey)
    case CURLE_PEER_FAILED_VERIFICATION: .untrusted(host: host, .unknownAuthority(reason))
    case CURLE_SSL_CACERT_BADFILE: .untrusted(host: host, .badAuthorityFile(reason))
    case CURLE_OPERATION_TIMEDOUT: .timeout(host: host, reason: reason)
    case CURLE_PARTIAL_FILE: .truncated(host: host, reason: reason)
    case CURLE_RECV_ERROR where status != 0: .truncated(host: host, reason: reason)
    default: .unreachable(host: host, reason: reason)
    }
  }
}

/// libcurl's callbacks.
extension Transfer {
  private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context else { preconditionFailure("libcurl lost its context") }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  }

  /// Called between any two pieces that libcurl moves: what waits here, the other side waits for.
  private func goOn(movedBytes now: Int) -> Bool {
    if let bandwidth, now > movedBytes {
      bandwidth.move(now - movedBytes) { isCancelled.load(ordering: .relaxed) }
      movedBytes = now
    }
    return !isCancelled.load(ordering: .relaxed)
  }

  /// Fills the request's body; the whole count or less, 0 at the end.
  private func give(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes, let input else { return Int(CURL_READFUNC_ABORT) }
    let got = read(input.fileDescriptor, bytes, count)
    if got < 0 {
      failure = .file(path: "upload", reason: systemErrorText(errno))
      return Int(CURL_READFUNC_ABORT)
    }
    return got
  }

  private func take(header bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes else { return count }
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if line.hasPrefix("HTTP/") {
      let parts = line.split(separator: " ")
      status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
      headers = [:]
    } else if let colon = line.firstIndex(of: ":") {
      let name = line[..<colon].lowercased()
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers[name] = headers[name].map { "\($0), \(value)" } ?? value
    }
    return count
  }

  /// Takes body bytes; any count but the given one ends the transfer.
  private func take(body bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes, count > 0 else { return count }
    let chunk = UnsafeRawBufferPointer(start: bytes, count: count)
    bodyBytes += count
    hasher.update(chunk)
    if status >= 400 { return keep(chunk, max: Limits.refusalBytesMax) ? count : 0 }
    switch call.sink {
    case .bytes(let max): return keep(chunk, max: max) ? count : 0
    case .file(let path, let max): return write(chunk, path: path, max: max) ? count : 0
    case .lines(let line): return split(chunk, line) ? count : 0
    }
  }

  private func keep(_ chunk: UnsafeRawBufferPointer, max: Int) -> Bool {
    guard body.count + chunk.count <= max else {
      failure = .answerTooLarge(host: host, bytesMax: max)
      return false
    }
    body.append(contentsOf: chunk)
    return true
  }

  private func write(_ chunk: UnsafeRawBufferPointer, path: String, max: Int) -> Bool {
    guard bodyBytes <= max else {
      failure = .answerTooLarge(host: host, bytesMax: max)
      return false
    }
    guard let output, writeAll(output.fileDescriptor, chunk) else {
      failure = .file(path: path, reason: systemErrorText(errno))
      return false
    }
    return true
  }

  private func split(_ chunk: UnsafeRawBufferPointer, _ line: (String) -> Bool) -> Bool {
    guard body.count + chunk.count <= Limits.eventLineBytesMax else {
      failure = .answerTooLarge(host: host, bytesMax: Limits.eventLineBytesMax)
      return false
    }
    body.append(contentsOf: chunk)
    while let end = body.firstIndex(of: UInt8(ascii: "\n")) {
      var text = body[..<end]
      if text.last == UInt8(ascii: "\r") { text.removeLast() }
      let isWanted = line(String(decoding: text, as: UTF8.self))
      body.removeSubrange(...end)
      guard isWanted else {
        isEnded = true
        return false
      }
    }
    return true
  }
}
