package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// openFiles counts the open descriptors of shared memory.
func openFiles(t testing.TB) (n int) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if to, _ := os.Readlink("/proc/self/fd/" + entry.Name()); strings.HasPrefix(to, "/memfd:") {
			n++
		}
	}
	return n
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

func numbered(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func TestBlocksArriveByEitherWay(t *testing.T) {
	before := openFiles(t)
	c, e := pair(t)
	sizes := []int{1, 40_000, memory.Shared, 3 << 20, 100, 1<<20 + 1}
	go c.Recv() // takes what is given back
	for round := range 3 {
		m := Message{Envelope: Envelope{Kind: Frame, Call: uint64(round)}, Payload: []byte("payload")}
		for _, size := range sizes {
			m.Blocks = append(m.Blocks, memory.Of(numbered(size)))
		}
		sent := make(chan error)
		go func() { sent <- errors.Join(c.Send(&m), c.Flush()) }()
		got, err := e.Recv()
		if err != nil || <-sent != nil {
			t.Fatal(err)
		}
		if got.Envelope != m.Envelope || string(got.Payload) != "payload" || got.Size() != m.Size() {
			t.Fatalf("%+v", got)
		}
		for i, b := range got.Blocks {
			view, err := b.View()
			if err != nil || !bytes.Equal(view, numbered(sizes[i])) {
				t.Fatalf("block %d: %v", i, err)
			}
		}
		if _, used := c.Pool().Held(); used < 4<<20 {
			t.Error("large blocks did not go through shared memory:", used)
		}
		got.Drop()
		eventually(t, "the segments to be given back", func() bool { _, used := c.Pool().Held(); return used == 0 })
		if all, _ := c.Pool().Held(); all > 6<<20 {
			t.Error("segments are not used again:", all)
		}
	}
	e.Close()
	c.Close()
	e.Recv() // an error, after which nothing is left
	c.Pool().Close()
	eventually(t, "the files to be closed", func() bool { return openFiles(t) <= before }) // fewer where an earlier test left some to the collector
}

// TestAPeerThatDiesGivesEverythingBack: its segments and those that it was lent.
func TestAPeerThatDiesGivesEverythingBack(t *testing.T) {
	before := openFiles(t)
	c, e := pair(t)
	go e.Recv()
	if err := c.Send(&Message{Envelope: Envelope{Kind: Frame}, Blocks: []*memory.Block{memory.Of(numbered(1 << 20))}}); err != nil {
		t.Fatal(err)
	}
	c.Flush()
	e.conn.Conn.Close()
	c.Recv()
	c.Close()
	e.Close()
	if all, used := c.Pool().Held(); used != 0 || all != 1<<20 {
		t.Error(all, used)
	}
	// A link that is closed has no use for more.
	c.Send(&Message{Envelope: Envelope{Kind: Frame}, Blocks: []*memory.Block{memory.Of(numbered(1 << 20))}})
	if _, used := c.Pool().Held(); used != 0 {
		t.Error(used)
	}
	c.Pool().Close()
	eventually(t, "the files to be closed", func() bool { return openFiles(t) <= before+1 }) // e has not been received from to the end
}

func TestHostileTablesAreErrors(t *testing.T) {
	entry := func(size, number uint64) []byte {
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, size), number)
	}
	pool := memory.NewPool()
	defer pool.Close()
	for name, h := range map[string]struct {
		frames [][]byte
		file   bool // a segment of 1 MB comes along
		want   string
	}{
		"empty":                {[][]byte{{}}, false, "malformed"},
		"cut":                  {[][]byte{entry(1, 0)[:15], {1}}, false, "malformed"},
		"no frame":             {[][]byte{entry(1, 0)}, false, "missing"},
		"a short frame":        {[][]byte{entry(2, 0), {1}}, false, "missing"},
		"a frame too many":     {[][]byte{entry(1, 0), {1}, {2}}, false, "no block"},
		"a file that is not":   {[][]byte{entry(1, 1)}, false, "did not send it"},
		"a distant file":       {[][]byte{entry(1, 1<<62)}, true, "did not send it"},
		"a block of no node":   {[][]byte{entry(1, 1<<63|1)}, false, "there is none"},
		"beyond the segment":   {[][]byte{entry(1<<20+1, 1)}, true, "are not in shared memory"},
		"nothing of a segment": {[][]byte{entry(0, 1)}, true, "are not in shared memory"},
		"an immense size":      {[][]byte{entry(1<<63, 1)}, true, "out of range"},
	} {
		c, e := pair(t)
		if h.file {
			c.conn.attach(pool.New(1 << 20).File())
		}
		envelope := (&Envelope{Kind: Frame}).AppendTo(nil)
		c.conn.writeMessage(append([][]byte{envelope, nil}, h.frames...))
		c.Flush()
		if _, err := e.Recv(); err == nil || !strings.Contains(err.Error(), h.want) {
			t.Errorf("%s: %v, want %q", name, err, h.want)
		}
		// What is given back though it was never lent means nothing.
		e.sendNow(blockDone, 99)
		e.sendNow(segmentGone, 99)
		e.Send(&Message{Envelope: Envelope{Kind: Stopped}})
		e.Flush()
		if m, err := c.Recv(); err != nil || m.Kind != Stopped {
			t.Error(name, m.Kind, err)
		}
		c.Close()
		e.Close()
	}
}

func TestFilesThatNobodyAskedForAreClosed(t *testing.T) {
	pool := memory.NewPool()
	defer pool.Close()
	file := pool.New(1 << 20).File()
	before := openFiles(t)
	c, e := pair(t)
	for range 2 * maxArrived / maxAttached {
		for c.conn.attach(file) {
		}
		c.Send(&Message{Envelope: Envelope{Kind: Frame}})
		c.Flush()
	}
	for {
		if _, err := e.Recv(); err != nil {
			if !strings.Contains(err.Error(), "unasked") {
				t.Error(err)
			}
			break
		}
	}
	for c.conn.attach(file) {
	}
	c.Close() // with files that have not left
	e.Close()
	eventually(t, "the files to be closed", func() bool { return openFiles(t) <= before }) // fewer where an earlier test left some to the collector
}

// BenchmarkBlocks moves blocks into memory of the receiver's own: by shared memory,
// as frames of the same socket, and, to compare, through a bare one into memory that
// is there already.
func BenchmarkBlocks(b *testing.B) {
	for _, size := range []int{64 << 10, memory.Shared, 4 << 20, 64 << 20} {
		data := numbered(size)
		for _, way := range []string{"shared", "frames", "bare"} {
			b.Run(fmt.Sprintf("%s/%d", way, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				c, e := pair(b)
				defer c.Close()
				defer e.Close()
				if way == "bare" {
					to := make([]byte, size)
					go func() {
						for range b.N {
							c.conn.Conn.Write(data)
						}
					}()
					for range b.N {
						io.ReadFull(e.conn.Conn, to)
					}
					return
				}
				if way == "frames" {
					c.Pool().Close()
				}
				go c.Recv()
				go func() {
					for range b.N {
						c.Send(&Message{Envelope: Envelope{Kind: Frame}, Blocks: []*memory.Block{memory.Of(data)}})
						c.Flush()
					}
				}()
				for range b.N {
					m, err := e.Recv()
					if err != nil {
						b.Fatal(err)
					}
					if _, err := m.Blocks[0].Take(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
