import Cryptography
import FarmProtocol
import Settlement

/// A parameter of a path template. Its name says what may stand there.
package enum PathParameter: String, CaseIterable, Sendable {
  /// 64 lower-case hex digits.
  case digest
  /// Likewise.
  case job
  /// A byte's place in a file.
  case offset
  /// A file's length, bytes.
  case size
  /// A frame's number from 1, a dot, `exr` or `png`.
  case file
  /// The rest of the path.
  case path

  /// What may stand there, as a regular expression.
  package var pattern: String {
    switch self {
    case .digest, .job: "^[0-9a-f]{64}$"
    case .offset, .size: "^(0|[1-9][0-9]{0,17})$"
    case .file: "^[1-9][0-9]{0,9}\\.(exr|png)$"
    case .path: "^[a-z0-9][a-z0-9./]*$"
    }
  }

  fileprivate func takes(_ text: String) -> Bool {
    switch self {
    case .digest, .job: Digest(hex: text).map { $0.hex == text } ?? false
    case .offset, .size: UInt64(text).map { "\($0)" == text && text.utf8.count <= 18 } ?? false
    case .file: FrameName(text) != nil
    case .path: true
    }
  }
}

/// "12.exr".
package struct FrameName: Hashable, Sendable {
  package let number: UInt32
  package let format: FrameFiles.Format

  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let number = UInt32(parts[0]), number >= 1, "\(number)" == parts[0],
      let format = FrameFiles.Format(rawValue: parts[1])
    else { return nil }
    self.number = number
    self.format = format
  }
}

/// What a request asks for, read from its method and path.
package struct RouteMatch: Hashable, Sendable {
  /// Which route.
  package let route: Route
  private let values: [PathParameter: String]

  /// Why there is none.
  package enum Miss: Error, Hashable {
    /// Nothing has this path.
    case noPath
    /// Something has, by other methods.
    case otherMethods([String])
  }

  /// Finds the route of a request; `path` as it travelled.
  package init(method: String, path: String) throws(Miss) {
    let segments = RouteMatch.split(path)
    var methods: [String] = []
    for template in RouteMatch.templates {
      guard let values = RouteMatch.match(segments, template.segments) else { continue }
      guard template.method == method else {
        methods.append(template.method)
        continue
      }
      route = template.route
      self.values = values
      return
    }
    throw methods.isEmpty ? .noPath : .otherMethods(methods.sorted())
  }

  /// The job in the path.
  package var job: JobID { JobID(digest(of: .job)) }
  /// The digest in the path.
  package var digest: Digest { digest(of: .digest) }
  /// The byte that a piece starts at, and the length of the file.
  package var piece: (offset: UInt64, size: UInt64) { (number(.offset), number(.size)) }
  /// The frame in the path.
  package var frame: FrameName {
    guard let name = values[.file].flatMap({ FrameName($0) }) else {
      preconditionFailure("no {file} in \(route)")
    }
    return name
  }
  /// The rest of the path.
  package var path: String { values[.path, default: ""] }

  private func number(_ parameter: PathParameter) -> UInt64 {
    guard let number = values[parameter].flatMap({ UInt64($0) }) else {
      preconditionFailure("no {\(parameter.rawValue)} in \(route)")
    }
    return number
  }

  private func digest(of parameter: PathParameter) -> Digest {
    guard let digest = values[parameter].flatMap({ Digest(hex: $0) }) else {
      preconditionFailure("no {\(parameter.rawValue)} in \(route)")
    }
    return digest
  }

  private struct Template {
    let route: Route
    let method: String
    let segments: [String]
  }

  private static let templates = Route.allCases.map { route in
    Template(route: route, method: route.row.method, segments: split(route.row.path))
  }

  private static func split(_ path: String) -> [String] {
    path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  }

  /// What stands for each parameter; nil when the path is another.
  private static func match(_ segments: [String], _ template: [String]) -> [PathParameter: String]? {
    guard segments.count >= template.count else { return nil }
    var values: [PathParameter: String] = [:]
    for (index, expected) in template.enumerated() {
      guard let parameter = parameter(expected) else {
        guard segments[index] == expected else { return nil }
        continue
      }
      let text = parameter == .path ? segments[index...].joined(separator: "/") : segments[index]
      guard parameter.takes(text) else { return nil }
      values[parameter] = text
      if parameter == .path { return values }
    }
    return segments.count == template.count ? values : nil
  }

  private static func parameter(_ segment: String) -> PathParameter? {
    guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
    return PathParameter(rawValue: String(segment.dropFirst().dropLast()))
  }
}
