package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/launch"
)

// engineSink is where display shows things on an engine: they go with what the engine prints to the cell whose call it is,
// as they happen. What Execute runs has them in its result as well.
type engineSink struct {
	mu   sync.Mutex
	into *collected
	own  map[string]bool // ids of what was shown here
}

var onEngine engineSink

func (s *engineSink) collect(into *collected) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.into = into
}

// Display shows data in the cell.
func (s *engineSink) Display(data cell.Bundle, metadata map[string]any, id string) {
	s.mu.Lock()
	if s.into != nil {
		s.into.add(data, false)
	}
	if id != "" {
		if s.own == nil {
			s.own = map[string]bool{}
		}
		s.own[id] = true
	}
	s.mu.Unlock()
	s.send(&message{Kind: kindDisplay, Data: data, Metadata: metadata, ID: id})
}

// Update replaces what has the id: something that was shown here, or in the notebook, from where its handle came.
func (s *engineSink) Update(data cell.Bundle, metadata map[string]any, id string) {
	m := &message{Kind: kindUpdate, Data: data, Metadata: metadata, ID: id}
	s.mu.Lock()
	if s.into != nil {
		s.into.add(data, false)
	}
	if !s.own[id] {
		m.Name = "notebook"
	}
	s.mu.Unlock()
	s.send(m)
}

// Clear does nothing: what other engines show stays.
func (s *engineSink) Clear(bool) {}

// Input has nobody to ask.
func (s *engineSink) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("an engine cannot ask for input")
}

// Comm sends a message of a comm to the front end.
func (s *engineSink) Comm(c cell.Comm) { s.send(&message{Kind: kindComm, Comm: &c}) }

func (s *engineSink) send(m *message) {
	what, err := json.Marshal(m)
	if err == nil {
		err = launch.Show(what)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "display:", err)
	}
}
