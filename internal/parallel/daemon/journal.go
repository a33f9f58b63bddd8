package daemon

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// journal is the file of a call: what was asked, the items, and all events, one entry after the other, each as it
// happens. What was written before the end of the controller, however that comes, can be read again. An entry is
//
//	kind (1 byte), first, count, number of blocks, length of the payload (8 bytes each),
//	length of each block (8 bytes each), payload, blocks
type journal struct {
	path string
	file *os.File // nil where the call has ended: then it is opened to be read
	end  int64    // where the next entry begins
}

// The kinds of the entries before the events, which have the kinds of their messages.
const (
	entryAsked wire.Kind = 100 + iota
	entryItems
	entryAgain // what failed runs again
)

const entryHead = 1 + 4*8

// opening is the payload of the first entry.
type opening struct {
	Asked   cluster.Submission
	Program cluster.Hello // without its environment, which may hold secrets
	Began   int64
}

// createJournal begins the file of a call.
func createJournal(path string, r *record) (*journal, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{path: path, file: file}
	o := opening{Asked: r.asked, Program: r.program.hello, Began: r.began.UnixNano()}
	o.Program.Env = nil
	payload, err := wire.EncodePayload(o)
	if err == nil {
		_, err = j.write(event{kind: entryAsked, payload: payload, blocks: r.values})
	}
	if err == nil && r.items.Count > 0 {
		var blocks [][]byte
		for _, b := range r.items.Blocks {
			view, _ := b.View() // it is memory of this process
			blocks = append(blocks, view)
		}
		payload, err = wire.EncodePayload(cluster.Portion{Raw: r.items.Raw, Data: r.items.Data, Ends: r.items.Ends, BlockEnds: r.items.BlockEnds})
		if err == nil {
			_, err = j.write(event{kind: entryItems, count: r.items.Count, payload: payload, blocks: blocks})
		}
	}
	if err != nil {
		j.remove()
		return nil, err
	}
	return j, nil
}

// write appends an entry and returns where it is. After an error the file is as it was.
func (j *journal) write(e event) (at int64, err error) {
	head := append(make([]byte, 0, entryHead+8*len(e.blocks)), byte(e.kind))
	for _, n := range []int{e.first, e.count, len(e.blocks), len(e.payload)} {
		head = binary.LittleEndian.AppendUint64(head, uint64(n))
	}
	for _, b := range e.blocks {
		head = binary.LittleEndian.AppendUint64(head, uint64(len(b)))
	}
	at = j.end
	for _, part := range append([][]byte{head, e.payload}, e.blocks...) {
		n, err := j.file.WriteAt(part, j.end)
		j.end += int64(n)
		if err != nil {
			j.file.Truncate(at)
			j.end = at
			return 0, err
		}
	}
	return at, nil
}

var (
	errTorn  = errors.New("the entry is not complete")
	errItems = errors.New("it has items that the call has not")
)

// read reads the entry at an offset, and returns where the next one begins. Lengths are believed as far
// as the file goes.
func (j *journal) read(at int64, content bool) (e event, next int64, err error) {
	file := j.file
	if file == nil {
		if file, err = os.Open(j.path); err != nil {
			return e, 0, err
		}
		defer file.Close()
	}
	info, err := file.Stat()
	if err != nil {
		return e, 0, err
	}
	size := info.Size()
	head := make([]byte, entryHead)
	if at+entryHead > size {
		return e, 0, errTorn
	}
	if _, err := file.ReadAt(head, at); err != nil {
		return e, 0, err
	}
	number := func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) }
	e.kind, e.first, e.count = wire.Kind(head[0]), int(number(head[1:])), int(number(head[9:]))
	blocks, payload := number(head[17:]), number(head[25:])
	left := size - at - entryHead
	if e.first < 0 || e.count < 0 || blocks < 0 || blocks > left/8 || payload < 0 || payload > left-8*blocks {
		return e, 0, errTorn
	}
	lengths := make([]byte, 8*blocks)
	if _, err := file.ReadAt(lengths, at+entryHead); err != nil {
		return e, 0, err
	}
	left -= 8*blocks + payload
	from := at + entryHead + 8*blocks
	next = from + payload
	for i := range blocks {
		n := number(lengths[8*i:])
		if n < 0 || n > left {
			return e, 0, errTorn
		}
		left -= n
		next += n
	}
	e.at, e.dropped = at, !content
	if !content {
		return e, next, nil
	}
	all := make([]byte, next-from)
	if _, err := file.ReadAt(all, from); err != nil {
		return e, 0, err
	}
	e.payload, all = all[:payload:payload], all[payload:]
	for i := range blocks {
		n := number(lengths[8*i:])
		e.blocks = append(e.blocks, all[:n:n])
		all = all[n:]
	}
	return e, next, nil
}

