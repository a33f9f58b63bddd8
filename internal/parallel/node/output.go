package node

import (
	"bytes"
	"io"

	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/printed"
)

// What engines print travels with the number of the call that it belongs to, which those of nodes always say.

// sink makes news of what engines print on one of their outputs.
func (m *manager) sink(stderr bool) *launch.Sink {
	s := &launch.Sink{Stream: printed.Streams[0], Bound: m.ticket.Bound, Writer: func() io.Writer { return lines{m.channel, stderr} }}
	if stderr {
		s.Stream = printed.Streams[1]
	}
	s.Of = func(call uint64) launch.Printed { return &passing{m.channel, stderr, call} }
	return s
}

// lines is a writer of whole lines about engines, which become news.
type lines struct {
	channel *channel
	stderr  bool
}

// Write queues the lines.
func (l lines) Write(text []byte) (int, error) {
	n := news{Out: bytes.Clone(text)}
	if l.stderr {
		n.Out, n.Err = nil, n.Out
	}
	l.channel.send(n)
	return len(text), nil
}

// passing makes news of what engines print for a call.
type passing struct {
	channel *channel
	stderr  bool
	call    uint64
}

// Print queues lines.
func (p *passing) Print(engine int, lines []byte) bool {
	p.send(&output{Engine: engine, Lines: bytes.Clone(lines)})
	return true
}

// Show queues what is shown.
func (p *passing) Show(engine int, what []byte) { p.send(&output{Engine: engine, Shown: what}) }

func (p *passing) send(o *output) {
	o.Stderr, o.Call = p.stderr, p.call
	p.channel.sendOutput(news{Printed: o}, len(o.Lines)+len(o.Shown))
}
