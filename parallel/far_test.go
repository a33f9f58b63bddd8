package parallel

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"testing"
	"time"
)

// distant is a launcher whose nodes reach this process through a proxy, which brings everything later by a delay, in both directions.
type distant struct {
	Command
	delay time.Duration
}

// Launch gives the nodes tickets that know the proxy alone.
func (d distant) Launch(ctx context.Context, o Order) (Allocation, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address, ticket := o.Address, o.Ticket
	o.Ticket = func(node int, options TicketOptions) []byte {
		var fields map[string]any
		if err := json.Unmarshal(ticket(node, options), &fields); err != nil {
			panic(err)
		}
		fields["Addresses"] = []map[string]string{{"Network": "tcp", "Path": l.Addr().String()}}
		line, err := json.Marshal(fields)
		if err != nil {
			panic(err)
		}
		return append(line, '\n')
	}
	a, err := d.Command.Launch(ctx, o)
	if err != nil {
		l.Close()
		return nil, err
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				near.Close()
				continue
			}
			go late(near, far, d.delay)
			go late(far, near, d.delay)
		}
	}()
	return &proxied{Allocation: a, listener: l}, nil
}

// proxied is an allocation whose proxy ends with it.
type proxied struct {
	Allocation
	listener net.Listener
	once     sync.Once
}

// Stop ends the proxy, too, when it ends all.
func (p *proxied) Stop(ctx context.Context, nodes ...int) error {
	if len(nodes) == 0 {
		p.once.Do(func() { p.listener.Close() })
	}
	return p.Allocation.Stop(ctx, nodes...)
}

// late copies what one connection sends to another, each piece as much later as the delay.
func late(from, to net.Conn, delay time.Duration) {
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 1<<12)
	go func() {
		defer close(pieces)
		for {
			data := make([]byte, 64<<10)
			n, err := from.Read(data)
			if n > 0 {
				pieces <- piece{data[:n], time.Now().Add(delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	to.Close()
	from.Close()
	for range pieces {
	}
}

// TestFarEnginesAreBusy: what a way of 20 ms costs is paid a few times in a call, and not for each frame, whether or not the call knows its items.
func TestFarEnginesAreBusy(t *testing.T) {
	rc := start(t, 4, On(distant{Command{EnginesPerNode: 2}, 20 * time.Millisecond}))
	for _, name := range []string{"the first call, which knows nothing of the items", "the second call"} {
		r := rc.LoadBalanced().Map(napped, many(2000, 5)) // 10 s of work
		if _, err := r.Get(); err != nil {
			t.Fatal(err)
		}
		e := r.Explain()
		busy := e.Work.Seconds() / (4 * e.Elapsed.Seconds())
		model := e.Work.Seconds() / (e.Work.Seconds() + 4*2*0.040) // two round trips, in which nothing runs
		t.Logf("%s: %v of work in %v: the engines are busy for %.2f of the time, %.2f of the model's; %d frames", name, e.Work.Round(time.Millisecond), e.Elapsed.Round(time.Millisecond), busy, busy/model, e.Frames)
		if busy < 0.9*model {
			t.Errorf("%s: the engines are busy for %.2f of the time; the model says %.2f", name, busy, model)
		}
	}
}
