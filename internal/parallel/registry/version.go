package registry

import "slices"

// A version is the newest one of a function or a method, as this process knows it.
type version struct {
	number int
	Info
}

// Version says that a module has a version of the function or method that goes by a
// symbol, which callers in other modules call if none has a higher number. Of info,
// Module, Reads and Writes count. An engine that is to run a function needs the newest
// versions of all that the function's modules have.
func Version(symbol string, number int, info Info) {
	tables.Lock()
	defer tables.Unlock()
	if symbols := tables.symbols[info.Module]; !slices.Contains(symbols, symbol) {
		tables.symbols[info.Module] = append(symbols, symbol)
	}
	if tables.versions[symbol].number < number {
		tables.versions[symbol] = version{number, info}
	}
}

// newer calls each for the newest versions of what a module has, as far as they are
// another module's. The caller holds tables.
func newer(module string, each func(Info)) {
	for _, symbol := range tables.symbols[module] {
		if v := tables.versions[symbol]; v.Module != module {
			each(v.Info)
		}
	}
}

// current returns a function with what the newest versions of all that it calls read
// and write.
func (f *Function) current() *Function {
	modules, err := Modules(f.Module)
	if err != nil {
		return f // whoever needs the modules is told
	}
	tables.RLock()
	defer tables.RUnlock()
	out := *f
	out.Reads = slices.Clone(f.Reads)
	for _, m := range modules {
		newer(m.ID, func(info Info) {
			out.Reads = append(out.Reads, info.Reads...)
			if out.Writes == "" {
				out.Writes = info.Writes
			}
		})
	}
	slices.Sort(out.Reads)
	out.Reads = slices.Compact(out.Reads)
	if len(out.Reads) == len(f.Reads) && out.Writes == f.Writes {
		return f
	}
	return &out
}
