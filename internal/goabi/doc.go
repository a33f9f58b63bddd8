// Package goabi is the room of all that knows how one Go release is made inside: layouts of the
// runtime, the form of objects, function tables, the compiler's names, functions that linkname
// reaches. It has no code itself; each package below it says in its comment what it assumes, and
// how it shows where a release has it otherwise. Nothing outside this folder may know such
// things (room_test.go).
//
//	buildid     the id that the go command gives each build
//	funcvalue   the object behind a function value, and the compiler's names of functions
//	goroutine   the calling goroutine's label and stack, in every program
//	goruntime   pending timers, panics, signals, hooks at the end: in the host alone
//	loader      objects, types, function tables and itabs, as the running process has them
//	traceback   the text in which the runtime prints goroutines
//	typescope   what a scope of go/types holds
//	unitobject  names, wrappers and fingerprints in the object of a unit
//
// The packages are at the height of what uses them: goroutine and funcvalue are linked into every
// program that imports package parallel, goruntime and loader into the host, which must be
// linked with -checklinkname=0, unitobject and typescope into the kernel. They import nothing of
// this module but each other: what they need of others they are given.
//
// What is assumed of texts that Go's tools print is not in this room, since nothing breaks without
// a word where it changes: errors of the type checker (internal/kernel/session/check/typeerrors.go),
// of the compiler (internal/kernel/session/compiler), and what the go command prints
// (internal/kernel/session/golist). Neither is what a test and the code itself look at each time:
// that a large object of the heap has its pages to itself (internal/parallel/memory/overlay.go).
//
// What to do with a new release is in CONTRIBUTING.md; the doctor (internal/kernel/doctor) compiles
// cells that show most of these assumptions.
package goabi
