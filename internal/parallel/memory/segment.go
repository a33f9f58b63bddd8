package memory

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Segment is shared memory that this process writes and others read. It is a file
// without a name, so nothing of it outlives the processes that have it open.
type Segment struct {
	pool   *Pool
	file   *os.File
	data   []byte // mapped for writing
	filled int    // bytes whose pages are there

	// The fields below are guarded by pool.mu.

	refs    int
	content uint64    // changes when the segment is used for something else
	freed   time.Time // when the last reference went
	closing []func()  // tell those who know the segment that it is gone
}

// newSegment makes a segment of whole pages.
func newSegment(p *Pool, size int) (*Segment, error) {
	f, err := NewFile(size)
	if err != nil {
		return nil, err
	}
	s := &Segment{pool: p, file: f}
	if s.data, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		s.file.Close()
		return nil, fmt.Errorf("no shared memory: %w", err)
	}
	return s, nil
}

// seals keep the size of a segment as it is.
const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// fill copies data to the start of the segment. Where there is not enough memory
// it gives an error, and no signal.
func (s *Segment) fill(data []byte) error {
	if len(data) <= s.filled {
		Copy(s.data, data)
		return nil
	}
	if _, err := s.file.WriteAt(data, 0); err != nil { // faster than a fault for each page
		return err
	}
	s.filled = len(data)
	return nil
}

// close frees the segment.
func (s *Segment) close() {
	unix.Munmap(s.data)
	s.file.Close()
}

// File is the segment's file, for those who are to see it.
func (s *Segment) File() *os.File { return s.file }

// Size is its length in bytes.
func (s *Segment) Size() int { return len(s.data) }

// OnClose calls f, in a goroutine, when the segment is gone. The caller has a
// reference.
func (s *Segment) OnClose(f func()) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	s.closing = append(s.closing, f)
}

// Release takes back one reference, of a receiver that is done with what the
// segment holds.
func (s *Segment) Release() { s.pool.release(s) }

// Seen is a segment of another process.
type Seen struct {
	file *os.File
	size int

	mu   sync.Mutex
	view []byte // mapped for reading once somebody looks
	refs int    // the link that brought it, and blocks in it
}

// Open takes in a file that another process sent as a segment. It owns the
// file.
func Open(file *os.File) (*Seen, error) {
	info, err := file.Stat()
	if err == nil {
		var has int
		has, err = unix.FcntlInt(file.Fd(), unix.F_GET_SEALS, 0)
		if err == nil && has&seals != seals {
			err = errors.New("its size may change")
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("a file is no shared memory: %w", err)
	}
	return &Seen{file: file, size: int(info.Size()), refs: 1}, nil
}

// look maps the segment.
func (s *Seen) look() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view == nil {
		view, err := unix.Mmap(int(s.file.Fd()), 0, s.size, unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return nil, fmt.Errorf("shared memory could not be mapped: %w", err)
		}
		s.view = view
	}
	return s.view, nil
}

// piece is the segment's first n bytes.
func (s *Seen) piece(n int) piece { return piece{int(s.file.Fd()), n} }

func (s *Seen) retain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refs++
}

// Close gives up the segment; what is mapped stays until nobody looks at it.
func (s *Seen) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refs--; s.refs > 0 {
		return
	}
	if s.view != nil {
		unix.Munmap(s.view)
	}
	s.file.Close()
}
