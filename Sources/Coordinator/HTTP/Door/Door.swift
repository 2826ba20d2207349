import Cryptography
import FarmProtocol
import Synchronization
import Transport

/// Who a request comes from.
package struct Caller: Hashable, Sendable {
  package let key: PublicKey
  package let roles: Set<Role>
}

/// A "no" that may become a "yes" by itself.
package struct ComeBackLater: Error, Hashable, Sendable {
  /// The reason.
  package let refusal: Refusal
  /// Not before so many milliseconds.
  package let afterMS: UInt64
}

/// Finds out who is there, and lets in who may: addresses and keys within their rates, credentials that are
/// right, roles that the route's row names.
package final class Door: Sendable {
  /// The farm's own keys.
  package struct House: Sendable {
    let verifier: PublicKey
    let `operator`: PublicKey

    package init(verifier: PublicKey, operator: PublicKey) {
      self.verifier = verifier
      self.operator = `operator`
    }
  }

  private struct State {
    /// Nil until the farm knows its names.
    var policy: SignaturePolicy?
    var replays = ReplayGuard()
    var tokens = TokenBook()
    var workers: Set<PublicKey> = []
    var networks: RateLimiter<PeerAddress>
    var failures: RateLimiter<PeerAddress>
    var keys: RateLimiter<PublicKey>
  }

  private let house: House
  private let isBehindProxy: Bool
  private let state: Mutex<State>

  /// Closed to all but those who need no credentials.
  package init(
    _ house: House, isBehindProxy: Bool, keyRate: Rate = Limits.keyRate,
    addressRate: Rate = Limits.addressRate, failureRate: Rate = Limits.failureRate, nowMS: UInt64
  ) {
    self.house = house
    self.isBehindProxy = isBehindProxy
    state = Mutex(
      State(
        networks: RateLimiter(addressRate, nowMS: nowMS), failures: RateLimiter(failureRate, nowMS: nowMS),
        keys: RateLimiter(keyRate, nowMS: nowMS)))
  }

  /// From now on callers are let in who sign for one of these names.
  package func open(authorities: Set<String>, workers: Set<PublicKey>, tokens: TokenBook) {
    state.withLock { state in
      state.policy = SignaturePolicy(authorities: authorities)
      state.workers = workers
      state.tokens = tokens
    }
  }

  /// A key joined as a worker.
  package func workerJoined(_ key: PublicKey) { state.withLock { _ = $0.workers.insert(key) } }

  /// Tokens changed. Of two changes that arrive out of order the newer stays.
  package func tokensChanged(_ book: TokenBook) {
    state.withLock { if book.version > $0.tokens.version { $0.tokens = book } }
  }

  /// A key's tokens.
  package func tokens(of key: PublicKey, nowMS: UInt64) -> TokenList {
    state.withLock { $0.tokens.list(of: key, nowMS: nowMS) }
  }

  /// Charges the address that a request comes from; refuses `rateLimited`.
  package func charge(_ request: HTTPRequest, _ cost: UInt64, nowMS: UInt64) throws(ComeBackLater) {
    let network = address(of: request).network
    let waitMS = state.withLock { $0.networks.take(cost, by: network, nowMS: nowMS) }
    if let waitMS { throw Door.later("address \(network) sends too many requests", waitMS) }
  }

  /// Who sent the request, if their role is one of `access`. Charges the key `cost`.
  package func admit(
    _ request: HTTPRequest, _ access: Set<Role>, cost: UInt64, nowMS: UInt64
  ) throws -> Caller {
    let caller = try identify(request, nowMS: nowMS)
    let waitMS = state.withLock { $0.keys.take(cost, by: caller.key, nowMS: nowMS) }
    if let waitMS { throw Door.later("key \(caller.key.short) sends too many requests", waitMS) }
    guard caller.roles.isDisjoint(with: access) else { return caller }
    throw Door.forbidden(caller, access)
  }

  private static func forbidden(_ caller: Caller, _ access: Set<Role>) -> Refusal {
    if access == [.worker], caller.roles == [.submitter] {
      return Refusal(
        .notFound, "worker \(caller.key.short) has not joined this farm",
        remedy: "POST \(Routes.workers) first")
    }
    let roles = caller.roles.map(\.rawValue).sorted().joined(separator: ", ")
    let needed = access.map(\.rawValue).sorted().joined(separator: ", ")
    return Refusal(
      .forbidden, "key \(caller.key.short) is \(roles) here; this is for \(needed)",
      remedy: access == [.operator] ? "use DATA/operator.key" : "use a key of your own, not a token")
  }

  /// Whether a request whose body has not come yet is worth reading: credentials and role, as far as they can
  /// be known. Lets nothing in and remembers no nonce.
  package func preview(_ request: HTTPRequest, _ access: Set<Role>, nowMS: UInt64) throws {
    let caller = try identify(request, isWhole: false, nowMS: nowMS)
    if caller.roles.isDisjoint(with: access) { throw Door.forbidden(caller, access) }
  }

  private func identify(_ request: HTTPRequest, isWhole: Bool = true, nowMS: UInt64) throws -> Caller {
    let network = address(of: request).network
    let (policy, waitMS) = state.withLock { state in
      (state.policy, state.failures.wait(for: 1, by: network, nowMS: nowMS))
    }
    guard let policy else { throw Door.later("the farm is starting", 1_000, .busy) }
    if let waitMS { throw Door.later("address \(network) came with wrong credentials too often", waitMS) }
    do {
      if request.headers["signature-input"] == nil, let field = request.headers["authorization"] {
        return try caller(field, nowMS: nowMS)
      }
      // Outside the lock: this is what takes time.
      let signed = try policy.check(
        method: request.method, path: request.path, query: request.query, headers: request.headers,
        bodyDigest: isWhole ? request.bodyDigest : nil, nowMS: nowMS)
      return try state.withLock { state throws(Refusal) in
        if isWhole { try state.replays.admit(signed, nowMS: nowMS) }
        return Caller(key: signed.key, roles: roles(of: signed.key, state.workers))
      }
    } catch let refusal {
      let cameWithSomething = ["signature-input", "authorization"].contains { request.headers[$0] != nil }
      if cameWithSomething, refusal.code != .busy {
        state.withLock { _ = $0.failures.take(1, by: network, nowMS: nowMS) }
      }
      throw refusal
    }
  }

  private func caller(_ authorization: String, nowMS: UInt64) throws(Refusal) -> Caller {
    let entry = try state.withLock { state throws(Refusal) in
      try state.tokens.caller(authorization, nowMS: nowMS)
    }
    return Caller(key: entry.owner, roles: [entry.token.scope == .read ? .tokenRead : .tokenSubmit])
  }

  private func roles(of key: PublicKey, _ workers: Set<PublicKey>) -> Set<Role> {
    switch key {
    case house.operator: [.operator]
    case house.verifier: [.verifier]
    default: workers.contains(key) ? [.submitter, .worker] : [.submitter]
    }
  }

  /// The client; behind a proxy the last one that the proxy names, for earlier ones may be made up.
  private func address(of request: HTTPRequest) -> PeerAddress {
    guard isBehindProxy, let last = request.headers["x-forwarded-for"]?.split(separator: ",").last,
      let address = PeerAddress(last.trimmingCharacters(in: .whitespaces))
    else { return request.peer }
    return address
  }

  private static func later(_ what: String, _ afterMS: UInt64, _ code: Refusal.Code = .rateLimited)
    -> ComeBackLater
  {
    let seconds = (afterMS + 999) / 1000
    return ComeBackLater(
      refusal: Refusal(code, what, remedy: "come back in \(seconds) s"), afterMS: afterMS)
  }
}
