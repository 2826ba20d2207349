import Coordinator
import Testing

@Suite struct FarmNamesTests {
  private let machine = ["192.0.2.7", "2001:db8::7", "box"]

  private func names(_ scheme: String, _ host: String, _ port: UInt16, _ given: [String] = []) -> FarmNames {
    FarmNames(scheme: scheme, host: host, port: port, given: given, machine: machine)
  }

  @Test func `a farm on every address goes by each of them`() {
    let names = names("https", "0.0.0.0", 8080)
    #expect(
      names.authorities == [
        "192.0.2.7:8080", "[2001:db8::7]:8080", "box:8080", "127.0.0.1:8080", "localhost:8080", "[::1]:8080",
      ])
    #expect(names.main == "192.0.2.7:8080")
    #expect(names.local == "127.0.0.1:8080")
    #expect(names.hosts == ["192.0.2.7", "2001:db8::7", "box", "127.0.0.1", "localhost", "::1"])
  }

  @Test func `a farm on one address goes by this and the machine's own names for itself`() {
    let names = names("http", "127.0.0.1", 7800)
    #expect(names.authorities == ["127.0.0.1:7800", "localhost:7800", "[::1]:7800"])
    #expect(names.main == "127.0.0.1:7800")
    #expect(self.names("http", "::1", 7800).main == "[::1]:7800")
  }

  @Test func `the scheme's own port is not spelled out`() {
    #expect(names("https", "Farm.Example", 443).main == "farm.example")
    #expect(names("http", "farm.example", 443).main == "farm.example:443")
    #expect(names("http", "farm.example", 80).authorities.contains("farm.example"))
  }

  @Test func `names that are given come first and are taken as they are`() {
    let names = names("http", "127.0.0.1", 8080, ["Farm.Example", "other.example:9000"])
    #expect(names.main == "farm.example")
    #expect(names.authorities.isSuperset(of: ["farm.example", "other.example:9000", "127.0.0.1:8080"]))
    #expect(names.hosts.starts(with: ["farm.example", "other.example"]))
  }

  @Test(arguments: [
    ("farm.example", true), ("farm.example:8080", true), ("[::1]:1", true), ("", false),
    ("https://a", false), ("a/b", false), ("a b", false), ("u@a", false),
  ])
  func `what is no name of a URL is told`(text: String, isName: Bool) {
    #expect((FarmNames.reason(against: text) == nil) == isName)
  }
}
