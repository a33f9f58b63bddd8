package node

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/printed"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// far is the other end of a node's connection: what the node's process says and is told is the test's.
type far struct {
	*channel
	t *testing.T
}

// ends are both ends of a connection.
func ends(t *testing.T) (controller, node *wire.Link) {
	t.Helper()
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	l, err := wire.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	secret := wire.NewSecret()
	arrived, cancel := l.Expect(secret, wire.Build{1})
	defer cancel()
	if node, err = wire.Dial(context.Background(), l.Address(), secret, wire.Build{1}, nil); err != nil {
		t.Fatal(err)
	}
	a := <-arrived
	if a.Err != nil {
		t.Fatal(a.Err)
	}
	return a.Link, node
}

// outputs take what engines print.
type outputs struct {
	mu   sync.Mutex
	text []string
}

func (o *outputs) add(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, text)
}

func (o *outputs) Write(text []byte) (int, error) { o.add(string(text)); return len(text), nil }

// forCall takes what they print for a call.
type forCall struct {
	*outputs
	stream string
}

func (c forCall) Print(engine int, lines []byte) bool {
	c.add(c.stream + ": " + string(lines))
	return true
}
func (c forCall) Show(engine int, what []byte) { c.add(c.stream + " shown: " + string(what)) }

// meet has a node that has said who it is.
func meet(t *testing.T, code backend.Code, depot *memory.Depot) (*Node, *far, *outputs) {
	t.Helper()
	own, other := ends(t)
	f := &far{newChannel(other, wire.Result), t}
	f.send(news{Hello: &Hello{Host: "far", Arch: "riscv"}})
	taken := new(outputs)
	var sinks []*launch.Sink
	for _, stream := range printed.Streams {
		sinks = append(sinks, &launch.Sink{Stream: stream, Writer: func() io.Writer { return taken }, Of: func(call uint64) launch.Printed {
			if call == 7 {
				return forCall{taken, stream}
			}
			return nil
		}})
	}
	n, err := New(own, depot, sinks[0], sinks[1], code)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.Close()
		f.close()
		f.done.Wait()
	})
	return n, f, taken
}

// told waits for an order.
func (f *far) told() order {
	f.t.Helper()
	var o order
	if err := f.receive(&o); err != nil {
		f.t.Fatal(err)
	}
	return o
}

