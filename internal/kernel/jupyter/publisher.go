package jupyter

import (
	"log/slog"
	"strings"
	"sync"

	"github.com/go-zeromq/zmq4"
)

// Publisher is the iopub channel: every subscribed front end gets every
// message, in the order of the calls of Publish. All methods may be called
// from several goroutines.
type Publisher struct {
	socket
	signer signer

	pubMu   sync.Mutex // orders messages; guards the peers' topics and what follows
	welcome func(topic string) *Message
}

func newPublisher(s signer, log *slog.Logger) *Publisher {
	b := &Publisher{signer: s}
	ignore := func(*peer) {}
	b.socket = socket{name: "iopub", typ: zmq4.Pub, log: log, joined: ignore, left: ignore, receive: b.subscribe}
	return b
}

// subscribe follows a peer's subscriptions: one frame whose first byte is 1 or
// 0, then the topic.
func (b *Publisher) subscribe(p *peer, frames [][]byte) {
	if len(frames) != 1 || len(frames[0]) == 0 {
		return
	}
	topic := string(frames[0][1:])
	b.pubMu.Lock()
	defer b.pubMu.Unlock()
	switch frames[0][0] {
	case 1:
		p.topics[topic] = struct{}{}
		b.greet(p, topic)
	case 0:
		delete(p.topics, topic)
	}
}

// Welcome sets which message a front end gets first for a topic that it subscribes to:
// with it, nothing that is published later can be missed. Those that have subscribed already get
// it now.
func (b *Publisher) Welcome(message func(topic string) *Message) {
	b.pubMu.Lock()
	defer b.pubMu.Unlock()
	b.welcome = message
	for _, p := range b.snapshot() {
		for topic := range p.topics {
			b.greet(p, topic)
		}
	}
}

// greet sends the welcome; pubMu is held.
func (b *Publisher) greet(p *peer, topic string) {
	if b.welcome == nil {
		return
	}
	frames, err := b.signer.encode(b.welcome(topic))
	if err != nil {
		b.log.Warn("cannot welcome a front end", "err", err)
		return
	}
	p.send(append([][]byte{[]byte(topic)}, frames...)...)
}

// Publish queues a message under a topic and does not block.
func (b *Publisher) Publish(topic string, m *Message) error {
	frames, err := b.signer.encode(m)
	if err != nil {
		return err
	}
	frames = append([][]byte{[]byte(topic)}, frames...)
	b.pubMu.Lock()
	defer b.pubMu.Unlock()
	for _, p := range b.snapshot() {
		for t := range p.topics {
			if strings.HasPrefix(topic, t) {
				p.send(frames...)
				break
			}
		}
	}
	return nil
}

// WaitRoom returns once no subscriber has more than a few megabytes waiting. What
// cells print calls it first, so that a slow front end slows the cell instead
// of filling the memory; one that takes nothing at all for half a minute is
// dropped. Status and replies do not wait.
func (b *Publisher) WaitRoom() {
	for _, p := range b.snapshot() {
		p.waitBelow(highWater)
	}
}
