import FarmProtocol
import Foundation
import Testing

/// Bearer tokens by the command line and plain curl, as docs/PROTOCOL.md shows.
@Suite(.serialized)
struct TokenCommandTests {
  private static let hasCurl = FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")

  private func documentedScript() throws -> String {
    let text = try String(
      contentsOf: Programs.root.appendingPathComponent("docs/PROTOCOL.md"), encoding: .utf8)
    let blocks = text.components(separatedBy: "```")
    return String(
      try #require(blocks.first { $0.hasPrefix("sh\n") && $0.contains("token create") }).dropFirst(3))
  }

  @Test(.enabled(if: hasCurl, "curl is not installed"))
  func `documented calls with a token are let in as far as it reaches`() async throws {
    let farm = try await Farm()
    let script = try documentedScript().replacing("http://127.0.0.1:8080", with: farm.url).replacing(
      "curl ", with: "curl -sS ")
    let environment = [
      "PATH": "\(Programs.folder.path):/usr/bin:/bin", "RENDER_COORDINATOR": farm.url,
      "XDG_CONFIG_HOME": farm.folder.path,
    ]
    let outcome = try Shell.run(script + "\necho; echo \"$token\"", environment: environment)
    #expect(outcome.output.hasPrefix("{\"jobs\":[]}"), "\(outcome.output) \(outcome.notes)")
    let secret = outcome.lastLine
    let refused = try Shell.run(
      "curl -sS -X POST -H 'Authorization: Bearer \(secret)' -d '{}' \(farm.url)\(Routes.jobs)",
      environment: environment)
    #expect(refused.output.contains("\"forbidden\""), "\(refused.output)")
    let list = try Shell.run("render token list --json", environment: environment)
    #expect(list.output.contains("nightly report") && !list.output.contains(secret))
    #expect(try Shell.run("render token revoke 'nightly report'", environment: environment).exit == 0)
    let after = try Shell.run(
      "curl -sS -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer \(secret)' "
        + farm.url + Routes.jobs, environment: environment)
    #expect(after.output == "401")
  }
}
