// The compiler accepts functions without a body, those that linkname directives
// take from the runtime, only in a package that has a file of assembly.
