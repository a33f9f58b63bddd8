package launch

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// running is the executable that this process runs, whatever lies at its path by now:
// the link stays with the file when that is replaced or deleted, as in a deployment
// over a running service.
const running = "/proc/self/exe"

// RunningPath is a path by which other processes of this user find the executable that this process
// runs, for as long as it runs.
func RunningPath() string { return fmt.Sprintf("/proc/%d/exe", os.Getpid()) }

// Build identifies the build of this process.
var Build = sync.OnceValues(func() (wire.Build, error) { return buildOf(running) })

// buildOf identifies the build of an executable: by the id that the go command gives
// each, which depends on all that the executable is made of, or by the whole file where
// it has none, as other build systems leave it out or set it to a word.
func buildOf(path string) (wire.Build, error) {
	f, err := os.Open(path)
	if err != nil {
		return wire.Build{}, fmt.Errorf("the program's file must be read to tell builds apart: %w", err)
	}
	defer f.Close()
	if id := goBuildID(f); strings.Count(id, "/") == 3 {
		return sha256.Sum256([]byte("go " + id)), nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(f, 0, 1<<62)); err != nil {
		return wire.Build{}, fmt.Errorf("the program's file must be read to tell builds apart: %w", err)
	}
	return wire.Build(hash.Sum(nil)), nil
}

// goBuildID returns the id that the Go linker has put into an executable, or "". It is
// an ELF note of type 4 by the name of Go: three sizes and types of four bytes each, the name, and
// the id.
func goBuildID(f *os.File) string {
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
