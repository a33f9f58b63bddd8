package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// code is what a controller gives nodes.
type code struct {
	folder string
	asked  atomic.Int32
}

func (c *code) File(path, arch string) (string, error) {
	c.asked.Add(1)
	if !strings.HasPrefix(path, c.folder) || arch != "riscv" {
		return "", backend.ErrNoCode
	}
	return path, nil
}

func (*code) Program(context.Context, string) (string, error) { return "", errors.New("none") }

// filesOf are what a node has of a controller's; the test has both ends.
func filesOf(t *testing.T, c *far) *files {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	files, err := newFiles(c.channel)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			var o order
			if c.receive(&o) != nil {
				files.close()
				return
			}
			if o.Piece != nil {
				files.take(*o.Piece)
			}
		}
	}()
	return files
}

// noise is content of a size.
func noise(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	return data
}

// A file comes to a node as it is, of any size, once for all who ask for it, and once for all files of its content.
func TestFilesComeOnce(t *testing.T) {
	c := &code{folder: t.TempDir()}
	_, f, _ := meet(t, c, nil)
	files := filesOf(t, f)
	for name, size := range map[string]int{"empty": 0, "small": 5, "a piece": pieceSize, "a piece and more": pieceSize + 1, "pieces": 3 * pieceSize} {
		content := noise(size)
		path := filepath.Join(c.folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		c.asked.Store(0)
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				to, err := files.get(path)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				if got, err := os.ReadFile(to); err != nil || !bytes.Equal(got, content) {
					t.Errorf("%s: %v, %d bytes of %d", name, err, len(got), size)
				}
			})
		}
		group.Wait()
		again := path + " again"
		os.WriteFile(again, content, 0o600)
		if to, err := files.get(again); err != nil || filepath.Dir(to) != files.kept {
			t.Errorf("%s: %v", to, err)
		}
		// Each asks for the hash, and one for the content; another if it asks when the first has just come.
		if n := c.asked.Load(); n < 7 || n >= 11 {
			t.Errorf("%s: the controller was asked %d times", name, n)
		}
	}
}

