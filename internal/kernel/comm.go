package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
	"github.com/goparallel/goparallel/internal/kernel/widgetstate"
)

// widgetControl is the target of the comm by which a page that has been loaded again asks
// for the states of all widgets.
const widgetControl = "jupyter.widget.control"

// comms are the ids of the open comms with their targets, whichever side opened them.
type comms struct {
	mu      sync.Mutex
	open    map[string]string
	widgets widgetstate.States
}

// note keeps what a message says about its comm. It returns the target of the comm, and
// whether it was open.
func (c *comms) note(m cell.Comm) (target string, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	target, known = c.open[m.ID]
	c.widgets.Note(m)
	switch m.Kind {
	case cell.CommOpen:
		if c.open == nil {
			c.open = make(map[string]string)
		}
		c.open[m.ID] = m.Target
		target = m.Target
	case cell.CommClose:
		delete(c.open, m.ID)
		c.widgets.Forget(m.ID)
	}
	return target, known
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
	target, known := k.comms.note(m)
	switch {
	case !known && m.Kind != cell.CommOpen:
		return nil // it has been closed already
	case target == widgetControl:
		return k.widgetControl(m, r.RawHeader)
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

// widgetControl answers the question for the states of all widgets. They are those that front
// ends have been sent, so neither the session nor an engine is asked, which may be busy.
func (k *Kernel) widgetControl(m cell.Comm, parent json.RawMessage) error {
	var question struct{ Method string }
	if m.Kind != cell.CommMessage {
		return nil
	}
	if err := json.Unmarshal(m.Data, &question); err != nil {
		return err
	}
	if question.Method != "request_states" {
		return fmt.Errorf("widgets are asked for %q, which is not known", question.Method)
	}
	k.comms.mu.Lock()
	data, err := json.Marshal(map[string]any{"method": "update_states", "states": k.comms.widgets.Models(), "buffer_paths": []any{}})
	k.comms.mu.Unlock()
	if err == nil {
		k.publishComm(cell.Comm{Kind: cell.CommMessage, ID: m.ID, Data: data}, parent)
	}
	return err
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
