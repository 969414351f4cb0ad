// Reads a whole log as a monitor would and checks everything with Go's own packages: the note with sumdb/note, tiles,
// leaves and proofs with sumdb/tlog. Knows nothing of the node but the C2SP formats.
//
//	reader -vkey NAME+ID+KEY URL      over HTTP, gzip where it is offered
//	reader -vkey NAME+ID+KEY FOLDER   the same paths as files
//
// Prints a JSON summary; anything that does not fit ends it with an error and exit code 1.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// Tiles of C2SP tlog-tiles have eight levels; x/mod's may have others and carry the number in their paths.
	height = 8
	width  = 1 << height
	// The largest full bundle: 256 entries of 65,535 bytes, each with its length.
	answerMax = width * (1<<16 + 1)
)

// What is printed in the end.
type summary struct {
	Origin        string `json:"origin"`
	Size          int64  `json:"size"`
	Root          string `json:"root"`
	Signatures    int    `json:"signatures"`
	Unverified    int    `json:"unverified"`
	Tiles         int    `json:"tiles"`
	Levels        int    `json:"levels"`
	Bundles       int    `json:"bundles"`
	Compressed    int    `json:"compressed"`
	Leaves        int64  `json:"leaves"`
	Inclusion     int    `json:"inclusion"`
	Consistency   int    `json:"consistency"`
	RefusedProofs int    `json:"refused_proofs"`
}

// Where a log's files come from.
type source struct {
	base string
	sum  *summary
}

var errNotThere = errors.New("not there")

// get reads one file. Only bundles may come compressed, everything must come with its content type.
func (s *source) get(path string) ([]byte, error) {
	if !strings.HasPrefix(s.base, "http") {
		data, err := os.ReadFile(filepath.Join(s.base, filepath.FromSlash(path)))
		if errors.Is(err, os.ErrNotExist) {
			return nil, errNotThere
		}
		return data, err
	}
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Get(strings.TrimSuffix(s.base, "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil, errNotThere
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	want := "application/octet-stream"
	if path == "checkpoint" {
		want = "text/plain; charset=utf-8"
	}
	if kind := response.Header.Get("Content-Type"); kind != want {
		return nil, fmt.Errorf("%s: content type %q", path, kind)
	}
	if response.Uncompressed {
		if !strings.HasPrefix(path, "tile/entries/") {
			return nil, fmt.Errorf("%s: compressed", path)
		}
		s.sum.Compressed++
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, answerMax+1))
	if err == nil && len(data) > answerMax {
		err = fmt.Errorf("%s: more than %d bytes", path, answerMax)
	}
	return data, err
}

// c2sp is x/mod's path of a tile without the height: tile/8/0/000 is tile/0/000.
func c2sp(t tlog.Tile) string {
	return strings.Replace(t.Path(), fmt.Sprintf("tile/%d/", t.H), "tile/", 1)
}

// tiles implements tlog.TileReader.
type tiles struct {
	*source
	verified map[tlog.Tile][]byte
}

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		if data, ok := t.verified[tile]; ok {
			found[i] = data
			continue
		}
		data, err := t.get(c2sp(tile))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c2sp(tile), err)
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes", c2sp(tile), len(data))
		}
		found[i] = data
	}
	return found, nil
}

// SaveTiles is told what has been checked against the root.
func (t *tiles) SaveTiles(read []tlog.Tile, data [][]byte) {
	for i, tile := range read {
		if _, ok := t.verified[tile]; !ok {
			t.sum.Tiles++
		}
		t.verified[tile] = data[i]
		if tile.L+1 > t.sum.Levels {
			t.sum.Levels = tile.L + 1
		}
	}
}

// stored is a tree in memory, made of leaves alone.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("hash %d of %d", index, len(s))
		}
		found[i] = s[index]
	}
	return found, nil
}

// checkpoint opens the note and reads its three lines.
func checkpoint(src *source, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	data, err := src.get("checkpoint")
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("checkpoint of %d lines", len(lines)-1)
	}
	if lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("checkpoint of %q", lines[0])
	}
	// x/mod reads the same two lines under its own first one.
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + "\n" + lines[2] + "\n"))
	if err != nil {
		return tlog.Tree{}, err
	}
	src.sum.Origin, src.sum.Size, src.sum.Root = lines[0], tree.N, tree.Hash.String()
	src.sum.Signatures, src.sum.Unverified = len(opened.Sigs), len(opened.UnverifiedSigs)
	return tree, nil
}

