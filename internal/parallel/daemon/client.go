package daemon

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// client is a program that is connected. One goroutine takes its questions, one sends what engines
// print, and one for each call that it subscribes to sends what comes of it: so a client that does not read
// holds up nobody else.
type client struct {
	daemon *Daemon
	link   *wire.Link
	gone   context.Context // ends with the connection
	key    string          // whose key it came with; "" is the cluster's own
	pool   *pool           // nil for somebody who looks
	// greeting is closed when the engines are there that the client has asked for; nil before it has.
	greeting chan struct{}

	mu            sync.Mutex
	asked         map[uint64]*record // whose items are not all here yet
	subscriptions map[uint64]*subscription
	printed       []*wire.Message
	left          int // bytes of what was printed and did not fit
	wake          chan struct{}
	sending       sync.Mutex // held while what was printed is sent
}

// serve is the life of a connection by the key of a client.
func (d *Daemon) serve(link *wire.Link, key string) {
	ctx, cancel := context.WithCancel(d.ctx)
	c := &client{daemon: d, link: link, key: key, gone: ctx, asked: map[uint64]*record{}, subscriptions: map[uint64]*subscription{}, wake: make(chan struct{}, 1)}
	d.mu.Lock()
	if d.ctx.Err() != nil || d.keys[key] == nil { // the key was revoked while it came
		d.mu.Unlock()
		cancel()
		link.Close()
		return
	}
	d.clients[c] = true
	d.group.Add(1)
	d.mu.Unlock()
	defer d.group.Done()
	stopped := context.AfterFunc(ctx, link.Close) // the daemon's end is the connection's, too
	printing := make(chan struct{})
	go func() { defer close(printing); c.sendPrinted() }()
	for {
		m, err := link.Recv()
		if err == nil {
			err = c.take(m)
		}
		if err != nil {
			break
		}
	}
	cancel()
	stopped()
	link.Close()
	<-printing
	if c.greeting != nil {
		<-c.greeting
	}
	d.leave(c)
}

// take handles a message. An error ends the connection.
func (c *client) take(m wire.Message) error {
	if c.greeting != nil {
		select {
		case <-c.greeting:
		default:
			return errors.New("it has not waited for its engines")
		}
	}
	switch m.Kind {
	case wire.Ask:
		var q cluster.Question
		if err := wire.DecodePayload(m.Payload, &q); err != nil {
			return err
		}
		return c.ask(m, &q)
	case wire.Items:
		return c.items(m)
	case wire.Cancel:
		c.cancel(m.Call, m.First == 1)
		return nil
	}
	return fmt.Errorf("a message of kind %d is not expected", m.Kind)
}

// ask handles a question. What takes long is answered by a goroutine of its own.
func (c *client) ask(m wire.Message, q *cluster.Question) error {
	switch {
	case q.Hello != nil:
		return c.greet(m.Call, q.Hello)
	case q.Call != nil:
		return c.submit(m, q.Call)
	case q.Push != nil:
		return c.push(m, q.Push)
	case q.Stop && c.key == "":
		err := c.answer(m.Call, cluster.Reply{})
		c.daemon.stop()
		return err
	case q.Fetch != "" || q.Resume != "":
		go c.fetch(m.Call, q)
		return nil
	}
	go func() { c.answer(m.Call, c.reply(q)) }()
	return nil
}

