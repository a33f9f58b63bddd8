package launch

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/goabi/buildid"
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
	if id := buildid.Of(f); strings.Count(id, "/") == 3 {
		return sha256.Sum256([]byte("go " + id)), nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(f, 0, 1<<62)); err != nil {
		return wire.Build{}, fmt.Errorf("the program's file must be read to tell builds apart: %w", err)
	}
	return wire.Build(hash.Sum(nil)), nil
}
