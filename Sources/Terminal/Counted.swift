/// So many of something, as a sentence has it: "1 worker", "2 workers".
package func counted(_ count: some BinaryInteger, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
