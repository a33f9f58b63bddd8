package repl

// Executes reports whether a cell runs, for tests that interrupt one as soon as it does.
func (r *Interpreter) Executes() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.executing != nil
}
