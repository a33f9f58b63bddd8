package session

import (
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A unitCode is what was made of a cell, for the compiler and for those who keep the unit.
type unitCode struct {
	*decl.Unit
	// text is the code.
	text string
	// names are what it declares, by name, extern what it uses of other units, and again the
	// variables that it declares again.
	names  map[string]*decl.Decl
	extern []*decl.Decl
	again  []again
	// once says that its code runs once.
	once bool
	// packages are what it imports, opened those of them whose unexported types it names, and
	// the aliases for those.
	packages []string
	opened   map[string]string
	// renamed are symbols of types and the names they go by.
	renamed map[string]string
	// embeddings are the files that it is made with.
	embeddings []*embedding
	// varsRead are the symbols of the variables that its statements read, of one for engines,
	// and varsKept those of the variables that it declares.
	varsRead, varsKept []string
}

// again is a variable that a unit declares again, with the type that it has.
type again struct {
	*decl.Decl
	origin *decl.Origin
	info   *types.Info
}

func (u *unitCode) noteRenamed(d *decl.Decl) {
	if d.Kind == syntax.TypeDecl && d.Symbol != d.Name {
		u.rename(d.Symbol, d.Name)
	}
}

// rename records that a type with this symbol goes by a name.
func (u *unitCode) rename(symbol, name string) {
	if u.renamed == nil {
		u.renamed = make(map[string]string)
	}
	u.renamed[symbol] = name
}

// typeNames are the users' names of the unit's types that go by others in its object.
func (u *unitCode) typeNames() map[string]string {
	names := make(map[string]string, len(u.renamed))
	for symbol, name := range u.renamed {
		names[strings.ReplaceAll(symbol, idMark, u.ID)] = name
	}
	return names
}
