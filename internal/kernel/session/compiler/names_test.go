package compiler

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// Objects of the real compiler have the users' names of types, and are as long as before.
func TestTypesInObjectsHaveUsersNames(t *testing.T) {
	tools, err := toolchain.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	pool := NewPool(tools, dir)
	t.Cleanup(pool.Close)
	config := filepath.Join(dir, "importcfg")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	object, err := pool.Compile(t.Context(), config, nil, "package main\ntype pointᐧ2 struct{ x int }\ntype pair[T any] struct{ a, b T }\nvar A, B any = pointᐧ2{}, pair[pointᐧ2]{}\n")
	if err != nil {
		t.Fatal(err)
	}
	named := bytes.Clone(object)
	NameTypes(named, map[string]string{"pointᐧ2": "point"})
	if len(named) != len(object) {
		t.Errorf("%d bytes became %d", len(object), len(named))
	}
	// A text of a description follows a flag and its length.
	for text, want := range map[string]bool{"*main.point": true, "*main.pair[main.point]": true, "*main.pointᐧ2": false} {
		if got := bytes.Contains(named, append([]byte{byte(len(text))}, text...)); got != want {
			t.Errorf("the object has %q: %v, want %v", text, got, want)
		}
	}
}

// Only functions on the line of those that forward become wrappers.
func TestForwardsBecomeWrappers(t *testing.T) {
	function := func(kind byte, line uint32) []byte {
		return binary.LittleEndian.AppendUint32([]byte{kind, 1, 0, 0}, line)
	}
	object := append([]byte("object: "), append(function(0, ForwardLine), append(function(0, 7), function(3, ForwardLine)...)...)...)
	want := append([]byte("object: "), append(function(23, ForwardLine), append(function(0, 7), function(3, ForwardLine)...)...)...)
	if MarkForwards(object); !bytes.Equal(object, want) {
		t.Errorf("%x, want %x", object, want)
	}
}
