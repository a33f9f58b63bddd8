package host

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/command"
	"github.com/goparallel/goparallel/internal/kernel/live"
)

// sink sends what a cell shows to the kernel process. Each call waits for its
// answer, so that what the cell prints next cannot overtake it.
type sink struct{ h *host }

func (s sink) Display(data cell.Bundle, metadata map[string]any, id string) {
	s.show(&message{Kind: kindDisplay, Data: data, Metadata: metadata, ID: id})
}

func (s sink) Update(data cell.Bundle, metadata map[string]any, id string) {
	s.show(&message{Kind: kindUpdate, Data: data, Metadata: metadata, ID: id})
}

func (s sink) Result(data cell.Bundle, metadata map[string]any) {
	s.show(&message{Kind: kindResult, Data: data, Metadata: metadata})
}

func (s sink) Clear(wait bool) { s.show(&message{Kind: kindClear, Wait: wait}) }

func (s sink) Comm(c cell.Comm) { s.show(&message{Kind: kindComm, Comm: &c}) }

// captured is the sink of what cells display: %%capture may keep it.
type captured struct{ sink }

// Display shows or keeps something.
func (s captured) Display(data cell.Bundle, metadata map[string]any, id string) {
	if !command.Keep(data, metadata, id) {
		s.sink.Display(data, metadata, id)
	}
}

// Update replaces it where it is.
func (s captured) Update(data cell.Bundle, metadata map[string]any, id string) {
	if !command.KeepUpdate(data, metadata, id) {
		s.sink.Update(data, metadata, id)
	}
}

func (s sink) show(m *message) {
	if _, err := s.h.call(context.Background(), m); err != nil {
		fmt.Fprintln(os.Stderr, "display:", err)
	}
}

// Input asks the user. It ends when the running cell is interrupted.
func (s sink) Input(ctx context.Context, prompt string, password bool) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(live.Context(), cancel)()
	m, err := s.h.call(ctx, &message{Kind: kindInput, Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	return m.Text, nil
}

// call sends a message and waits for its answer.
func (h *host) call(ctx context.Context, m *message) (*message, error) {
	answer := make(chan *message, 1)
	h.mu.Lock()
	h.calls++
	m.Call = h.calls
	h.waiting[m.Call] = answer
	h.mu.Unlock()
	forget := func() {
		h.mu.Lock()
		delete(h.waiting, m.Call)
		h.mu.Unlock()
	}
	if err := h.conn.send(m); err != nil {
		forget()
		return nil, err
	}
	select {
	case a := <-answer:
		if a.Error != "" {
			return nil, errors.New(a.Error)
		}
		return a, nil
	case <-ctx.Done():
		forget()
		return nil, ctx.Err()
	}
}
