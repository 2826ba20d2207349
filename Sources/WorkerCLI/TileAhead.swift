import FarmProtocol
import Imaging
import Render
import Settlement

/// A tile's samples on their way, taken in a task of its own: while a tile is compressed and sent, a fast
/// device would stand still for as long as it rendered it.
struct TileAhead {
  /// Which.
  let tile: TileIndex
  private let task: Task<Result<SampleSums, DeviceError>, Never>

  /// Begins with the tile at that place of the frame that the renderer holds.
  init(_ tile: TileIndex, at place: TilePlace, _ loaded: TileServer.Loaded, with renderer: FittingRenderer) {
    self.tile = tile
    // It is the task's until that has ended, for which its owner waits before anything else.
    nonisolated(unsafe) let renderer = renderer
    let (samples, settings) = (loaded.terms.samples(ofPass: place.pass), loaded.settings)
    task = Task.detached {
      Result { () throws(DeviceError) in
        try renderer.render(rect: place.rect, samples: samples, settings: settings)
      }
    }
  }

  /// Waits for its end.
  func outcome() async -> Result<SampleSums, DeviceError> { await task.value }

  /// Ends it with the launch that is under way, and waits for that.
  func stop() async {
    task.cancel()
    _ = await task.value
  }
}
