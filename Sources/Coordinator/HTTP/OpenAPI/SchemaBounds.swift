import FarmProtocol
import Imaging
import Settlement

/// What `Limits` allows, for schemas: the bounds that `validate` checks, by message and property.
enum SchemaBounds {
  static let table: [String: [String: [String: JSONValue]]] = [
    "JobTerms": [
      "widthPX": range(1, Limits.imageSidePXMax), "heightPX": range(1, Limits.imageSidePXMax),
      "tileSidePX": range(Limits.tileSidePXMin, Limits.tileSidePXMax).merging(["multipleOf": 4]) { $1 },
      "samplesPerPixel": range(1, Limits.samplesPerPixelMax), "maxDepth": range(1, Limits.maxDepthMax),
      "framesPerSecond": range(1, Limits.framesPerSecondMax), "firstFrame": range(1, Int(Int32.max)),
      "lastFrame": range(1, Int(Int32.max)), "sceneFile": text(Limits.pathBytesMax, atLeast: 1),
      "environmentFile": text(Limits.pathBytesMax), "camera": text(Limits.pathBytesMax),
      "pricePerRay": range(0, Int(Limits.tilePriceMax)), "capPerTile": range(0, Int(Limits.tilePriceMax)),
      "passes": ["minItems": 2, "maxItems": .integer(Int64(JobTerms.passesMax))],
    ],
    "JobFilm": [
      "layers": range(0, Int(LayerSet.all.rawValue)),
      "exposureEV": range(-Int(Limits.exposureEVMax), Int(Limits.exposureEVMax)),
    ],
    "JobFilm.Lens": [
      "apertureRadius": range(0, Int(Limits.lensMetresMax)),
      "focusDistance": ["exclusiveMinimum": 0, "maximum": .integer(Int64(Limits.lensMetresMax))],
    ],
    "SubmitRequest": [
      "budget": range(0, Int(Limits.amountMax)),
      "priority": range(Limits.priorities.lowerBound, Limits.priorities.upperBound),
    ],
    "QuoteRequest": ["budget": range(0, Int(Limits.amountMax))],
    "BundleManifest": ["files": ["minItems": 1, "maxItems": .integer(Int64(Limits.bundleFilesMax))]],
    "BundleManifest.File": [
      "path": text(Limits.pathBytesMax, atLeast: 1), "bytes": range(0, Limits.blobBytesMax),
    ],
    "DepositRequest": ["amount": range(0, Int(Limits.amountMax))],
    "JoinRequest": ["name": text(Limits.nameBytesMax)],
    "TokenRequest": ["name": text(Limits.nameBytesMax)],
  ]

  private static func range(_ low: Int, _ high: Int) -> [String: JSONValue] {
    ["minimum": .integer(Int64(low)), "maximum": .integer(Int64(high))]
  }

  /// In characters, which are at most as many as the bytes that are counted.
  private static func text(_ bytesMax: Int, atLeast: Int = 0) -> [String: JSONValue] {
    ["minLength": .integer(Int64(atLeast)), "maxLength": .integer(Int64(bytesMax))]
  }
}
