package memory

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Pool makes segments and uses them again. Its methods may be called from any
// goroutine.
type Pool struct {
	limit int // bytes in all

	mu     sync.Mutex
	closed bool
	total  int // bytes of all segments
	all    map[*Segment]bool
	free   []*Segment // the one that was used last comes last
	idle   *time.Timer
}

// Limits of a pool: the number of segments, each of which is a file; the bytes
// that it keeps though nobody uses them, and for how long.
const (
	maxSegments = 256
	maxFree     = 512 << 20
	idleTime    = 5 * time.Second
)

// NewPool returns an empty pool, which may come to hold a quarter of the
// machine's memory.
func NewPool() *Pool {
	p := &Pool{limit: 1 << 30, all: map[*Segment]bool{}}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		p.limit = int(uint64(info.Totalram) * uint64(info.Unit) / 4)
	}
	return p
}

// New returns a segment of at least size bytes with one reference, or nil where
// there is none to be had.
func (p *Pool) New(size int) *Segment {
	size = roundUp(size)
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, s := range p.free {
		if n := len(s.data); n >= size && n/2 <= size && (best < 0 || n <= len(p.free[best].data)) {
			best = i // of equals the one used last, which is most likely in a cache
		}
	}
	if best >= 0 {
		s := p.free[best]
		p.free = slices.Delete(p.free, best, best+1)
		s.refs = 1
		s.content++
		return s
	}
	for len(p.free) > 0 && (p.total+size > p.limit || len(p.all) >= maxSegments) {
		p.drop(p.free[0])
	}
	if p.closed || p.total+size > p.limit || len(p.all) >= maxSegments {
		return nil
	}
	s, err := newSegment(p, size) // a few system calls; no memory is touched yet
	if err != nil {
		return nil
	}
	s.refs = 1
	p.total += size
	p.all[s] = true
	return s
}

// fill returns a segment with a copy of memory and one reference, or nil.
func (p *Pool) fill(memory []byte) *Segment {
	if len(memory) < Shared {
		return nil
	}
	s := p.New(len(memory))
	if s == nil {
		return nil
	}
	if s.fill(memory) != nil {
		s.Release()
		return nil
	}
	return s
}

// retain adds a reference to a segment, unless it has other content by now.
func (p *Pool) retain(s *Segment, content uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.all[s] || s.content != content {
		return false
	}
	if s.refs++; s.refs == 1 {
		p.free = slices.DeleteFunc(p.free, func(f *Segment) bool { return f == s })
	}
	return true
}

// release takes a reference back.
func (p *Pool) release(s *Segment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.refs--; s.refs > 0 || !p.all[s] {
		return
	}
	s.freed = time.Now()
	p.free = append(p.free, s)
	kept := 0
	for _, f := range p.free {
		kept += len(f.data)
	}
	for kept > maxFree {
		kept -= len(p.free[0].data)
		p.drop(p.free[0])
	}
	if p.idle == nil && !p.closed {
		p.idle = time.AfterFunc(idleTime, p.sweep)
	}
}

// sweep drops what was not used for a while.
func (p *Pool) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.free) > 0 && time.Since(p.free[0].freed) >= idleTime {
		p.drop(p.free[0])
	}
	p.idle = nil
	if len(p.free) > 0 && !p.closed {
		p.idle = time.AfterFunc(idleTime, p.sweep)
	}
}

// drop frees a segment. The pool is locked.
func (p *Pool) drop(s *Segment) {
	p.free = slices.DeleteFunc(p.free, func(f *Segment) bool { return f == s })
	delete(p.all, s)
	p.total -= len(s.data)
	s.close()
	for _, tell := range s.closing {
		go tell()
	}
}

// Held returns the bytes of all segments, and of those that are in use.
func (p *Pool) Held() (all, used int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	used = p.total
	for _, s := range p.free {
		used -= len(s.data)
	}
	return p.total, used
}

// Close frees all segments, also those that receivers still see: what they have
// mapped stays. Nobody may fill a segment meanwhile.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.idle != nil {
		p.idle.Stop()
	}
	for s := range p.all {
		s.closing = nil // their links are closed, or will be
		p.drop(s)
	}
}
