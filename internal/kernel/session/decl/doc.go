// Package decl knows what the cells of a session have declared.
//
// All cells are one Go package. A declaration ([Decl]) is one version of a constant, a type
// with its methods, a variable or a function; a name that is declared again has a new one,
// and code that was compiled against the old one keeps it. A [State] has the current ones, by
// name and by what the type checker knows them as, what was imported, and what is gone and why.
// A cell that compiles makes the next state; whoever holds one can read it for as long as they
// like.
//
// Everything that follows from declarations alone is told here:
//
//   - what refers to what, directly or not (decl.go, uses.go), so that what a change concerns
//     is compiled again;
//   - by which name the compiler sees a version (symbols.go): what a program can tell no
//     difference between has one symbol, which shapes.go compares;
//   - whether a variable's value can become one of its type's new version (carriable.go,
//     layout.go), and where it has its type from (origin.go).
//
// No text is parsed or generated, and no type checked, here.
package decl
