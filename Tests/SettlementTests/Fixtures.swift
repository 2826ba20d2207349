import Cryptography

/// A digest that stands for nothing but its number.
func digest(_ n: Int) -> Digest { Digest(of: Array("test \(n)".utf8)) }

/// A key that is always the same.
func signingKey(_ n: UInt8) -> SigningKey {
  guard let key = SigningKey(seed: [UInt8](repeating: n, count: 32)) else {
    preconditionFailure("no key \(n)")
  }
  return key
}
