package traceback

import (
	"regexp"
	"strings"
)

// Names of functions that stand in another one, or in none, as the compiler makes them.
var (
	endings      = regexp.MustCompile(`(\.(func|gowrap|deferwrap)?\d+)+(\.\d+)*(-range\d+)?$`)
	initFunction = regexp.MustCompile(`^init\.\d+$`)
)

// Declared returns the declared function that a function belongs to, without the package that its name begins with and
// without type arguments: itself, or the one around a function literal, a call by go or defer, or the body of a range
// over a function. Within says that it is one of those. A literal that initialises a variable is in init,
// or in no function, "" (glob. to the compiler).
func Declared(name string) (declared string, within bool) {
	name = name[strings.LastIndexByte(name, '/')+1:]
	_, name, _ = strings.Cut(name, ".")
	declared = endings.ReplaceAllString(name, "")
	within = declared != name && !initFunction.MatchString(name)
	if declared == "glob." {
		return "", within
	}
	return strings.ReplaceAll(declared, "[...]", ""), within
}