// reply answers what has no other effect on the connection than its answer.
func (c *client) reply(q *cluster.Question) (r cluster.Reply) {
	d := c.daemon
	var err error
	switch {
	case q.Status:
		r.Pools = d.status(c)
		r.Size = c.size()
	case q.History:
		r.Calls = d.history()
	case q.Purge != nil:
		err = d.purge(q.Purge)
	case c.key != "" && (q.Stop || q.Keys || q.AddKey != "" || q.Revoke != ""):
		err = errNotOwner
	case q.Keys:
		r.Keys, err = d.listKeys()
	case q.AddKey != "":
		r.Keys, err = d.addKey(q.AddKey)
	case q.Revoke != "":
		err = d.revoke(q.Revoke)
	case c.pool == nil:
		err = errNoEngines
	case q.Add > 0:
		r.IDs, err = c.pool.cluster.Add(c.gone, q.Add)
	case q.Remove != nil:
		err = c.pool.cluster.Remove(c.gone, *q.Remove)
	case q.Restart != nil:
		err = c.pool.cluster.Restart(c.gone, *q.Restart)
	case q.Signal != nil:
		err = c.pool.cluster.Signal(q.Signal.Engine, syscall.Signal(q.Signal.Signal))
	default:
		err = errors.New("the controller does not understand the question")
	}
	if err != nil {
		return cluster.Reply{Error: err.Error()}
	}
	r.Size = c.size()
	return r
}

// size is the number of the client's engines.
func (c *client) size() int {
	if c.pool == nil {
		return 0
	}
	return c.pool.cluster.Size()
}

// answer sends the answer to a question.
func (c *client) answer(number uint64, r cluster.Reply) error {
	payload, err := wire.EncodePayload(r)
	if err != nil {
		return err
	}
	return c.send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Answer, Call: number}, Payload: payload})
}

// send sends a message at once.
func (c *client) send(m *wire.Message) error {
	if err := c.link.Send(m); err != nil {
		return err
	}
	return c.link.Flush()
}

// greet answers a hello, by a goroutine of its own: engines may wait in a queue for hours, and the client may be gone before.
func (c *client) greet(number uint64, h *cluster.Hello) error {
	if c.greeting != nil {
		return c.answer(number, cluster.Reply{Error: "this connection has said hello already"})
	}
	c.greeting = make(chan struct{})
	go func() {
		r := c.hello(h)
		close(c.greeting) // before the client hears of it, and goes on
		c.answer(number, r)
	}()
	return nil
}

// hello gives the client its engines.
func (c *client) hello(h *cluster.Hello) cluster.Reply {
	if h.Program == "" {
		return cluster.Reply{Size: c.daemon.engines}
	}
	p, err := c.daemon.join(c, program{*h})
	c.pool = p
	if err != nil {
		return cluster.Reply{Error: err.Error()}
	}
	return cluster.Reply{Size: c.size()}
}

var errNoEngines = errors.New("this connection has no engines: it was opened to look")

// maxItems limits the items of a call: the memory that is kept of each before it arrives.
const maxItems = 1 << 31

// submit begins a call. It starts when its items are here.
func (c *client) submit(m wire.Message, asked *cluster.Submission) error {
	var err error
	blocks := 0
	count := func(v cluster.Value) {
		if v.Blocks < 0 {
			err = errors.New("a value has less than no blocks")
		}
		blocks += v.Blocks
	}
	for _, v := range asked.Captures {
		count(v)
	}
	for _, v := range slices.Concat(asked.Reads, asked.Keeps) {
		count(v.Value)
	}
	switch {
	case c.pool == nil:
		err = errNoEngines
	case asked.Items < 0 || asked.Items > maxItems:
		err = fmt.Errorf("%d items are too many for one call", asked.Items)
	case blocks != len(m.Blocks):
		err = errors.New("the values of the call do not fit it")
	}
	if err != nil {
		m.Drop()
		return err
	}
	r, err := c.daemon.newRecord(*asked, c.pool.program)
	if err == nil {
		r.values, err = memoryOf(m.Blocks)
	}
	if err == nil {
		r.asked.Modules, err = c.daemon.keepModules(asked.Modules)
	}
	if err != nil {
		return c.answer(m.Call, cluster.Reply{Error: err.Error()})
	}
	if err := c.answer(m.Call, cluster.Reply{ID: r.id}); err != nil {
		return err
	}
	if asked.Argument && asked.Items > 0 {
		c.mu.Lock()
		c.asked[m.Call] = r
		c.mu.Unlock()
		return nil
	}
	c.begin(m.Call, r)
	return nil
}

