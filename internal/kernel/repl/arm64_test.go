package repl_test

import (
	"os"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/process/emulated"
)

func TestMain(m *testing.M) { os.Exit(emulated.Main(m)) }
