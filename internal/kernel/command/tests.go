package command

// tests runs the tests of a cell: package testing is not linked into cells for it.
var tests func(pattern string, names []string, functions []any) error

// Test runs functions of a cell as go test does: those whose names match a pattern.
// Names and functions come in turn. It panics with a live.Failure where one fails.
func Test(pattern string, namesAndFunctions ...any) {
	var names []string
	var functions []any
	for i := 0; i+1 < len(namesAndFunctions); i += 2 {
		names = append(names, namesAndFunctions[i].(string))
		functions = append(functions, namesAndFunctions[i+1])
	}
	fail(tests(pattern, names, functions))
}

// AddTests sets what runs tests. The host calls it at its start.
func AddTests(run func(pattern string, names []string, functions []any) error) { tests = run }
