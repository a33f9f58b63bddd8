package repl

import (
	"errors"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// gophernotesNames is what cells of gophernotes have without importing it.
const gophernotesNames = `import "github.com/goparallel/goparallel/kernel/gophernotes/display"

// Display shows data at once.
func Display(data display.Data) error { display.Show(data); return nil }`

// lacksGophernotes reports whether a cell does not compile because it knows the package
// display, or Display, without having declared or imported it.
func lacksGophernotes(err error) bool {
	errs, ok := errors.AsType[*diag.Errors](err)
	return ok && slices.ContainsFunc(errs.List, func(d diag.Diagnostic) bool {
		return d.Message == "undefined: display" || d.Message == "undefined: Display"
	})
}