// entries splits a bundle.
func entries(data []byte, count int) ([][]byte, error) {
	var found [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("cut bundle")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		found = append(found, data[2:end])
		data = data[end:]
	}
	if len(found) != count {
		return nil, fmt.Errorf("bundle of %d entries, not %d", len(found), count)
	}
	return found, nil
}

// leaves reads every bundle and compares each entry's hash with the leaf hash in the verified tiles. Returns the tree
// over the entries.
func leaves(src *source, tree tlog.Tree, hashes tlog.HashReader) (stored, error) {
	var own stored
	for n := int64(0); n*width < tree.N; n++ {
		bundle := tlog.Tile{H: height, L: 0, N: n, W: width}
		if rest := tree.N - n*width; rest < width {
			bundle.W = int(rest)
		}
		path := strings.Replace(c2sp(bundle), "tile/0/", "tile/entries/", 1)
		data, err := src.get(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found, err := entries(data, bundle.W)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		indexes := make([]int64, len(found))
		for i := range found {
			indexes[i] = tlog.StoredHashIndex(0, n*width+int64(i))
		}
		wanted, err := hashes.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		for i, entry := range found {
			hash := tlog.RecordHash(entry)
			if hash != wanted[i] {
				return nil, fmt.Errorf("%s: entry %d is not the leaf in the tiles", path, i)
			}
			more, err := tlog.StoredHashesForRecordHash(n*width+int64(i), hash, own)
			if err != nil {
				return nil, err
			}
			own = append(own, more...)
			src.sum.Leaves++
		}
		src.sum.Bundles++
	}
	root, err := tlog.TreeHash(tree.N, own)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, errors.New("the entries give another root")
	}
	return own, nil
}

// places are the indexes and sizes to prove: ends, powers of two with their neighbours, some between.
func places(size int64) []int64 {
	var found []int64
	last := int64(-1)
	add := func(n int64) {
		if n > last && n < size {
			found = append(found, n)
			last = n
		}
	}
	add(0)
	for power := int64(1); power < size; power *= 2 {
		add(power - 1)
		add(power)
		add(power + 1)
		add(power + power/3)
	}
	add(size - 1)
	return found
}

// proofs makes proofs from the tiles, checks them, and checks that a spoiled one is refused.
func proofs(sum *summary, tree tlog.Tree, hashes tlog.HashReader, own stored) error {
	for _, n := range places(tree.N) {
		leaf := own[tlog.StoredHashIndex(0, n)]
		proof, err := tlog.ProveRecord(tree.N, n, hashes)
		if err != nil {
			return fmt.Errorf("proof of entry %d: %w", n, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf); err != nil {
			return fmt.Errorf("proof of entry %d: %w", n, err)
		}
		sum.Inclusion++
		if len(proof) > 0 {
			proof[len(proof)/2][0] ^= 1
			if tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf) == nil {
				return fmt.Errorf("a spoiled proof of entry %d passes", n)
			}
			sum.RefusedProofs++
		}

		old := n + 1
		root, err := tlog.TreeHash(old, own)
		if err != nil {
			return err
		}
		change, err := tlog.ProveTree(tree.N, old, hashes)
		if err != nil {
			return fmt.Errorf("proof from size %d: %w", old, err)
		}
		if err := tlog.CheckTree(change, tree.N, tree.Hash, old, root); err != nil {
			return fmt.Errorf("proof from size %d: %w", old, err)
		}
		sum.Consistency++
		if len(change) > 0 {
			change[len(change)/2][0] ^= 1
			if tlog.CheckTree(change, tree.N, tree.Hash, old, root) == nil {
				return fmt.Errorf("a spoiled proof from size %d passes", old)
			}
			sum.RefusedProofs++
		}
	}
	return nil
}

func run(base, vkey string) (*summary, error) {
	sum := &summary{}
	src := &source{base: base, sum: sum}
	tree, err := checkpoint(src, vkey)
	if err != nil {
		return nil, err
	}
	if tree.N == 0 {
		// x/mod of this age knows no tree of nothing; only the root can be wrong.
		if tree.Hash != sha256.Sum256(nil) {
			return nil, errors.New("the empty tree has another root")
		}
		return sum, nil
	}
	hashes := tlog.TileHashReader(tree, &tiles{source: src, verified: map[tlog.Tile][]byte{}})
	own, err := leaves(src, tree, hashes)
	if err != nil {
		return nil, err
	}
	return sum, proofs(sum, tree, hashes, own)
}

func main() {
	vkey := flag.String("vkey", "", "the log's verifier key")
	flag.Parse()
	sum, err := run(flag.Arg(0), *vkey)
	if err != nil {
		fmt.Fprintln(os.Stderr, "reader:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(sum); err != nil {
		os.Exit(1)
	}
}
