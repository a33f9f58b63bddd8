package kernel

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// comms are the ids of the open comms with their targets, whichever side opened them.
type comms struct {
	mu   sync.Mutex
	open map[string]string
}

// note keeps what a message says about its comm. It reports whether the comm was open.
func (c *comms) note(m cell.Comm) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.open[m.ID]
	switch m.Kind {
	case cell.CommOpen:
		if c.open == nil {
			c.open = make(map[string]string)
		}
		c.open[m.ID] = m.Target
	case cell.CommClose:
		delete(c.open, m.ID)
	}
	return known
}

// commInfo lists the open comms: widget managers ask for them when a page is loaded.
func (k *Kernel) commInfo(_ context.Context, r *request) error {
	req, err := content[jupyter.CommInfoRequest](r)
	if err != nil {
		return err
	}
	list := map[string]jupyter.CommInfo{}
	k.comms.mu.Lock()
	for id, target := range k.comms.open {
		if req.TargetName == "" || req.TargetName == target {
			list[id] = jupyter.CommInfo{TargetName: target}
		}
	}
	k.comms.mu.Unlock()
	k.reply(r, jupyter.CommInfoReply{Status: "ok", Comms: list})
	return nil
}

// comm hands a front end's message to the session. The request is over when its
// handlers are: widget managers send the next change of a value no sooner, so that a
// slow handler misses what lies between.
func (k *Kernel) comm(ctx context.Context, r *request) error {
	c, err := content[jupyter.Comm](r)
	if err != nil {
		return err
	}
	m := cell.Comm{Kind: r.Header.MsgType, ID: c.CommID, Target: c.TargetName, Data: c.Data, Metadata: r.Metadata, Buffers: r.Buffers}
	if known := k.comms.note(m); !known && m.Kind != cell.CommOpen {
		return nil // it has been closed already
	}
	interp, err := k.interp.get(ctx, false)
	if err != nil {
		k.publishComm(cell.Comm{Kind: cell.CommClose, ID: m.ID}, r.RawHeader)
		return err
	}
	k.setEvent(r.RawHeader)
	defer k.setEvent(nil)
	if failed := interp.Comm(ctx, m); failed != nil {
		k.background.Stream("stderr", failed.Text()+"\n")
	}
	return nil
}

func (k *Kernel) setEvent(header json.RawMessage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.event = header
}

func (k *Kernel) eventHeader() json.RawMessage {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.event
}

// publishComm sends the front ends a message of the session's.
func (k *Kernel) publishComm(m cell.Comm, parent json.RawMessage) {
	k.comms.note(m)
	content := jupyter.Comm{CommID: m.ID, TargetName: m.Target, Data: m.Data}
	if content.Data == nil {
		content.Data = json.RawMessage("{}")
	}
	message, err := k.message(m.Kind, content, parent)
	if err == nil {
		message.Metadata, message.Buffers = m.Metadata, m.Buffers
		err = k.p.Channels.IOPub.Publish("kernel."+k.session+"."+m.Kind, message)
	}
	if err != nil {
		k.p.Log.Warn("cannot publish", "type", m.Kind, "err", err)
	}
}
