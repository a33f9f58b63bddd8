// Package check finds out what a cell means: it parses it, finds the packages that it imports,
// written or not, and type-checks it against what earlier cells have declared.
//
// A [Cell] goes through rounds. Which of its declarations are as they were, and stay
// (redeclare.go)? What of earlier cells refers to the others, and has to be compiled again
// beside it, from its text? Then both are checked as one package (typecheck.go). Each round can
// show that something of an earlier cell no longer compiles, so that it is gone, or that a
// variable has got another type (cellvariables.go), and then there is one more. In the end the
// cell has all that generated code is made of: the declarations, the type checker's findings,
// and what is lost. Nothing of the session has changed until then: a cell works on a state of
// its own.
//
// A [Checker] is the type checker with what go/types does not do by itself (checker.go,
// typeerrors.go): all cells are one types.Package, whose scope is emptied and filled for each
// check. What to say of an error beside the error is in hints.go; how a cell gets packages that
// it does not import is in autoimport.go; what people are told that a cell reads and changes
// is in flow.go.
package check
