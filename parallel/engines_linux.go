//go:build !goparallel_cell

package parallel

// A program that imports this package has controller and engines with it. Cells
// are compiled with the tag goparallel_cell: they find both in the process that
// loads them.
import (
	_ "github.com/goparallel/goparallel/internal/parallel/controller"
	_ "github.com/goparallel/goparallel/internal/parallel/engine"
	_ "github.com/goparallel/goparallel/internal/parallel/remote"
)
