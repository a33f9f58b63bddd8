package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
)

// What comes of calls is kept: of those that take long in files, of which each is written as it happens, and of
// others in memory, for as long as the controller lives.

// keepAfter is how long a call runs before it gets a file: one that is over sooner costs less again.
const keepAfter = 250 * time.Millisecond

// Limits of what is kept of calls that have ended in memory alone.
const (
	mostRecords = 1000
	mostMemory  = 64 << 20
	trimAfter   = 1 << 20 // bytes, and 4096 of each record: looking at all records for each call costs too much
)

// calls is the folder of the files of calls.
func (d *Daemon) calls() string { return filepath.Join(d.folder, "calls") }

// path is the file of a call.
func (d *Daemon) path(id string) string { return filepath.Join(d.calls(), id) }

// trim forgets the oldest calls that have ended, where more is kept than the limits allow. It is told of each call that
// has ended.
func (d *Daemon) trim(latest *record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	latest.mu.Lock()
	d.grown += latest.bytes + 4096
	look := latest.file != nil || d.grown > trimAfter
	latest.mu.Unlock()
	if !look {
		return
	}
	d.grown = 0
	var records int
	var memory, disk int64
	for _, id := range slices.Backward(d.order) {
		r := d.records[id]
		r.mu.Lock()
		ended, onDisk, bytes := r.end != nil, r.file != nil && r.note == "", r.bytes
		r.mu.Unlock()
		if !ended {
			continue
		}
		if onDisk {
			disk += bytes
		} else {
			records, memory = records+1, memory+bytes
		}
		if onDisk && disk > d.keep || !onDisk && (memory > mostMemory || records > mostRecords) {
			r.drop()
			delete(d.records, id)
		}
	}
	d.order = slices.DeleteFunc(d.order, func(id string) bool { return d.records[id] == nil })
}

// restore reads the calls that an earlier controller of the cluster has kept, and goes on with those that had not
// ended. What cannot be read is said, and left where it is.
func (d *Daemon) restore() error {
	if err := os.MkdirAll(d.calls(), 0o700); err != nil {
		return fmt.Errorf("calls cannot be kept: %w", err)
	}
	entries, err := os.ReadDir(d.calls())
	if err != nil {
		return fmt.Errorf("the calls that were kept: %w", err)
	}
	var found []*record
	for _, entry := range entries {
		r, err := readJournal(d.path(entry.Name()))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		r.most = d.keep
		found = append(found, r)
	}
	slices.SortFunc(found, func(a, b *record) int { return a.began.Compare(b.began) })
	for _, r := range found {
		d.records[r.id], d.order = r, append(d.order, r.id)
		if r.end == nil {
			d.group.Go(func() { d.goOn(r) })
		}
	}
	return nil
}

// goOn runs what an earlier controller of the cluster has not finished of a call.
func (d *Daemon) goOn(r *record) {
	r.mu.Lock()
	err := r.readItems()
	r.mu.Unlock()
	if err == nil && r.asked.Argument && r.items.Count != r.asked.Items {
		err = errors.New("its items had not all arrived")
	}
	var p *pool
	if err == nil {
		p, err = d.join(nil, r.program)
	}
	if err != nil {
		if d.ctx.Err() == nil {
			r.finish(&cluster.End{Error: fmt.Sprintf("it was interrupted by the end of the cluster and cannot go on: %v", err)})
		}
		return
	}
	d.run(p, r, r.missing())
	p.mu.Lock()
	p.calls-- // the call counts by itself now
	p.mu.Unlock()
}
