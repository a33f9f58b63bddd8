package memory

import (
	"bytes"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// arrive is what happens to a segment on its way: another process opens its file.
func arrive(t testing.TB, s *Segment) *Seen {
	t.Helper()
	fd, err := unix.Dup(int(s.File().Fd()))
	if err != nil {
		t.Fatal(err)
	}
	seen, err := Open(os.NewFile(uintptr(fd), "copy"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seen.Close)
	return seen
}

// eventually collects garbage until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		runtime.GC()
		if time.Now().After(end) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

func TestABlockIsCopiedOnceForAllReceivers(t *testing.T) {
	p := NewPool()
	defer p.Close()
	data := pattern(3 << 20)
	b := Of(data)
	first := b.Share(p)
	clear(data) // only to see that nobody looks at it again
	second := b.Share(p)
	if first == nil || first != second {
		t.Fatal(first, second)
	}
	given := 0
	for range 2 {
		r, err := FromSegment(arrive(t, first), len(data), func() { given++; first.Release() })
		if err != nil {
			t.Fatal(err)
		}
		if view, err := r.View(); err != nil || !bytes.Equal(view, pattern(3<<20)) {
			t.Error("the view is wrong", err)
		}
		r.Release()
		r.Release()
	}
	if all, used := p.Held(); given != 2 || all != 3<<20 || used != 0 {
		t.Error(given, all, used)
	}
	// What the segment still holds can go to others, until it holds something else.
	if b.Share(p) != first {
		t.Error("the content is there and was copied again")
	}
	first.Release()
	other := Of(pattern(3<<20 - 5)).Share(p)
	if other != first || b.Share(p) == first {
		t.Error("a segment was not used again, or its old content was believed to be there")
	}
}

// TestWhatIsTakenIsPrivate: copies are independent of each other and of the
// segment's next use, and the segment comes back when they are garbage.
func TestWhatIsTakenIsPrivate(t *testing.T) {
	p := NewPool()
	defer p.Close()
	for _, size := range []int{minOverlay - 1, minOverlay, 1<<20 + 1, 4<<20 + 4095} {
		data := pattern(size)
		s := p.New(size)
		if err := s.fill(data); err != nil {
			t.Fatal(err)
		}
		var given atomic.Bool
		r, err := FromSegment(arrive(t, s), size, func() { given.Store(true) })
		if err != nil {
			t.Fatal(err)
		}
		one, err := r.Copy()
		if err != nil {
			t.Fatal(err)
		}
		two, err := r.Take()
		if err != nil {
			t.Fatal(err)
		}
		for i := range one {
			one[i]++
		}
		if !bytes.Equal(two, data) {
			t.Error(size, "a copy shows what was written to another")
		}
		if given.Load() && size >= minOverlay {
			t.Error(size, "a segment was given back while it is in use")
		}
		end := two[size-10:]
		one, two = nil, nil
		runtime.GC()
		runtime.GC()
		if !bytes.Equal(end, data[size-10:]) {
			t.Error(size, "a part of a copy changed when the rest was garbage")
		}
		end = nil
		eventually(t, "the segment to be given back", given.Load)
		s.Release()
	}
}

// TestJoinedBlocks: blocks are joined in order, by mapping where their pages allow it,
// and their segments come back when what was joined is garbage.
func TestJoinedBlocks(t *testing.T) {
	p := NewPool()
	defer p.Close()
	for _, sizes := range [][]int{{1 << 20, 1 << 20}, {1 << 20, 4096, 5}, {1<<20 + 1, 1 << 20}, {4096, 4096}, {0, 7}} {
		var blocks []*Block
		var want []byte
		var given atomic.Int32
		for i, size := range sizes {
			data := bytes.Repeat([]byte{byte(i + 1)}, size)
			want = append(want, data...)
			if size == 0 {
				blocks = append(blocks, Of(nil))
				given.Add(1)
				continue
			}
			s := p.New(size)
			if err := s.fill(data); err != nil {
				t.Fatal(err)
			}
			b, err := FromSegment(arrive(t, s), size, func() { given.Add(1); s.Release() })
			if err != nil {
				t.Fatal(err)
			}
			blocks = append(blocks, b)
		}
		joined, err := Join(blocks)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			b.Release()
		}
		if !bytes.Equal(joined, want) {
			t.Errorf("blocks of %v bytes are not joined in order", sizes)
		}
		joined[len(joined)-1]++
		runtime.KeepAlive(joined)
		joined = nil
		eventually(t, "the segments to be given back", func() bool { runtime.GC(); return int(given.Load()) == len(sizes) })
	}
}

// TestTheHeapIsSoundAfterOverlays gives the heap many chances to hand out memory
// whose pages were mapped.
func TestTheHeapIsSoundAfterOverlays(t *testing.T) {
	p := NewPool()
	defer p.Close()
	const size = 1 << 20
	s := p.New(size)
	s.fill(bytes.Repeat([]byte{0xff}, size))
	seen := arrive(t, s)
	var given atomic.Int64
	var kept [][]byte
	for i := range 500 {
		r, err := FromSegment(seen, size, func() { given.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		memory, err := r.Take()
		if err != nil {
			t.Fatal(err)
		}
		memory[i] = 1
		if i%7 == 0 {
			kept = append(kept, memory)
		}
		for _, b := range make([]byte, size) {
			if b != 0 {
				t.Fatal("fresh memory is not zero")
			}
		}
	}
	for k, memory := range kept {
		if memory[7*k] != 1 || memory[size-1] != 0xff {
			t.Fatal("memory that is in use changed")
		}
	}
	kept = nil
	eventually(t, "all memory to be given back", func() bool { return given.Load() == 500 })
}

func TestAPoolKeepsItsLimits(t *testing.T) {
	p := NewPool()
	defer p.Close()
	p.limit = 4 << 20
	a, b := p.New(2<<20), p.New(2<<20)
	if a == nil || b == nil || p.New(1) != nil {
		t.Fatal("the limit is not kept")
	}
	if Of(make([]byte, 1<<20)).Share(p) != nil || InSegment(p, 1<<20) != nil {
		t.Error("a block found shared memory beyond the limit")
	}
	if view, err := Snapshot(p, pattern(1<<20)).View(); err != nil || !bytes.Equal(view, pattern(1<<20)) {
		t.Error("without shared memory there is no snapshot", err)
	}
	a.Release()
	if p.New(3<<20) != nil {
		t.Error("the limit is not kept")
	}
	if c := p.New(1 << 20); c != a && c == nil { // too small for a's segment, which goes
		t.Error("what is free does not make room")
	}
	b.Release()
	p.mu.Lock()
	for _, s := range p.free {
		s.freed = time.Now().Add(-2 * idleTime)
	}
	p.mu.Unlock()
	p.sweep()
	if all, used := p.Held(); all != used {
		t.Error("what was not used for long is kept:", all, used)
	}
}

func TestASegmentThatIsGoneIsToldOnce(t *testing.T) {
	p := NewPool()
	defer p.Close()
	s := p.New(1 << 20)
	told := make(chan bool, 2)
	s.OnClose(func() { told <- true })
	s.Release()
	p.mu.Lock()
	p.drop(s)
	p.mu.Unlock()
	<-told
}

func TestOnlySegmentsAreOpened(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a file that can shrink was taken for a segment")
	}
	fd, _ := unix.MemfdCreate("x", unix.MFD_ALLOW_SEALING)
	if _, err := Open(os.NewFile(uintptr(fd), "x")); err == nil {
		t.Error("memory that can shrink was taken for a segment")
	}
	p := NewPool()
	defer p.Close()
	seen := arrive(t, p.New(1<<20))
	for _, size := range []int{-1, 0, 1<<20 + 1} {
		if _, err := FromSegment(seen, size, func() {}); err == nil {
			t.Error(size, "bytes in a segment of 1 MB")
		}
	}
}

func TestFreshMemoryIsAligned(t *testing.T) {
	for n := range 100 {
		if b := Fresh(n); len(b) != n || uintptr(unsafe.Pointer(unsafe.SliceData(b)))%8 != 0 {
			t.Error(n, len(b))
		}
	}
}
