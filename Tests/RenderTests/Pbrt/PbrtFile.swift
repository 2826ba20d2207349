import Foundation

/// A pbrt-v4 file as far as our two reference scenes go: its directives in order, each with its parameters.
struct PbrtFile {
  struct Directive {
    /// "Shape".
    let name: String
    /// The quoted words after it: ["trianglemesh"].
    let words: [String]
    /// Of "float fov" by "fov"; numbers, words or truth values as they stand.
    let parameters: [String: [String]]
    /// Bare numbers, those of `Transform`.
    let numbers: [Float]

    /// Three numbers at a time.
    func vectors(_ name: String) -> [SIMD3<Float>] {
      let values = floats(name)
      return stride(from: 0, to: values.count - 2, by: 3).map {
        SIMD3(values[$0], values[$0 + 1], values[$0 + 2])
      }
    }
    func floats(_ name: String) -> [Float] { (parameters[name] ?? []).compactMap { Float($0) } }
    func word(_ name: String) -> String? { parameters[name]?.first }
  }

  let directives: [Directive]

  init(_ text: String) {
    var tokens = PbrtFile.tokens(text)[...]
    var found: [Directive] = []
    while let name = tokens.popFirst() {
      var words: [String] = []
      var parameters: [String: [String]] = [:]
      var numbers: [Float] = []
      // What stands before the first letter of the next directive belongs to this one.
      while let next = tokens.first, next.first == "\"" || next == "[" {
        tokens.removeFirst()
        if next == "[" {
          numbers += PbrtFile.list(&tokens).compactMap { Float($0) }
        } else if tokens.first == "[", next.contains(" ") {
          tokens.removeFirst()
          parameters[next.split(separator: " ").last.map { String($0.dropLast()) } ?? ""] = PbrtFile.list(
            &tokens)
        } else {
          words.append(String(next.dropFirst().dropLast()))
        }
      }
      found.append(Directive(name: name, words: words, parameters: parameters, numbers: numbers))
    }
    directives = found
  }

  /// Up to the closing bracket, without quotes.
  private static func list(_ tokens: inout ArraySlice<String>) -> [String] {
    var out: [String] = []
    while let token = tokens.popFirst(), token != "]" {
      out.append(token.trimmingCharacters(in: CharacterSet(charactersIn: "\"")))
    }
    return out
  }

  /// Words, quoted strings with their quotes, brackets; comments left out.
  private static func tokens(_ text: String) -> [String] {
    var out: [String] = []
    for line in text.split(separator: "\n") {
      var inString = false
      var token = ""
      func end() {
        if !token.isEmpty { out.append(token) }
        token = ""
      }
      for character in line {
        if inString {
          token.append(character)
          if character == "\"" {
            inString = false
            end()
          }
          continue
        }
        if character == "#" { break }
        switch character {
        case "\"":
          end()
          token = "\""
          inString = true
        case "[", "]":
          end()
          out.append(String(character))
        case " ", "\t", "\r": end()
        default: token.append(character)
        }
      }
      end()
    }
    return out
  }
}
