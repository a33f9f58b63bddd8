// Package buildid reads the id that the go command gives each build of a program.
//
// Assumed: the id is an ELF note in section .note.go.buildid by the name of Go: three sizes and
// types of four bytes each, the name, and the id (cmd/internal/buildid), which has four parts
// and depends on all that the program is made of.
//
// Where a release has it otherwise: there is no id, and builds are told apart by their whole
// files, which takes longer: this package's test.
package buildid

import (
	"debug/elf"
	"encoding/binary"
	"io"
)

// Of returns the id that the Go linker has put into an executable, or "".
func Of(f io.ReaderAt) string {
	e, err := elf.NewFile(f)
	if err != nil {
		return ""
	}
	section := e.Section(".note.go.buildid")
	if section == nil {
		return ""
	}
	note, err := section.Data()
	if err != nil || len(note) < 16 || string(note[12:16]) != "Go\x00\x00" {
		return ""
	}
	size := binary.NativeEndian.Uint32(note[4:])
	return string(note[16:min(len(note), 16+int(size))])
}