// close closes the file, until somebody reads or writes it.
func (j *journal) close() {
	if j.file != nil {
		j.file.Close()
		j.file = nil
	}
}

// reopen opens the file to go on writing.
func (j *journal) reopen() (err error) {
	if j.file == nil {
		j.file, err = os.OpenFile(j.path, os.O_RDWR, 0)
	}
	return err
}

// remove removes the file.
func (j *journal) remove() {
	os.Remove(j.path)
	j.close()
}

// readJournal makes the record of a call of its file. An entry at the end that is not complete is cut off.
func readJournal(path string) (*record, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	j := &journal{path: path, file: file}
	r, err := j.record(filepath.Base(path))
	if err != nil || r.end != nil {
		j.close()
	}
	if err != nil {
		return nil, fmt.Errorf("the call in %s cannot be read: %w", path, err)
	}
	return r, nil
}

// record reads the whole file.
func (j *journal) record(id string) (*record, error) {
	first, next, err := j.read(0, true)
	if err != nil {
		return nil, err
	}
	var o opening
	if err := wire.DecodePayload(first.payload, &o); err != nil || first.kind != entryAsked || o.Asked.Items < 0 || o.Asked.Items > maxItems {
		return nil, cmp.Or(err, errors.New("it does not begin with a call"))
	}
	r := newRecord(id, o.Asked)
	r.values, r.program, r.began, r.file = first.blocks, program{o.Program}, time.Unix(0, o.Began), j
	for at := next; ; at = next {
		e, following, err := j.read(at, false)
		if errors.Is(err, errTorn) {
			j.end = at
			return r, j.file.Truncate(at)
		}
		switch {
		case err != nil || e.kind == entryItems:
		case e.kind == wire.Printed:
			r.said[[2]int{e.count, e.first}] += int(following - at)
			r.events = append(r.events, e)
		case e.kind == wire.Result:
			if e.first+e.count > len(r.done) {
				err = errItems
			}
			r.events = append(r.events, e)
		default:
			err = r.replay(j, at, e)
		}
		if err != nil {
			return nil, err
		}
		r.bytes += following - at
		next = following
	}
}

// replay takes in an entry that says what became of the call.
func (r *record) replay(j *journal, at int64, e event) error {
	e, _, err := j.read(at, true)
	if err != nil {
		return err
	}
	switch e.kind {
	case wire.Arrived:
		var landed cluster.Landed
		if err := wire.DecodePayload(e.payload, &landed); err != nil {
			return err
		}
		if e.first+e.count > len(r.done) {
			return errItems
		}
		for _, f := range landed.Failures {
			if f.Item < 0 || f.Item >= len(r.done) {
				return errItems
			}
		}
		r.landed(e.first, e.count, landed.Failures)
		r.events = append(r.events, e)
	case wire.Ended:
		end := new(cluster.End)
		if err := wire.DecodePayload(e.payload, end); err != nil {
			return err
		}
		r.end = end
		if end.Report != nil {
			r.elapsed = end.Report.Elapsed
		}
	case entryAgain:
		if err := r.forgetFailures(); err != nil {
			return err
		}
		r.end = nil
	}
	return nil
}

// readItems reads the items of a call again, which are in memory only while it runs.
func (r *record) readItems() error {
	if r.items.Count > 0 || !r.asked.Argument || r.asked.Items == 0 {
		return nil
	}
	if r.file == nil {
		return fmt.Errorf("the items of the call %s are not kept", r.id)
	}
	_, next, err := r.file.read(0, false)
	if err != nil {
		return err
	}
	e, _, err := r.file.read(next, true)
	if err != nil {
		return err
	}
	var p cluster.Portion
	if err := wire.DecodePayload(e.payload, &p); err != nil {
		return err
	}
	return r.items.Append(codec.Apart{Count: e.count, Raw: p.Raw, Data: p.Data, Ends: p.Ends, BlockEnds: p.BlockEnds, Blocks: blocksOf(e.blocks)})
}
