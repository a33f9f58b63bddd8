package unitobject_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/goparallel/goparallel/internal/goabi/unitobject"
	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// Objects of the real compiler have the users' names of types, and are as long as before.
func TestTypesInObjectsHaveUsersNames(t *testing.T) {
	tools, err := toolchain.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	pool := compiler.NewPool(tools, dir)
	t.Cleanup(pool.Close)
	config := filepath.Join(dir, "importcfg")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	object, err := pool.Compile(t.Context(), config, nil, "package main\ntype pointᐧ2 struct{ x int }\ntype pointᐧ21 struct{ y int }\ntype pair[T any] struct{ a, b T }\nvar A, B, C any = pointᐧ2{}, pair[pointᐧ2]{}, map[pointᐧ21]pair[map[string]pointᐧ21]{}\n")
	if err != nil {
		t.Fatal(err)
	}
	named := bytes.Clone(object)
	unitobject.NameTypes(named, compiler.SymbolPath, map[string]string{"pointᐧ2": "point", "pointᐧ21": "spot"})
	if len(named) != len(object) {
		t.Errorf("%d bytes became %d", len(object), len(named))
	}
	// A text of a description follows a flag and its length.
	for text, want := range map[string]bool{"*main.point": true, "*main.pair[main.point]": true, "*main.pointᐧ2": false,
		"*main.spot": true, "*map[main.spot]main.pair[map[string]main.spot]": true} {
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
	object := append([]byte("object: "), append(function(0, unitobject.ForwardLine), append(function(0, 7), function(3, unitobject.ForwardLine)...)...)...)
	want := append([]byte("object: "), append(function(23, unitobject.ForwardLine), append(function(0, 7), function(3, unitobject.ForwardLine)...)...)...)
	if unitobject.MarkForwards(object); !bytes.Equal(object, want) {
		t.Errorf("%x, want %x", object, want)
	}
}
