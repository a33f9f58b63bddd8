// Assumed: an object is laid out as cmd/internal/goobj writes it, and has that package's magic
// (goobj); a module's data, tables, types and itabs are laid out as in runtime/symtab.go,
// internal/abi and runtime/iface.go (runtime.go, tables.go), and found, made and looked through
// by the functions that linkname reaches there; relocations mean what cmd/internal/objabi says
// (relocate.go); reflection keeps what it makes in the caches that twins.go names; type assertions
// and switches remember what runtime's emptyTypeAssertCache begins (methods.go); the linker keeps
// and names symbols for a program that imports package plugin (hostlink, symbols). What goobj,
// hostlink, symbols and shared assume in detail stands in their own comments.
//
// Where a release has it otherwise: an object with another magic is refused by name. A function
// that is gone is an error of the host's link, in the first minute of goparallel warm. Another
// layout of module data or tables ends the host at runtime.moduledataverify1, or at the first
// stack or collection ("invalid pc-encoded table", a fault): the check of the loader, which a
// workspace runs before it counts as whole, and the package's own tests
// (internal/goabi/loader/test). Other caches of reflection show as two types that should be one:
// the doctor's cell "types made by reflection".
package loader
