// Package plan decides which items of a call travel together, when, and to which
// engine. It is pure: it is told what happened and how long it took, and does no
// input or output, so that its tests run it in virtual time.
//
// Three things are kept apart. A lease is a range of items that an engine is to
// work through: scheduling. A frame is what travels in one message: transport. An
// item is the unit of results, errors and repetition.
package plan

// Span is a range of items: those from First to First+Count-1.
type Span struct{ First, Count int }

// End is the item after the last one.
func (s Span) End() int { return s.First + s.Count }

// Shares cuts items into one contiguous share for each engine, as equal as
// possible; the first shares are the longer ones.
func Shares(items, engines int) []Span {
	shares := make([]Span, engines)
	first := 0
	for i := range shares {
		count := items / engines
		if i < items%engines {
			count++
		}
		shares[i] = Span{first, count}
		first += count
	}
	return shares
}

// RoundRobin cuts items into frames of chunk items and deals them out: engine i
// gets the frames i, i+engines, i+2*engines, and so on.
func RoundRobin(items, engines, chunk int) [][]Span {
	hands := make([][]Span, engines)
	for i := 0; i*chunk < items; i++ {
		hands[i%engines] = append(hands[i%engines], Span{i * chunk, min(chunk, items-i*chunk)})
	}
	return hands
}

// front cuts at most n items off the front of some spans; back cuts them off the
// end. There must be some.
func front(spans []Span, n int) (Span, []Span) {
	s := spans[0]
	if s.Count <= n {
		return s, spans[1:]
	}
	spans[0] = Span{s.First + n, s.Count - n}
	return Span{s.First, n}, spans
}

func back(spans []Span, n int) (Span, []Span) {
	last := len(spans) - 1
	s := spans[last]
	if s.Count <= n {
		return s, spans[:last]
	}
	spans[last].Count -= n
	return Span{s.End() - n, n}, spans
}

// count is the number of items in some spans.
func count(spans []Span) (n int) {
	for _, s := range spans {
		n += s.Count
	}
	return n
}

// join puts spans together of which each begins where the one before it ends.
func join(spans []Span) []Span {
	joined := spans[:1]
	for _, s := range spans[1:] {
		if last := &joined[len(joined)-1]; last.End() == s.First {
			last.Count += s.Count
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}
