package node

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/fetch"
	"github.com/goparallel/goparallel/internal/parallel/userdir"
)

// Files go to a node once, and to its engines from there: first the hash of the content, which the node may have kept
// from another time, then the content in pieces.

// want asks for a file of the controller's machine.
type want struct {
	Number  uint64
	Path    string
	Content bool   // and not its hash alone
	Block   uint64 // the number of a value, where it is not a file; a piece of it
	From    int64  // where the piece begins
}

// piece is a part of the answer.
type piece struct {
	Number uint64
	Hash   [sha256.Size]byte // of all of it; the first piece has it
	Data   []byte
	Last   bool
	Err    string
}

// pieceSize is small enough for what else is to be sent.
const pieceSize = 1 << 20

// serve sends what a node wants, if it may have it.
func (n *Node) serve(w want) {
	if w.Block != 0 {
		n.serveBlock(w)
		return
	}
	fail := func(err error) { n.channel.send(order{Piece: &piece{Number: w.Number, Err: err.Error(), Last: true}}) }
	if n.code == nil {
		fail(backend.ErrNoCode)
		return
	}
	path, err := n.code.File(w.Path, n.Hello.Arch)
	if err != nil {
		fail(err)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		fail(err)
		return
	}
	defer f.Close()
	hash, err := hashOf(f)
	if err != nil {
		fail(err)
		return
	}
	n.channel.send(order{Piece: &piece{Number: w.Number, Hash: hash, Last: !w.Content}})
	for from := int64(0); w.Content; from += pieceSize {
		data := make([]byte, pieceSize)
		got, err := f.ReadAt(data, from)
		if err != nil && err != io.EOF {
			fail(err)
			return
		}
		n.channel.send(order{Piece: &piece{Number: w.Number, Data: data[:got], Last: got < pieceSize}})
		if got < pieceSize {
			return
		}
	}
}

// hashes are those of files that were served, for as long as they have this size and time.
var hashes sync.Map // hashed by path

type hashed struct {
	size int64
	time time.Time
	hash [sha256.Size]byte
}

// hashOf returns the hash of a file's content. Every node asks for it.
func hashOf(f *os.File) (hash [sha256.Size]byte, err error) {
	info, err := f.Stat()
	if err != nil {
		return hash, err
	}
	if known, ok := hashes.Load(f.Name()); ok {
		if h := known.(hashed); h.size == info.Size() && h.time.Equal(info.ModTime()) {
			return h.hash, nil
		}
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return hash, err
	}
	hash = [sha256.Size]byte(h.Sum(nil))
	hashes.Store(f.Name(), hashed{info.Size(), info.ModTime(), hash})
	return hash, nil
}

// files are what a node has of the controller's.
type files struct {
	channel *channel
	scratch string // a folder of this node's; its socket is there
	kept    string // where contents stay for other times, or scratch
	socket  net.Listener
	blocks  *blocks

	mu     sync.Mutex
	last   uint64
	coming map[string]*coming // contents, by hash
	asked  map[uint64]chan piece
	gone   bool
}

// coming is content that is on its way.
type coming struct {
	arrived chan struct{}
	err     error
}

// newFiles begins to answer engines.
func newFiles(c *channel) (*files, error) {
	const socket = "files"
	scratch, err := userdir.Temporary("goparallel-node-", socket)
	if err != nil {
		return nil, fmt.Errorf("no folder for what engines need; set TMPDIR to one that can be written: %w", err)
	}
	f := &files{channel: c, scratch: scratch, coming: map[string]*coming{}, asked: map[uint64]chan piece{}}
	if f.socket, err = net.Listen("unix", filepath.Join(scratch, socket)); err != nil {
		os.RemoveAll(scratch)
		return nil, err
	}
	f.kept = scratch
	if kept, err := userdir.Cache("files"); err == nil && os.MkdirAll(kept, 0o700) == nil {
		f.kept = kept
		f.forget()
	}
	f.blocks = &blocks{files: f, held: map[uint64]*held{}}
	go fetch.Serve(f.socket, f.get, f.blocks.get)
	return f, nil
}

// keptFor is how long contents stay after they were used last.
const keptFor = 30 * 24 * time.Hour

// forget removes what was not used for long.
func (f *files) forget() {
	entries, err := os.ReadDir(f.kept)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > keptFor {
			os.Remove(filepath.Join(f.kept, e.Name()))
		}
	}
}

// close ends all that waits, and removes the folder.
func (f *files) close() {
	f.socket.Close()
	f.blocks.close()
	f.mu.Lock()
	f.gone = true
	for _, c := range f.asked {
		close(c)
	}
	f.asked = nil
	f.mu.Unlock()
	os.RemoveAll(f.scratch)
}

// take passes on a piece to who waits for it.
func (f *files) take(p piece) {
	f.mu.Lock()
	c := f.asked[p.Number]
	if p.Last {
		delete(f.asked, p.Number)
	}
	f.mu.Unlock()
	if c != nil {
		c <- p
	}
}

// get returns where the content that a file of the controller's has now is here.
func (f *files) get(path string) (string, error) {
	var hash [sha256.Size]byte
	if err := f.ask(want{Path: path}, func(p piece) error { hash = p.Hash; return nil }); err != nil {
		return "", err
	}
	to := filepath.Join(f.kept, fmt.Sprintf("%x", hash))
	if _, err := userdir.Owned(to); err == nil {
		now := time.Now()
		os.Chtimes(to, now, now) // it is only forgotten the earlier where that fails
		return to, nil
	}
	f.mu.Lock()
	c := f.coming[to]
	first := c == nil
	if first {
		c = &coming{arrived: make(chan struct{})}
		f.coming[to] = c
	}
	f.mu.Unlock()
	if first { // others wait for it
		c.err = f.bring(path, hash, to)
		f.mu.Lock()
		delete(f.coming, to)
		f.mu.Unlock()
		close(c.arrived)
	}
	<-c.arrived
	return to, c.err
}

// ask sends a wish and calls each for the pieces of the answer.
func (f *files) ask(w want, each func(piece) error) error {
	c := make(chan piece, 4)
	f.mu.Lock()
	if f.gone {
		f.mu.Unlock()
		return errors.New("the node ends")
	}
	f.last++
	w.Number = f.last
	f.asked[w.Number] = c
	f.mu.Unlock()
	f.channel.send(news{Want: &w})
	var err error
	for p := range c {
		if p.Err != "" {
			err = errors.New(p.Err)
		} else if err == nil {
			err = each(p)
		}
		if p.Last {
			return err
		}
	}
	return errors.New("the controller is gone")
}

// bring fetches the content of a file.
func (f *files) bring(path string, hash [sha256.Size]byte, to string) error {
	out, err := os.CreateTemp(f.kept, "part-")
	if err != nil {
		return err
	}
	got := sha256.New()
	err = f.ask(want{Path: path, Content: true}, func(p piece) error {
		got.Write(p.Data)
		_, err := out.Write(p.Data)
		return err
	})
	err = errors.Join(err, out.Close())
	if err == nil && [sha256.Size]byte(got.Sum(nil)) != hash {
		err = errors.New("it has changed meanwhile")
	}
	if err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		os.Remove(out.Name())
	}
	return err
}
