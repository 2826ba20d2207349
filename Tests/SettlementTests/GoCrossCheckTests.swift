import Cryptography
import Foundation
import Settlement
import Testing

/// Our published logs, read by golang.org/x/mod/sumdb (note and tlog): the code that checks Go's own modules.
@Suite struct GoCrossCheckTests {
  static let isInstalled =
    Tool.exists("go")
    && FileManager.default.fileExists(atPath: "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")

  /// Opens the checkpoint, proves every record and the growth from the half by hashes from our tiles alone.
  static let program = #"""
    package main

    import (
      "encoding/base64"
      "encoding/binary"
      "fmt"
      "os"
      "path/filepath"
      "strconv"
      "strings"

      "golang.org/x/mod/sumdb/note"
      "golang.org/x/mod/sumdb/tlog"
    )

    func must(err error) {
      if err != nil {
        fmt.Println("FAIL", err)
        os.Exit(1)
      }
    }

    type reader struct{ dir string }

    func (reader) Height() int                      { return 8 }
    func (reader) SaveTiles([]tlog.Tile, [][]byte) {}
    func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
      var out [][]byte
      for _, t := range tiles {
        path := "tile/" + strings.TrimPrefix(t.Path(), "tile/8/")
        data, err := os.ReadFile(filepath.Join(r.dir, path))
        if err != nil {
          return nil, err
        }
        out = append(out, data)
      }
      return out, nil
    }

    func main() {
      dir, vkey := os.Args[1], os.Args[2]
      verifier, err := note.NewVerifier(vkey)
      must(err)
      signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
      must(err)
      n, err := note.Open(signed, note.VerifierList(verifier))
      must(err)
      lines := strings.Split(n.Text, "\n")
      size, err := strconv.ParseInt(lines[1], 10, 64)
      must(err)
      root, err := base64.StdEncoding.DecodeString(lines[2])
      must(err)
      var tree tlog.Tree
      tree.N = size
      copy(tree.Hash[:], root)
      hashes := tlog.TileHashReader(tree, reader{dir})
      for start := int64(0); start < size; start += 256 {
        tile := tlog.Tile{H: 8, L: 0, N: start / 256, W: 256}
        if size-start < 256 {
          tile.W = int(size - start)
        }
        path := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/0/")
        data, err := os.ReadFile(filepath.Join(dir, path))
        must(err)
        for i := start; i < start+int64(tile.W); i++ {
          length := int(binary.BigEndian.Uint16(data))
          entry := data[2 : 2+length]
          data = data[2+length:]
          if size > 2000 && i%997 != 0 && i != size-1 {
            continue
          }
          proof, err := tlog.ProveRecord(size, i, hashes)
          must(err)
          must(tlog.CheckRecord(proof, size, tree.Hash, i, tlog.RecordHash(entry)))
        }
      }
      if half := size / 2; half > 0 {
        old, err := tlog.TreeHash(half, hashes)
        must(err)
        proof, err := tlog.ProveTree(size, half, hashes)
        must(err)
        must(tlog.CheckTree(proof, size, tree.Hash, half, old))
        fmt.Printf("%x\n", old[:])
      }
      fmt.Println("ok", size)
    }
    """#

  @Test(
    .enabled(if: isInstalled, "Go and golang-golang-x-mod-dev are not installed"),
    arguments: [1, 255, 256, 257, 700, 65_537])
  func `golang.org x mod proves every record and every growth from our tiles`(size: Int) throws {
    let entries = (0..<size).map { Array("entry \($0)".utf8) }
    let directory = try Tool.directory()
    try Tool.write(LogDirectoryTests.published(entries), to: directory)
    let source = try Tool.file(named: "main.go", Self.program)
    let key = try #require(
      VerifierKey(name: LogDirectoryTests.origin, publicKey: LogDirectoryTests.logKey.publicKey))
    let run = {
      try Tool.run(
        "go", ["run", source, directory.path, key.description],
        environment: ["GO111MODULE": "off", "GOPATH": "/usr/share/gocode"])
    }
    let right = try run()
    #expect(right.status == 0 && right.output.contains("ok \(size)\n"), "\(right.output)")
    if size > 1 {
      let log = TransparencyLog(leafHashes: entries.map { MerkleTree.leafHash($0) })
      #expect(right.output.contains(log.root(at: UInt64(size / 2)).hex))
    }
    if size == 700 {
      try Data(try Data(contentsOf: directory.appendingPathComponent("tile/0/001")).reversed())
        .write(to: directory.appendingPathComponent("tile/0/001"))
      #expect(try run().output.contains("FAIL"))
    }
    try FileManager.default.removeItem(at: directory)
  }
}
