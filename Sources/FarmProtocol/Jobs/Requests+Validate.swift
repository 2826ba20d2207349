import Settlement

extension SubmitRequest {
  /// Refuses terms or a manifest outside the limits, a manifest other than the terms', files that the terms
  /// name and the bundle lacks, a budget outside 0 to `Limits.amountMax`, and a priority outside
  /// `Limits.priorities`.
  public func validate() throws(Refusal) {
    try checkBundle(terms, manifest)
    try checkAmount("budget", budget)
    if let priority, !Limits.priorities.contains(priority) {
      let (low, high) = (Limits.priorities.lowerBound, Limits.priorities.upperBound)
      throw .init(.badRequest, "priority is \(priority), allowed is \(low) to \(high)")
    }
  }
}

extension QuoteRequest {
  /// Refuses what `SubmitRequest.validate` refuses.
  public func validate() throws(Refusal) {
    try checkBundle(terms, manifest)
    if let budget { try checkAmount("budget", budget) }
  }
}

private func checkBundle(_ terms: JobTerms, _ manifest: BundleManifest) throws(Refusal) {
  try terms.validate()
  try manifest.validate()
  guard manifest.digest == terms.bundle else {
    throw .init(
      .bundleInvalid,
      "the manifest's digest is \(manifest.digest.short), the terms name \(terms.bundle.short)")
  }
  for path in [terms.sceneFile, terms.environmentFile] where !path.isEmpty {
    guard manifest.files.contains(where: { $0.path == path }) else {
      throw .init(.bundleInvalid, "the bundle has no file \"\(path)\"")
    }
  }
}

extension DepositRequest {
  /// Refuses an amount outside 0 to `Limits.amountMax`.
  public func validate() throws(Refusal) { try checkAmount("amount", amount) }
}

extension JoinRequest {
  /// Refuses another protocol version (`unsupportedVersion`), and names and texts that are too long.
  public func validate() throws(Refusal) {
    guard protocolVersion == Limits.protocolVersion else {
      throw .init(
        .unsupportedVersion,
        "the worker speaks protocol \(protocolVersion), this farm speaks \(Limits.protocolVersion)",
        remedy: "use a worker of the farm's version")
    }
    try checkText("name", name, bytesMax: Limits.nameBytesMax)
    let texts = [device.id, device.name, device.platform, device.driver]
    for (field, text) in zip(["device.id", "device.name", "device.platform", "device.driver"], texts) {
      try checkText(field, text, bytesMax: Limits.pathBytesMax)
    }
  }
}

extension LeaseRequest {
  /// Refuses a device's name that is too long, and a negative price.
  public func validate() throws(Refusal) {
    guard let offer else { return }
    try checkText("offer.device", offer.device, bytesMax: Limits.nameBytesMax)
    if let price = offer.pricePerRayMin { try checkAmount("offer.pricePerRayMin", price) }
  }
}

private func checkAmount(_ name: String, _ amount: Microcredits) throws(Refusal) {
  guard amount >= .zero, amount.value <= Limits.amountMax else {
    throw .init(.badRequest, "\(name) is \(amount.value) microcredits, allowed is 0 to \(Limits.amountMax)")
  }
}

func checkText(_ field: String, _ text: String, bytesMax: Int) throws(Refusal) {
  guard text.utf8.count <= bytesMax else {
    throw .init(.badRequest, "\(field) has \(text.utf8.count) bytes, at most \(bytesMax) are allowed")
  }
  guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
    throw .init(.badRequest, "\(field) has a control character")
  }
}
