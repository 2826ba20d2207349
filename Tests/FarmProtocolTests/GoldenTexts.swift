/// The messages of version 1 as they travel. A change here breaks every program of that version.
enum GoldenTexts {
  static let small: [String: String] = [
    "FarmInfo": #"""
    {"coordinator":"8a875fff1eb38451577acd5afee405456568dd7c89e090863a0557bc7af49f17",\#
    "kernelSet":"0202020202020202020202020202020202020202020202020202020202020202",\#
    "logOrigin":"farm.example/log","logVerifierKey":"farm.example/log+12345678+AQID","pricePerRay":2,\#
    "protocolVersion":1,"workersOnline":3}
    """#,
    "JoinRequest": #"""
    {"device":{"computeUnits":2,"driver":"3.1","id":"0.0","name":"pthread-cpu",\#
    "platform":"Portable Computing Language"},\#
    "kernelSet":"0000000000000000000000000000000000000000000000000000000000000000","name":"w",\#
    "protocolVersion":1}
    """#,
    "JoinReply": #"""
    {"farm":{"coordinator":"8a875fff1eb38451577acd5afee405456568dd7c89e090863a0557bc7af49f17",\#
    "kernelSet":"0202020202020202020202020202020202020202020202020202020202020202",\#
    "logOrigin":"farm.example/log","logVerifierKey":"farm.example/log+12345678+AQID","pricePerRay":2,\#
    "protocolVersion":1,"workersOnline":3},"heartbeatMS":4000,"tilesVerified":12}
    """#,
    "Heartbeat": #"""
    {"fences":[99],"released":[98]}
    """#,
    "HeartbeatReply": #"""
    {"lost":[97]}
    """#,
    "Heartbeat.failed": #"""
    {"failures":[{"fence":98,"reason":"no space"}],"fences":[99],"released":[98]}
    """#,
    "HeartbeatReply.taken": #"""
    {"lost":[97],"taken":[{"fence":96,"tiles":[4,5]}]}
    """#,
    "Quote": #"""
    {"capPerTile":50,"durationMS":{"high":9,"likely":8,"low":7},"framesSampled":2,\#
    "issuedMS":1800000000000,"job":"0404040404040404040404040404040404040404040404040404040404040404",\#
    "pixelsSampled":300,"price":{"high":6,"likely":5,"low":4},"reservation":900,\#
    "validUntilMS":1800003600000,"work":{"high":3,"likely":2,"low":1},"workersOnline":3}
    """#,
    "UploadStatus": #"""
    {"bytes":5,"digest":"0000000000000000000000000000000000000000000000000000000000000000","isStored":false}
    """#,
    "ResultReceipt": #"""
    {"alreadyAccepted":false,"logIndex":5}
    """#,
    "JobList": #"""
    {"jobs":[]}
    """#,
    "BlobList": #"""
    {"digests":["0000000000000000000000000000000000000000000000000000000000000000"]}
    """#,
    "AccountStatement": #"""
    {"balances":{"submitter":5},\#
    "key":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c","lines":[{"amount":5,\#
    "cause":"deposit","credit":"submitter","debit":"custody","logIndex":4,"state":"posted",\#
    "timeMS":1800000000000}],"pending":{"submitter":-1}}
    """#,
    "DepositRequest": #"""
    {"account":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c","amount":5,\#
    "reference":"0000000000000000000000000000000000000000000000000000000000000000"}
    """#,
    "JobFilm": #"""
    {"exposureEV":-1.5,"filter":1,"layers":5,"lens":{"apertureRadius":0.5,"focusDistance":3},"view":2}
    """#,
    "JobFilm.plain": #"""
    {"exposureEV":0,"filter":0,"layers":0,"view":4}
    """#,
    "Refusal": #"""
    {"code":"stale_lease","message":"lease 4 is over","remedy":"ask for another"}
    """#,
  ]

  static let large: [String: String] = [
    "LeaseRequest": #"""
    {"residentFrame":3,\#
    "residentJob":"d7e88c51e37755ac9c4be09bb8b34a25743d9365f86a363f529ae76085c74291"}
    """#,
    "LeaseRequest.idle": #"""
    {}
    """#,
    "LeaseRequest.offer": #"""
    {"offer":{"device":"0.1","memoryBytesMax":8000000000,"pricePerRayMin":3,"raysPerS":7000000}}
    """#,
    "LeaseReply": #"""
    {"lease":{"assignments":[{"record":{"attempt":1,"deadlineMS":1800000000000,"fence":99,\#
    "job":"d7e88c51e37755ac9c4be09bb8b34a25743d9365f86a363f529ae76085c74291","reservedAt":17,"tile":4,\#
    "worker":"1398f62c6d1a457c51ba6a4b5f3dbd2f69fca93216218dc8997e416bd17d93ca"},\#
    "signature":"9441197eefa78aac5e04bd7f1da1d4ac8710f404e0be5f94bcada2c8e0129f34ea72c9129bfdd512f03295a53\#
    0bef6dc9d5248c3d992688dc2f0c77c6809260b"}],\#
    "fence":99,"frame":3,"job":"d7e88c51e37755ac9c4be09bb8b34a25743d9365f86a363f529ae76085c74291",\#
    "manifest":{"files":[{"bytes":2000,\#
    "digest":"0404040404040404040404040404040404040404040404040404040404040404",\#
    "path":"scenes/walk.gltf"},{"bytes":1000,\#
    "digest":"0505050505050505050505050505050505050505050505050505050505050505","path":"sky.hdr"}]},\#
    "terms":{"background":0,\#
    "bundle":"0101010101010101010101010101010101010101010101010101010101010101","camera":"Camera",\#
    "capPerTile":5000000,"environmentFile":"sky.hdr","environmentRotationDeg":12.5,\#
    "environmentStrength":0.1,"firstFrame":3,"framesPerSecond":24,"heightPX":50,\#
    "kernelSet":"0202020202020202020202020202020202020202020202020202020202020202","lastFrame":5,\#
    "maxDepth":8,"nonce":"0303030303030303030303030303030303030303030303030303030303030303",\#
    "pricePerRay":2,"samplesPerPixel":64,"sceneFile":"scenes/walk.gltf",\#
    "submitter":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c","tileSidePX":32,\#
    "widthPX":100}},"retryAfterMS":0}
    """#,
    "LeaseReply.none": #"""
    {"retryAfterMS":500}
    """#,
    "SubmitRequest": #"""
    {"budget":9,"manifest":{"files":[{"bytes":2000,\#
    "digest":"0404040404040404040404040404040404040404040404040404040404040404",\#
    "path":"scenes/walk.gltf"},{"bytes":1000,\#
    "digest":"0505050505050505050505050505050505050505050505050505050505050505","path":"sky.hdr"}]},\#
    "terms":{"background":0,\#
    "bundle":"0101010101010101010101010101010101010101010101010101010101010101","camera":"Camera",\#
    "capPerTile":5000000,"environmentFile":"sky.hdr","environmentRotationDeg":12.5,\#
    "environmentStrength":0.1,"firstFrame":3,"framesPerSecond":24,"heightPX":50,\#
    "kernelSet":"0202020202020202020202020202020202020202020202020202020202020202","lastFrame":5,\#
    "maxDepth":8,"nonce":"0303030303030303030303030303030303030303030303030303030303030303",\#
    "pricePerRay":2,"samplesPerPixel":64,"sceneFile":"scenes/walk.gltf",\#
    "submitter":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c","tileSidePX":32,\#
    "widthPX":100}}
    """#,
    "JobStatus": #"""
    {"budget":10000000,"framesDone":[3],\#
    "id":"d7e88c51e37755ac9c4be09bb8b34a25743d9365f86a363f529ae76085c74291","probeWork":7,"reason":"",\#
    "spent":123,"state":"running","submittedMS":1800000000000,"terms":{"background":0,\#
    "bundle":"0101010101010101010101010101010101010101010101010101010101010101","camera":"Camera",\#
    "capPerTile":5000000,"environmentFile":"sky.hdr","environmentRotationDeg":12.5,\#
    "environmentStrength":0.1,"firstFrame":3,"framesPerSecond":24,"heightPX":50,\#
    "kernelSet":"0202020202020202020202020202020202020202020202020202020202020202","lastFrame":5,\#
    "maxDepth":8,"nonce":"0303030303030303030303030303030303030303030303030303030303030303",\#
    "pricePerRay":2,"samplesPerPixel":64,"sceneFile":"scenes/walk.gltf",\#
    "submitter":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c","tileSidePX":32,\#
    "widthPX":100},"tileCount":24,"tilesLeased":4,"tilesPending":2,"tilesVerified":9,"tilesVoided":1,\#
    "work":456}
    """#,
    "RendererRequest.describe": #"""
    {"describe":{}}
    """#,
    "RendererRequest.load": #"""
    {"load":{"_0":{"files":{"scenes/walk.gltf":"/var/blobs/04"},"frame":3,"terms":{"background":0,\#
    "bundle":"0101010101010101010101010101010101010101010101010101010101010101","camera":"Camera",\#
    "capPerTile":5000000,"environmentFile":"sky.hdr","environmentRotationDeg":12.5,\#
    "environmentStrength":0.1,"firstFrame":3,"framesPerSecond":24,"heightPX":50,\#
    "kernelSet":"0202020202020202020202020202020202020202020202020202020202020202","lastFrame":5,\#
    "maxDepth":8,"nonce":"0303030303030303030303030303030303030303030303030303030303030303",\#
    "pricePerRay":2,"samplesPerPixel":64,"sceneFile":"scenes/walk.gltf",\#
    "submitter":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c","tileSidePX":32,\#
    "widthPX":100}}}}
    """#,
    "RendererRequest.render": #"""
    {"render":{"ahead":5,"attempt":1,"rect":{"height":16,"width":32,"x":32,"y":16},"tile":4}}
    """#,
    "RendererRequest.probe": #"""
    {"probe":{"pass":0,"pixels":[{"x":1,"y":2}]}}
    """#,
    "RendererRequest.benchmark": #"""
    {"benchmark":{}}
    """#,
    "RendererRequest.unload": #"""
    {"unload":{}}
    """#,
    "RendererReply.unloaded": #"""
    {"unloaded":{}}
    """#,
    "RendererReply.benchmarked": #"""
    {"benchmarked":{"raysPerS":7000000}}
    """#,
    "RendererReply.described": #"""
    {"described":{"device":{"computeUnits":2,"driver":"3.1","id":"0.0","name":"pthread-cpu",\#
    "platform":"Portable Computing Language"},\#
    "kernelSet":"0000000000000000000000000000000000000000000000000000000000000000"}}
    """#,
    "RendererReply.loaded": #"""
    {"loaded":{"deviceScene":"0000000000000000000000000000000000000000000000000000000000000000"}}
    """#,
    "RendererReply.rendered": #"""
    {"rendered":{"pixelCount":512,\#
    "root":"0000000000000000000000000000000000000000000000000000000000000000","work":9}}
    """#,
    "RendererReply.probed": #"""
    {"probed":{"pixels":[{"rgbaHalfBits":[1,2,3,65535],"work":9}]}}
    """#,
    "RendererReply.failed": #"""
    {"failed":{"_0":{"code":"scene_invalid","message":"no camera","remedy":""}}}
    """#,
  ]
}