// memoryOf copies what is in blocks, and releases them.
func memoryOf(blocks []*block) (all [][]byte, err error) {
	for _, b := range blocks {
		view, problem := b.View()
		err = errors.Join(err, problem)
		all = append(all, bytes.Clone(view))
		b.Release()
	}
	return all, err
}

// items takes in some of a call's items; with the last ones it starts.
func (c *client) items(m wire.Message) error {
	c.mu.Lock()
	r := c.asked[m.Call]
	c.mu.Unlock()
	memory, err := memoryOf(m.Blocks)
	if r == nil || err != nil {
		return err // of a call that was refused, or cancelled meanwhile
	}
	var p cluster.Portion
	if err := wire.DecodePayload(m.Payload, &p); err != nil {
		return err
	}
	more := codec.Apart{Count: m.Count, Raw: p.Raw, Data: p.Data, Ends: p.Ends, BlockEnds: p.BlockEnds, Blocks: blocksOf(memory)}
	if p.Raw && len(memory) == 1 {
		more.Data, more.Blocks = memory[0], nil
	}
	if r.items.Count != m.First || r.items.Count+m.Count > r.asked.Items {
		return errors.New("items of a call came out of order")
	}
	if err := r.items.Append(more); err != nil {
		return err
	}
	if r.items.Count == r.asked.Items {
		c.mu.Lock()
		delete(c.asked, m.Call)
		c.mu.Unlock()
		c.begin(m.Call, r)
	}
	return nil
}

// begin starts a call that is complete, and subscribes to it.
func (c *client) begin(number uint64, r *record) {
	c.daemon.run(c.pool, r, [][2]int{{0, r.asked.Items}})
	c.subscribe(number, r)
}

// fetch subscribes to a call of which the client knows the id, and perhaps runs again what failed. The answer comes
// before the events.
func (c *client) fetch(number uint64, q *cluster.Question) {
	id := cmp.Or(q.Fetch, q.Resume)
	r, err := c.daemon.record(id)
	if err == nil && q.Resume != "" {
		if c.pool == nil {
			err = errNoEngines
		} else {
			err = c.daemon.resume(c.pool, r)
		}
	}
	if err != nil {
		c.answer(number, cluster.Reply{Error: err.Error()})
		return
	}
	f := &cluster.Fetched{Function: r.asked.Shown, Label: r.asked.Label, Items: r.asked.Items, Result: r.asked.Result, Began: r.began.UnixNano()}
	if c.answer(number, cluster.Reply{ID: id, Call: f}) == nil {
		c.subscribe(number, r)
	}
}

// push keeps a value on the client's engines.
func (c *client) push(m wire.Message, q *cluster.Push) error {
	memory, err := memoryOf(m.Blocks)
	if err != nil || c.pool == nil {
		return cmp.Or(err, errNoEngines)
	}
	var values []*codec.Encoded
	for _, v := range q.Values {
		if v.Blocks < 0 || v.Blocks > len(memory) {
			return errors.New("the values that were pushed do not have their blocks")
		}
		values = append(values, &codec.Encoded{Type: v.Type, Data: v.Data, Blocks: blocksOf(memory[:v.Blocks])})
		memory = memory[v.Blocks:]
	}
	r := newRecord("", cluster.Submission{Shown: "Push", Items: c.size(), Hidden: true})
	if !q.All {
		r = newRecord("", cluster.Submission{Shown: "Push", Items: len(q.Targets), Hidden: true})
	}
	if q.Modules, err = c.daemon.keepModules(q.Modules); err != nil {
		return c.answer(m.Call, cluster.Reply{Error: err.Error()})
	}
	if err := c.answer(m.Call, cluster.Reply{}); err != nil {
		return err
	}
	c.daemon.begin(c.pool, r, func(ctx context.Context) error {
		targets := q.Targets
		if q.All {
			targets = nil
		}
		call, err := c.pool.cluster.PushEncoded(ctx, targets, q.Name, values, q.Modules)
		if err != nil {
			return err
		}
		return r.collect(call, 0)
	})
	c.subscribe(m.Call, r)
	return nil
}
