package plan

import (
	"math"
	"time"
)

// Limits of a frame whose length is not the caller's wish.
const (
	// maxTime is the most that waits behind a cancellation or is repeated when an
	// engine dies, and the least often that progress shows.
	maxTime = 50 * time.Millisecond
	// maxBytes limits a frame of a share that was given beforehand.
	maxBytes = 64 << 20
	// fullBytes is the length at which a frame's overhead is small beside what
	// carrying it costs: longer ones would only delay the engine.
	fullBytes = 1 << 20
	// probeBytes limits a frame of items of which nothing is known, because most of it
	// may come back.
	probeBytes = 64 << 10
)

// shareTime is how much of a share that was given beforehand is repeated when an engine dies. A share that takes
// less is one frame.
const shareTime = 2 * maxTime

// growth limits how much longer an engine's frame may be than its last one, as long as
// it is not known how alike the items are.
const growth = 2

// Engines that are sent short frames of a fixed number of items get more of them
// ahead, up to what keeps them busy for leadTime.
const (
	leadFrames = 64
	leadTime   = 400 * time.Microsecond
)

// lastItems for each engine are sent one at a time, where an item takes longer than
// the wait for it: who is free first takes the next.
const lastItems = 2

// credit is the number of frames that may be on their way to an engine.
func (s *Schedule) credit(engine int) int {
	if s.timed() {
		mean, known := s.mean(engine)
		if !known || mean > 2*float64(s.config.Overhead) && s.left <= lastItems*s.config.Engines {
			return 1
		}
		return 2
	}
	if s.config.Order == Balanced && s.left <= s.config.Chunk*s.config.Engines {
		return 1 // the engine that asks first must not have two of the last frames, and another none
	}
	mean := s.frames[engine].mean
	if mean == 0 {
		return 2
	}
	return int(max(2, min(leadFrames, float64(leadTime)/mean)))
}

// mean is what an item of an engine is expected to cost, in nanoseconds: as its last
// ones did, or those of the other engines, or those of earlier calls.
func (s *Schedule) mean(engine int) (ns float64, known bool) {
	switch {
	case s.seen[engine].n > 0:
		return s.seen[engine].mean, true
	case s.cost.n > 0:
		return s.cost.mean, true
	}
	return s.config.Cost.Mean, s.config.Cost.Items > 0
}

// fit is the number of items that fit into so many bytes.
func (s *Schedule) fit(bytes int) int {
	if s.size <= 0 {
		return math.MaxInt
	}
	return bytes / s.size
}

// part is the next frame of a share that was given beforehand: all of it, unless the engine works on it for long.
func (s *Schedule) part(engine int) (items int, limit time.Duration) {
	items = max(1, s.fit(maxBytes))
	if s.config.Order == Pinned {
		return items, 0
	}
	if mean, known := s.mean(engine); known && mean*float64(count(s.leases[engine])) > 2*float64(shareTime) {
		items = min(items, max(1, int(float64(shareTime)/mean)))
	}
	return items, 2 * shareTime
}

// cut takes the next frame off some spans, by one of front and back: fixed items, or as
// many as the time wants.
func (s *Schedule) cut(engine int, spans []Span, fixed int, off func([]Span, int) (Span, []Span)) (Frame, []Span) {
	if fixed > 0 {
		span, rest := off(spans, fixed)
		return Frame{Span: span}, rest
	}
	h := float64(s.config.Overhead)
	mean, known := s.mean(engine)
	if !known {
		// Not all of the lease, because a first item that takes very long would hold the others.
		span, rest := off(spans, max(1, min((count(spans)+3)/4, s.fit(probeBytes))))
		return Frame{span, time.Duration(2 * h)}, rest
	}
	mean = max(mean, 0.01)
	rest := mean * float64(s.left) / float64(s.config.Engines)
	// The controller's part of the overhead is about a quarter, and it serves all
	// engines: shorter frames than this would keep them waiting for it.
	least := max(2*h, float64(s.config.Engines)*h/4)
	length := max(least, min(math.Sqrt(2*rest*h), float64(maxTime), growth*s.last[engine]))
	s.last[engine] = length
	n := max(1, min(s.fit(fullBytes), int(min(math.Round(length/mean), float64(s.config.Items)))))
	span, left := off(spans, n)
	return Frame{span, time.Duration(2 * max(length, mean))}, left
}