// starts answers the order to start an engine.
func (f *far) starts(n *Node, pid int) *Process {
	f.t.Helper()
	go func() {
		var o order
		if err := f.receive(&o); err != nil || o.Start == nil {
			f.t.Errorf("%v: %+v", err, o)
		}
		f.send(news{Process: o.Process, Pid: pid})
	}()
	p, err := n.Start(launch.Config{ID: pid})
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

func TestTicketIsALine(t *testing.T) {
	ticket := Ticket{Node: 3, Engines: 2, Args: []string{"a\nb"}, Folder: "/x", Bound: 9}
	line := ticket.Encode()
	var got Ticket
	if err := json.Unmarshal(line, &got); err != nil || bytes.IndexByte(line, '\n') != len(line)-1 || got.Node != 3 || got.Args[0] != "a\nb" || got.Bound != 9 {
		t.Errorf("%v: %q", err, line)
	}
}

// Who connects says who it is first; otherwise it is no node, and nothing of it is left.
func TestANodeSaysWhoItIs(t *testing.T) {
	for name, test := range map[string]struct {
		first news
		why   string
	}{
		"something else": {news{Pid: 1}, "did not say who it is"},
		"nothing":        {news{}, "its connection was lost"},
	} {
		own, other := ends(t)
		f := newChannel(other, wire.Result)
		if test.first.Pid != 0 {
			f.send(test.first)
		} else {
			f.close()
		}
		n, err := New(own, nil, nil, nil, nil)
		if n != nil || err == nil || !strings.Contains(err.Error(), test.why) {
			t.Errorf("%s: %v", name, err)
		}
		f.close()
		f.done.Wait()
	}
}

// An engine begins when the node says so, and otherwise the error says which node, and why.
func TestStartingAnEngine(t *testing.T) {
	n, f, _ := meet(t, nil, nil)
	if n.Hello.Host != "far" || n.Hello.Arch != "riscv" {
		t.Errorf("%+v", n.Hello)
	}
	first := f.starts(n, 101)
	if second := f.starts(n, 102); first.Pid() != 101 || second.Pid() != 102 {
		t.Errorf("%d %d", first.Pid(), second.Pid())
	}
	go func() { f.send(news{Process: f.told().Process, Failed: "it has no memory"}) }()
	if p, err := n.Start(launch.Config{}); p != nil || err == nil || err.Error() != "on the node far, it has no memory" {
		t.Errorf("%v", err)
	}
	go func() {
		f.told()
		f.close()
	}()
	if p, err := n.Start(launch.Config{ID: 4}); p != nil || err == nil || !strings.HasPrefix(err.Error(), "engine 4 could not be started: its process was lost with its node: ") {
		t.Errorf("%v", err)
	}
	if p, err := n.Start(launch.Config{}); p != nil || err == nil || !strings.HasPrefix(err.Error(), "the node far is gone: ") {
		t.Errorf("%v", err)
	}
}

// How an engine ended is what the node says, with what it did last; others go on.
func TestTheEndOfAnEngine(t *testing.T) {
	n, f, _ := meet(t, nil, nil)
	p, other := f.starts(n, 1), f.starts(n, 2)
	p.KillFor("is late")
	if o := f.told(); !o.Kill || o.Process != p.number || o.Why != "is late" {
		t.Errorf("%+v", o)
	}
	f.send(news{Process: p.number, Ended: &ended{How: "was killed", Call: 5, Item: 6}})
	<-p.Ended()
	if call, item := p.Last(); p.End() != "was killed" || call != 5 || item != 6 {
		t.Errorf("%s, call %d, item %d", p.End(), call, item)
	}
	p.Close() // which asks nobody
	select {
	case <-other.Ended():
		t.Error("the other engine ended as well")
	default:
	}
	go func() {
		if o := f.told(); !o.Kill || o.Process != other.number {
			t.Errorf("%+v", o)
		}
		f.send(news{Process: other.number, Ended: &ended{How: "ended", Item: -1}})
	}()
	other.Close()
	if other.End() != "ended" {
		t.Error(other.End())
	}
}

// Engines are lost with their node, for the reason that it gave before, if it gave one.
func TestEnginesAreLostWithTheirNode(t *testing.T) {
	for _, leaving := range []string{"", "the job ends"} {
		n, f, _ := meet(t, nil, nil)
		p := f.starts(n, 1)
		if leaving != "" {
			f.send(news{Leaving: leaving})
			f.send(news{Leaving: "said again"})
			<-n.Leaving()
			if n.Why() != leaving {
				t.Error(n.Why())
			}
		}
		f.close()
		<-n.Lost()
		<-p.Ended()
		why := leaving
		if why == "" {
			why = "its connection was lost"
			select {
			case <-n.Leaving():
				t.Error("it is leaving, though it has not said so")
			default:
			}
		}
		if call, item := p.Last(); !strings.HasPrefix(n.Why(), why) || !strings.HasPrefix(p.End(), "was lost with its node: "+why) || call != 0 || item != -1 {
			t.Errorf("%s; %s, call %d, item %d", n.Why(), p.End(), call, item)
		}
	}
}

// Who waits for what an engine has printed waits until the node has passed it on, or is gone.
func TestWaitingForOutput(t *testing.T) {
	n, f, taken := meet(t, nil, nil)
	p := f.starts(n, 1)
	wait := p.FlushOutput(time.Hour)
	o := f.told()
	if o.Flush == 0 || o.Process != p.number {
		t.Fatalf("%+v", o)
	}
	f.send(news{Out: []byte("before\n")})
	f.send(news{Flushed: o.Flush})
	if wait(); !slices.Equal(taken.text, []string{"before\n"}) {
		t.Errorf("%q", taken.text)
	}
	wait = p.FlushOutput(time.Hour)
	f.close()
	wait()
	if <-n.Lost(); p.FlushOutput(time.Hour) != nil {
		t.Error("a node that is gone is asked")
	}
}

// What engines print goes to the call that it is for, or to where all goes, and by its stream; after that their bound
// can be renewed.
func TestWhereOutputGoes(t *testing.T) {
	n, f, taken := meet(t, nil, nil)
	n.Renew() // nothing was printed: it is not told
	f.send(news{Out: []byte("[0] of all\n"), Err: []byte("[1] wrong\n")})
	f.send(news{Printed: &output{Call: 7, Engine: 2, Lines: []byte("of a call\n"), Shown: []byte("a table")}})
	f.send(news{Printed: &output{Call: 7, Engine: 2, Stderr: true, Lines: []byte("warning\n")}})
	f.send(news{Printed: &output{Call: 8, Engine: 2, Lines: []byte("of nobody\n")}})
	p := f.starts(n, 1) // all is taken in by then
	want := []string{"[0] of all\n", "[1] wrong\n", "stdout: of a call\n", "stdout shown: a table", "stderr: warning\n", string(printed.Prefixed("stdout", 2, []byte("of nobody\n")))}
	if !slices.Equal(taken.text, want) {
		t.Errorf("%q\ninstead of\n%q", taken.text, want)
	}
	n.Renew()
	n.Renew() // nothing was printed since
	p.KillFor("")
	if o := f.told(); !o.Renew {
		t.Errorf("%+v", o)
	}
	if o := f.told(); !o.Kill {
		t.Errorf("%+v", o)
	}
}

// A node's process answers orders for engines that it does not have, and passes on what its own print.
func TestOrdersForEnginesThatAreGone(t *testing.T) {
	own, other := ends(t)
	controller := newChannel(own, wire.Frame)
	m := &manager{ticket: &Ticket{Bound: 5}, channel: newChannel(other, wire.Result), processes: map[uint64]*launch.Child{}}
	m.out, m.err = m.sink(false), m.sink(true)
	ended := make(chan error)
	go func() { ended <- m.work() }()
	controller.send(order{Process: 9, Kill: true})
	controller.send(order{Renew: true})
	controller.send(order{Process: 9, Flush: 12})
	var n news
	if err := controller.receive(&n); err != nil || n.Flushed != 12 {
		t.Errorf("%v: %+v", err, n)
	}
	m.err.Pass([]byte("[1] wrong\n"))
	m.out.Take(3, 1, []byte("line\n"), []byte("shown"))
	for _, want := range []news{{Err: []byte("[1] wrong\n")}, {Printed: &output{Call: 3, Engine: 1, Lines: []byte("line\n")}}, {Printed: &output{Call: 3, Engine: 1, Shown: []byte("shown")}}} {
		var n news
		err := controller.receive(&n)
		if err != nil || string(n.Err) != string(want.Err) || (n.Printed == nil) != (want.Printed == nil) {
			t.Fatalf("%v: %+v instead of %+v", err, n, want)
		}
		if p, w := n.Printed, want.Printed; p != nil && (p.Call != w.Call || p.Engine != w.Engine || p.Stderr || string(p.Lines) != string(w.Lines) || string(p.Shown) != string(w.Shown)) {
			t.Errorf("%+v instead of %+v", p, w)
		}
	}
	if m.out.Bound != 5 || m.out.Stream != "stdout" || m.err.Stream != "stderr" {
		t.Errorf("%+v", m.out)
	}
	controller.close()
	if err := <-ended; err == nil || !strings.HasPrefix(err.Error(), "the controller is gone: ") {
		t.Error(err)
	}
	m.channel.close()
	m.channel.done.Wait()
	controller.done.Wait()
}
