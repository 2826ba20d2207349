import CCurl

// Used by one thread at a time: the client takes it out of its list for a call.
/// One libcurl easy handle with its connections.
final class CurlHandle: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  private var fields: UnsafeMutablePointer<curl_slist>?

  /// Nil when libcurl has no memory.
  init?() {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(fields)
  }

  /// Forgets everything but the connections.
  func reset(connectMSMax: Int, usesProxy: Bool) {
    curl_easy_reset(handle)
    curl_slist_free_all(fields)
    fields = nil
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, connectMSMax)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_TCP_KEEPALIVE, 1)
    if !usesProxy { set(CURLOPT_PROXY, "") }
  }

  func set(_ option: CURLoption, _ value: Int) { check(option, farm_curl_set_long(handle, option, value)) }
  func set(_ option: CURLoption, _ value: String) {
    check(option, farm_curl_set_string(handle, option, value))
  }
  func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
    check(option, farm_curl_set_pointer(handle, option, value))
  }
  func set(_ option: CURLoption, offset value: Int) {
    check(option, farm_curl_set_offset(handle, option, curl_off_t(value)))
  }
  func set(_ option: CURLoption, write value: @escaping farm_curl_write) {
    check(option, farm_curl_set_write(handle, option, value))
  }
  func set(read value: @escaping farm_curl_read) {
    check(CURLOPT_READFUNCTION, farm_curl_set_read(handle, value))
  }
  func set(progress value: @escaping farm_curl_progress) {
    check(CURLOPT_XFERINFOFUNCTION, farm_curl_set_progress(handle, value))
    set(CURLOPT_NOPROGRESS, 0)
  }

  /// Adds a header field.
  func add(_ name: String, _ value: String) {
    fields = curl_slist_append(fields, value.isEmpty ? "\(name);" : "\(name): \(value)")
    check(CURLOPT_HTTPHEADER, farm_curl_set_list(handle, CURLOPT_HTTPHEADER, fields))
  }

  /// Blocks until the transfer ends.
  func perform() -> CURLcode { curl_easy_perform(handle) }

  private func check(_ option: CURLoption, _ code: CURLcode) {
    precondition(
      code == CURLE_OK,
      "libcurl refused option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))")
  }
}
