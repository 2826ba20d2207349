/// What is going to happen, by time, and at one time in the order it was entered: a binary heap.
struct EventQueue<Event> {
  private struct Entry {
    let timeMS: UInt64
    let sequence: UInt64
    let event: Event

    func comesBefore(_ other: Entry) -> Bool {
      (timeMS, sequence) < (other.timeMS, other.sequence)
    }
  }

  private var heap: [Entry] = []
  private var sequence: UInt64 = 0

  var count: Int { heap.count }
  /// When the next event is due.
  var nextMS: UInt64? { heap.first?.timeMS }

  mutating func add(_ event: Event, atMS timeMS: UInt64) {
    heap.append(Entry(timeMS: timeMS, sequence: sequence, event: event))
    sequence += 1
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].comesBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func next() -> (timeMS: UInt64, event: Event)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.timeMS, first.event)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].comesBefore(heap[least]) { least = child }
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
