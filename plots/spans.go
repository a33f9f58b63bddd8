package plots

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/parallel"
)

// lane is an engine or a goroutine with its frames, in the order of their answers.
type lane struct {
	name   string
	frames []spans
}

// spans are the times of a frame, in seconds since the call began: when it was sent;
// when the worker began with it, ran the function, and encoded the results; when it had ended;
// and when the caller had its results.
type spans struct{ sent, begin, run, encode, end, received float64 }

// lanes lays the frames of a call on the caller's clock. The engines measured how
// long their parts took, by clocks of their own, but not when: a frame is taken to have
// travelled as long on the way there as on the way back, after the one before it had
// ended.
func lanes(e parallel.Explanation) []lane {
	frames := map[int][]spans{}
	if most := slices.MaxFunc(append(e.Trace, parallel.FrameTrace{Engine: -1}), func(a, b parallel.FrameTrace) int { return a.Engine - b.Engine }).Engine; most < e.Workers {
		for id := range e.Workers { // an engine that had nothing to do is worth seeing
			frames[id] = nil
		}
	}
	for _, t := range e.Trace {
		s := spans{sent: t.Sent.Seconds(), received: t.Received.Seconds()}
		spent := (t.Decode + t.Run + t.Encode).Seconds()
		way := max(0, s.received-s.sent-t.Queue.Seconds()-spent) / 2
		s.begin = max(s.sent, s.received-way-spent)
		if before := frames[t.Engine]; len(before) > 0 {
			s.begin = min(max(s.begin, before[len(before)-1].end), s.received)
		}
		s.run = min(s.begin+t.Decode.Seconds(), s.received)
		s.encode = min(s.run+t.Run.Seconds(), s.received)
		s.end = min(s.encode+t.Encode.Seconds(), s.received)
		frames[t.Engine] = append(frames[t.Engine], s)
	}
	var all []lane
	for _, id := range slices.Sorted(maps.Keys(frames)) {
		name := fmt.Sprintf("%s %d", workerName(e.Tier), id)
		if e.Tier == parallel.Caller {
			name = workerName(e.Tier)
		}
		all = append(all, lane{name, frames[id]})
	}
	return all
}

func workerName(t parallel.Tier) string {
	switch t {
	case parallel.Engines:
		return "engine"
	case parallel.Goroutines:
		return "goroutine"
	}
	return "caller"
}

// density is how much of each of n equal parts of the time up to the end a lane
// spent running, on decoding and encoding, and waiting for a frame that was
// sent.
func (l lane) density(end float64, n int) (running, coding, waiting []float64) {
	running, coding = make([]float64, n), make([]float64, n)
	flying := make([]float64, n)
	add := func(to []float64, from, until float64) {
		from, until = from/end*float64(n), until/end*float64(n)
		for i := max(0, int(from)); i < n && float64(i) < until; i++ {
			to[i] += max(0, min(until, float64(i+1))-max(from, float64(i)))
		}
	}
	covered := 0.0 // up to here some frame was under way
	for _, s := range slices.SortedFunc(slices.Values(l.frames), func(a, b spans) int { return cmp.Compare(a.sent, b.sent) }) {
		add(coding, s.begin, s.run)
		add(running, s.run, s.encode)
		add(coding, s.encode, s.end)
		if s.received > covered {
			add(flying, max(s.sent, covered), s.received)
			covered = s.received
		}
	}
	waiting = flying
	for i := range waiting {
		waiting[i] = max(0, flying[i]-running[i]-coding[i])
	}
	return running, coding, waiting
}
