package rewrite

import (
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A Code is what was made of a cell, for the compiler and for those who keep the unit.
type Code struct {
	*decl.Unit
	// Text is the code.
	Text string
	// Names are what it declares, by name, Extern what it uses of other units, and Again the
	// variables that it declares again.
	Names  map[string]*decl.Decl
	Extern []*decl.Decl
	Again  []again
	// Once says that its code runs once.
	Once bool
	// Packages are what it imports, Opened those of them whose unexported types it names, and
	// the aliases for those.
	Packages []string
	Opened   map[string]string
	// renamed are symbols of types and the names they go by.
	renamed map[string]string
	// embeddings are the files that it is made with.
	embeddings []*Embedding
	// VarsRead are the symbols of the variables that its statements read, of one for engines,
	// and VarsKept those of the variables that it declares.
	VarsRead, VarsKept []string
}

// again is a variable that a unit declares again, with the type that it has.
type again struct {
	*decl.Decl
	Origin *decl.Origin
	Info   *types.Info
}

func (u *Code) noteRenamed(d *decl.Decl) {
	if d.Kind == syntax.TypeDecl && d.Symbol != d.Name {
		u.rename(d.Symbol, d.Name)
	}
}

// rename records that a type with this symbol goes by a name.
func (u *Code) rename(symbol, name string) {
	if u.renamed == nil {
		u.renamed = make(map[string]string)
	}
	u.renamed[symbol] = name
}

// TypeNames are the users' names of the unit's types that go by others in its object.
func (u *Code) TypeNames() map[string]string {
	names := make(map[string]string, len(u.renamed))
	for symbol, name := range u.renamed {
		names[strings.ReplaceAll(symbol, idMark, u.ID)] = name
	}
	return names
}
