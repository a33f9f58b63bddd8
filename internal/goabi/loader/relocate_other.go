//go:build !amd64 && !arm64

package loader

import (
	"errors"
	"runtime"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
)

// What the other files need of an architecture whose relocations are not known
// yet. New refuses to make a loader there.
const (
	relocCall  = goobj.RelocCallARM64
	callPrefix = 0
	quantum    = 1

	trampolineSize = 0
)

var errArchitecture = errors.New("objects cannot be loaded on " + runtime.GOARCH)

func needsSlot(*symbol, goobj.Reloc) bool { return false }

func mayBeFar(goobj.Reloc) bool { return false }

func (m *module) written() {}

func readsIt(*symbol, goobj.Reloc) bool { return false }

func (fix) load(uintptr) {}

func (k *link) applyCode(*module, *symbol, []byte, goobj.Reloc, *symbol) error {
	return errArchitecture
}
