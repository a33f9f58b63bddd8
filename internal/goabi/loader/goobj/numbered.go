package goobj

// Numbered lists the names of the symbols that other objects refer to by number: two builds of a
// package can stand for each other only where these are the same, in the same order.
func (o *Object) Numbered() []string {
	names := make([]string, o.first[1])
	for i := range names {
		names[i] = o.Sym(i).Name
	}
	return names
}