// A file that has changed has another content; its hash is not that of before.
func TestAChangedFileComesAgain(t *testing.T) {
	c := &code{folder: t.TempDir()}
	_, f, _ := meet(t, c, nil)
	files := filesOf(t, f)
	path := filepath.Join(c.folder, "a")
	for i, text := range []string{"one", "two", "longer"} {
		os.WriteFile(path, []byte(text), 0o600)
		os.Chtimes(path, time.Time{}, time.Unix(int64(i), 0))
		to, err := files.get(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(to); string(got) != text {
			t.Errorf("%q: %v", got, err)
		}
	}
}

// What engines may not have, or is not there, is an error, which leaves nothing behind.
func TestFilesThatDoNotCome(t *testing.T) {
	c := &code{folder: t.TempDir()}
	_, f, _ := meet(t, c, nil)
	files := filesOf(t, f)
	for path, why := range map[string]string{"/etc/hostname": backend.ErrNoCode.Error(), filepath.Join(c.folder, "none"): "no such file"} {
		if _, err := files.get(path); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, without, _ := meet(t, nil, nil)
	if _, err := filesOf(t, without).get("/a"); err == nil || err.Error() != backend.ErrNoCode.Error() {
		t.Error(err)
	}
	if left, _ := os.ReadDir(files.kept); len(left) > 0 {
		t.Errorf("%v", left)
	}
}

// Content that is not what its hash says is not kept.
func TestContentThatChangesMeanwhile(t *testing.T) {
	own, other := ends(t)
	controller, f := newChannel(own, wire.Frame), &far{newChannel(other, wire.Result), t}
	files := filesOf(t, f)
	go func() {
		for {
			var n news
			if controller.receive(&n) != nil {
				return
			}
			p := piece{Number: n.Want.Number, Hash: sha256.Sum256([]byte("before")), Last: !n.Want.Content}
			controller.send(order{Piece: &p})
			if n.Want.Content {
				controller.send(order{Piece: &piece{Number: n.Want.Number, Data: []byte("after"), Last: true}})
			}
		}
	}()
	if _, err := files.get("/a"); err == nil || !strings.Contains(err.Error(), "it has changed meanwhile") {
		t.Error(err)
	}
	if left, _ := os.ReadDir(files.kept); len(left) > 0 {
		t.Errorf("%v", left)
	}
	controller.close()
	f.close()
	controller.done.Wait()
	f.done.Wait()
}

// Who waits for a file when the controller goes is told so, and so is who asks afterwards.
func TestFilesEndWithTheController(t *testing.T) {
	own, other := ends(t)
	controller, f := newChannel(own, wire.Frame), &far{newChannel(other, wire.Result), t}
	files := filesOf(t, f)
	go func() {
		var n news
		controller.receive(&n)
		controller.close()
	}()
	if _, err := files.get("/a"); err == nil || err.Error() != "the controller is gone" {
		t.Error(err)
	}
	if _, err := files.get("/a"); err == nil || err.Error() != "the node ends" {
		t.Error(err)
	}
	if _, err := files.blocks.get(1, 5); err == nil || err.Error() != "the node ends" {
		t.Error(err)
	}
	if _, err := os.Stat(files.scratch); !os.IsNotExist(err) {
		t.Error(err)
	}
	controller.done.Wait()
	f.close()
	f.done.Wait()
}

// What was not used for long is forgotten.
func TestOldFilesAreForgotten(t *testing.T) {
	f := &files{kept: t.TempDir()}
	for name, age := range map[string]time.Duration{"old": keptFor + time.Hour, "new": keptFor - time.Hour} {
		path := filepath.Join(f.kept, name)
		os.WriteFile(path, nil, 0o600)
		at := time.Now().Add(-age)
		os.Chtimes(path, at, at)
	}
	f.forget()
	if left, _ := os.ReadDir(f.kept); len(left) != 1 || left[0].Name() != "new" {
		t.Errorf("%v", left)
	}
}

// A value that the engines of a node share comes once, in pieces, and one that is not there, or of another size,
// is an error, after which it can be asked for again.
func TestValuesThatEnginesShare(t *testing.T) {
	depot := new(memory.Depot)
	content := noise(max(memory.Shared, 2*pieceSize) + 12345)
	b := memory.Of(content)
	depot.Offer(b)
	number := depot.Number(b)
	if number == 0 {
		t.Fatal("it has no number")
	}
	_, f, _ := meet(t, nil, depot)
	files := filesOf(t, f)
	for _, test := range []struct {
		number uint64
		size   int
		why    string
	}{
		{number + 1, len(content), "nobody has it any more"},
		{number, len(content) + 1, "it is not as large as was said"},
		{number, len(content) + 2*pieceSize, "it is not as large as was said"},
	} {
		if _, err := files.blocks.get(test.number, test.size); err == nil || !strings.Contains(err.Error(), test.why) {
			t.Errorf("%d bytes of %d: %v", test.size, test.number, err)
		}
	}
	var paths [3]string
	var group sync.WaitGroup
	for i := range paths {
		group.Go(func() {
			path, err := files.blocks.get(number, len(content))
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	group.Wait()
	if got, err := os.ReadFile(paths[0]); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%v, %d bytes", err, len(got))
	}
	if paths[0] != paths[1] || paths[0] != paths[2] {
		t.Errorf("it is at %v", paths)
	}
	files.blocks.mu.Lock()
	h := files.blocks.held[number]
	files.blocks.mu.Unlock()
	files.blocks.drop(number, h)
	if _, err := h.file.Stat(); !errors.Is(err, os.ErrClosed) || len(files.blocks.held) != 0 {
		t.Errorf("a value that is given up is kept: %v", err)
	}
	if b.Len() != len(content) { // which nobody has let go
		t.Error(b.Len())
	}
}
