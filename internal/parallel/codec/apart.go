package codec

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// Apart is elements encoded one by one, of which anybody can make what [Codec.Encode] returns for
// some that follow each other, without knowing their type.
type Apart struct {
	// Count is how many there are. Raw says that they travel as their memory.
	Count int
	Raw   bool
	// Data is the elements. Of those that are not raw, element i ends at Ends[i].
	Data []byte
	Ends []int
	// Blocks belong to them; those of element i end at BlockEnds[i].
	Blocks    []*memory.Block
	BlockEnds []int
}

// EncodeApart returns n elements apart. Raw elements, and the blocks of others, are not copied.
func (c *Codec) EncodeApart(base unsafe.Pointer, n int) (a Apart, err error) {
	defer recovered(&err)
	if c.node.raw {
		return Apart{Count: n, Raw: true, Data: unsafe.Slice((*byte)(base), n*int(c.Type.Size()))}, nil
	}
	e := &encoder{}
	for i := range n {
		if c.shares {
			e.survey = new(survey)
		}
		p := unsafe.Add(base, uintptr(i)*c.Type.Size())
		if c.shares {
			err = e.survey.visit(c.node, p)
		}
		if err == nil {
			err = c.node.encode(e, p)
		}
		if err != nil {
			return a, fmt.Errorf("element %d: %w", i, err)
		}
		a.Ends, a.BlockEnds = append(a.Ends, len(e.buf)), append(a.BlockEnds, len(e.blocks))
	}
	a.Count, a.Data, a.Blocks = n, e.buf, e.blocks
	return a, nil
}

var errApart = errors.New("encoded elements contradict themselves")

// Append puts elements behind these.
func (a *Apart) Append(more Apart) error {
	if more.Count < 1 || a.Count > 0 && (a.Raw != more.Raw || a.Raw && a.size() != more.size()) {
		return errApart
	}
	if more.Raw && (len(more.Data)%more.Count != 0 || len(more.Ends)+len(more.BlockEnds)+len(more.Blocks) > 0) || !more.Raw && (len(more.Ends) != more.Count || len(more.BlockEnds) != more.Count) {
		return errApart
	}
	end, blocks := 0, 0
	for i := range more.Ends {
		if more.Ends[i] < end || more.Ends[i] > len(more.Data) || more.BlockEnds[i] < blocks || more.BlockEnds[i] > len(more.Blocks) {
			return errApart
		}
		end, blocks = more.Ends[i], more.BlockEnds[i]
	}
	if !more.Raw && (end != len(more.Data) || blocks != len(more.Blocks)) {
		return errApart
	}
	for i := range more.Ends {
		a.Ends = append(a.Ends, len(a.Data)+more.Ends[i])
		a.BlockEnds = append(a.BlockEnds, len(a.Blocks)+more.BlockEnds[i])
	}
	a.Count, a.Raw, a.Data, a.Blocks = a.Count+more.Count, more.Raw, append(a.Data, more.Data...), append(a.Blocks, more.Blocks...)
	return nil
}

// size is the number of bytes of a raw element.
func (a *Apart) size() int { return len(a.Data) / a.Count }

// Together returns count elements from the first one on, as Encode does. Raw ones are not copied.
func (a *Apart) Together(first, count int) (data []byte, blocks []*memory.Block) {
	if a.Raw {
		data = a.Data[first*a.size() : (first+count)*a.size()]
		if len(data) < memory.Large {
			return data, nil
		}
		return nil, []*memory.Block{memory.Of(data)}
	}
	from, block := 0, 0
	if first > 0 {
		from, block = a.Ends[first-1], a.BlockEnds[first-1]
	}
	to, last := a.Ends[first+count-1], a.BlockEnds[first+count-1]
	e := encoder{buf: make([]byte, 0, to-from+9)}
	e.head(majorArray, uint64(count))
	return append(e.buf, a.Data[from:to]...), a.Blocks[block:last]
}
