// Package plan decides which items travel together. Its functions are pure.
package plan

// Span is a range of items: those from First to First+Count-1.
type Span struct{ First, Count int }

// maxBytes limits a frame that is not asked for by its size: what must be sent
// again when an engine dies, and what waits behind it.
const maxBytes = 64 << 20

// Chunk is the number of items in a frame of a load-balanced call, where the
// caller does not say: each engine gets four frames or so, so that unequal items
// even out while frames stay few (the policy of Python's multiprocessing.Pool).
// Size is an item's size in bytes, as far as it is known.
func Chunk(items, engines int, size uintptr) int {
	return clamp((items+4*engines-1)/(4*engines), size)
}

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

// Share is the number of items of a share that travel together: all of them,
// unless they are too large.
func Share(items int, size uintptr) int { return clamp(items, size) }

// RoundRobin cuts items into frames of chunk items and deals them out: engine i
// gets the frames i, i+engines, i+2*engines, and so on.
func RoundRobin(items, engines, chunk int) [][]Span {
	hands := make([][]Span, engines)
	for i := 0; i*chunk < items; i++ {
		hands[i%engines] = append(hands[i%engines], Span{i * chunk, min(chunk, items-i*chunk)})
	}
	return hands
}

// clamp keeps a chunk of items of a size within the limit, and above zero.
func clamp(chunk int, size uintptr) int {
	if size > 0 {
		chunk = min(chunk, int(max(maxBytes/size, 1)))
	}
	return max(chunk, 1)
}
