package daemon

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// TestAJournalCutAnywhere cuts the file of a call at every byte, as the end of a controller or of the machine may: what was
// complete before is read, and what follows is not believed. Bytes that are changed are an error or cut off, and never a panic.
func TestAJournalCutAnywhere(t *testing.T) {
	folder := t.TempDir()
	r := newRecord("whole", cluster.Submission{Function: "f", Argument: true, Result: "int", Items: 2})
	r.most = 1 << 20
	if err := r.items.Append(codec.Apart{Count: 2, Raw: true, Data: []byte("ab")}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "whole")
	r.write(path)
	landed, err := wire.EncodePayload(cluster.Landed{Failures: []cluster.Failure{{Item: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.add(event{kind: wire.Result, count: 2, payload: []byte("results"), blocks: [][]byte{[]byte("block"), nil}})
	r.add(event{kind: wire.Arrived, count: 2, payload: landed})
	r.mu.Unlock()
	r.finish(&cluster.End{})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string, data []byte) (*record, error) {
		copied := filepath.Join(folder, name)
		if err := os.WriteFile(copied, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := readJournal(copied)
		if err == nil {
			r.file.close()
		}
		return r, err
	}
	states := map[string]int{}
	for n := range len(whole) + 1 {
		got, err := read("cut", whole[:n])
		switch {
		case err != nil:
			states["nothing"]++
		case got.end != nil:
			states["ended"]++
			if err := got.readItems(); err != nil || got.items.Count != 2 || got.count != 2 || got.failed != 1 || len(got.missing()) != 1 {
				t.Errorf("%+v, %v", got, err)
			}
			if payload, blocks, err := got.content(&got.events[0]); err != nil || string(payload) != "results" || len(blocks) != 2 || string(blocks[0]) != "block" {
				t.Errorf("%q %q %v", payload, blocks, err)
			}
		case len(got.events) == 2:
			states["arrived"]++
		default:
			states["begun"]++
		}
	}
	if states["ended"] != 1 || states["arrived"] == 0 || states["begun"] == 0 || states["nothing"] == 0 {
		t.Error(states)
	}
	for i := range whole {
		changed := append([]byte(nil), whole...)
		changed[i] ^= 0xff
		read("changed", changed) // it must come back
	}
}
