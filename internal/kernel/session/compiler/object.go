package compiler

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// objectMagic begins a Go object in an archive, and is followed by the
// fingerprint of the package's exports.
const objectMagic = "\x00go120ld"

// An Object is a Go object as the compiler writes it, from its magic on (see
// cmd/internal/goobj).
type Object []byte

// ReadObject returns the Go object in a package's archive.
func ReadObject(file string) (Object, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	at := bytes.Index(data, []byte(objectMagic))
	if at < 0 {
		return nil, fmt.Errorf("%s holds no object of %s", file, toolchain.Version)
	}
	return data[at:], nil
}

// Fingerprint is the hash of the package's exports.
func (o Object) Fingerprint() []byte { return o[len(objectMagic):][:8] }

// Symbols lists the names of the symbols that other objects refer to by number.
func (o Object) Symbols() (names []string) {
	const (
		blocks  = 20 // where the table of blocks begins: behind magic, fingerprint and flags
		defined = 3  // the block of these symbols
		size    = 21 // of a symbol, which begins with its name's length and place
	)
	word := func(at uint32) uint32 { return binary.LittleEndian.Uint32(o[at:]) }
	for at := word(blocks + 4*defined); at < word(blocks+4*(defined+1)); at += size {
		names = append(names, string(o[word(at+4):][:word(at)]))
	}
	return names
}
