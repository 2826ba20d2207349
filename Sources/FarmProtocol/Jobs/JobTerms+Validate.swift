import Settlement

extension JobTerms {
  /// Refuses (`badRequest`) terms outside `Limits`, naming the field, its value and the bounds. Terms that
  /// pass have a tile grid and prices whose sums over the whole job cannot overflow.
  public func validate() throws(Refusal) {
    try check("widthPX", widthPX, 1, Limits.imageSidePXMax)
    try check("heightPX", heightPX, 1, Limits.imageSidePXMax)
    try check("tileSidePX", tileSidePX, Limits.tileSidePXMin, Limits.tileSidePXMax)
    guard tileSidePX.isMultiple(of: 4) else {
      throw .init(.badRequest, "tileSidePX is \(tileSidePX), which is not a multiple of 4")
    }
    try check("samplesPerPixel", samplesPerPixel, 1, Limits.samplesPerPixelMax)
    try check("maxDepth", maxDepth, 1, Limits.maxDepthMax)
    try check("framesPerSecond", framesPerSecond, 1, Limits.framesPerSecondMax)
    try checkPasses()
    try checkFrames()
    try checkPaths()
    try check("pricePerRay", pricePerRay.value, 0, Limits.tilePriceMax)
    try check("capPerTile", capPerTile.value, 0, Limits.tilePriceMax)
    if let strength = environmentStrength, !(strength.isFinite && strength >= 0) {
      throw .init(.badRequest, "environmentStrength is \(strength), it must be finite and not negative")
    }
    guard environmentRotationDeg.isFinite else {
      throw .init(.badRequest, "environmentRotationDeg is \(environmentRotationDeg), it must be finite")
    }
    try checkFilm()
  }

  private func checkPasses() throws(Refusal) {
    guard let passes else { return }
    guard hasSoundPasses else {
      throw .init(
        .badRequest,
        "passes are \(passes.prefix(JobTerms.passesMax)) for \(samplesPerPixel) samples a pixel",
        remedy: "name 2 to \(JobTerms.passesMax) passes of one sample or more, \(samplesPerPixel) together")
    }
    try check("tileSidePX of a job in passes", tileSidePX, Limits.tileSidePXMin, Limits.passTileSidePXMax)
  }

  private func checkFrames() throws(Refusal) {
    guard firstFrame >= 1, firstFrame <= lastFrame, lastFrame <= UInt32(Int32.max) else {
      throw .init(
        .badRequest, "frames \(firstFrame)-\(lastFrame) are no range", remedy: "frames count from 1")
    }
    try check("frame count", frameCount, 1, Limits.framesMax)
    guard tileCount <= Limits.tilesPerJobMax else {
      throw .init(
        .badRequest, "the job has \(tileCount) tiles, at most \(Limits.tilesPerJobMax) are allowed",
        remedy: "use larger tiles (tileSidePX is \(tileSidePX)) or split the frames over several jobs")
    }
  }

  private func checkPaths() throws(Refusal) {
    if let reason = BundlePath.check(sceneFile) {
      throw .init(.badRequest, "sceneFile \(sceneFile.debugDescription): \(reason)")
    }
    if !environmentFile.isEmpty, let reason = BundlePath.check(environmentFile) {
      throw .init(.badRequest, "environmentFile \(environmentFile.debugDescription): \(reason)")
    }
    guard camera.utf8.count <= Limits.pathBytesMax else {
      throw .init(
        .badRequest, "camera has \(camera.utf8.count) bytes, at most \(Limits.pathBytesMax) are allowed")
    }
  }

  private func check(
    _ name: String, _ value: some BinaryInteger, _ low: some BinaryInteger, _ high: some BinaryInteger
  ) throws(Refusal) {
    guard value >= low, value <= high else {
      throw .init(.badRequest, "\(name) is \(value), allowed is \(low) to \(high)")
    }
  }
}
