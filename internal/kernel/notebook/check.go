package notebook

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// A CheckError is returned by [Check] for a notebook that no longer gives the outputs
// that it carries.
type CheckError struct {
	// Path is the notebook.
	Path string
	// Cells are the places among all cells of those whose outputs differ, from 1.
	Cells []int
	// Report shows what differs, cell by cell.
	Report string
}

// Error returns the report.
func (e *CheckError) Error() string {
	return fmt.Sprintf("%s does not give the outputs that it carries, in %d cell(s):\n%s", e.Path, len(e.Cells), e.Report)
}

// ignoreTag, nbval's, says that a cell's outputs are not compared.
const ignoreTag = "nbval-ignore-output"

// Check executes the code cells of a notebook as [Run] does, and compares what they show
// with the outputs in the file, which stays as it is. Text is compared, and of what else is shown
// that it is there; times, dates and addresses in texts may differ. Cells tagged
// nbval-ignore-output or raises-exception are run and not compared. It returns a
// [*CheckError] where outputs differ.
func Check(ctx context.Context, interp cell.Interpreter, path string, options Options) error {
	d, err := read(path)
	if err != nil {
		return err
	}
	before := make([][]string, len(d.cells))
	for i, c := range d.cells {
		before[i] = compared(c)
	}
	if err := d.run(ctx, interp, path, options); err != nil {
		return err
	}
	failed := &CheckError{Path: path}
	for i, c := range d.cells {
		if c["cell_type"] != "code" || hasTag(c, ignoreTag) || hasTag(c, "raises-exception") {
			continue
		}
		if after := compared(c); !slices.Equal(before[i], after) {
			failed.Cells = append(failed.Cells, i+1)
			failed.Report += fmt.Sprintf("cell %d of the notebook, %s\n%s", i+1, cell.Gist(source(c)), difference(before[i], after))
		}
	}
	if failed.Cells != nil {
		return failed
	}
	return nil
}

// compared returns the lines that a cell's outputs are compared by.
func compared(c object) (list []string) {
	outputs, _ := c["outputs"].([]any)
	// What was written and what was read are of different types until both were written.
	raw, err := json.Marshal(outputs)
	if err != nil {
		return nil
	}
	var parsed []object
	if json.Unmarshal(raw, &parsed) != nil {
		return nil
	}
	for _, o := range parsed {
		kind := fmt.Sprint(o["output_type"])
		text, _ := joined(o["text"])
		if data, ok := o["data"].(object); ok {
			kind += " of " + strings.Join(slices.Sorted(maps.Keys(data)), ", ")
			text, _ = joined(data["text/plain"])
		}
		if kind == "stream" {
			kind = fmt.Sprint(o["name"])
		}
		list = append(list, kind+":")
		for line := range strings.Lines(changing.ReplaceAllString(slowest.ReplaceAllString(text, ""), "…")) {
			list = append(list, strings.TrimRight(line, " \r\n"))
		}
	}
	return list
}

// changing is what differs between two runs of the same program: addresses, dates with their times,
// times of day, durations, and how many loops %timeit has found right.
var changing = regexp.MustCompile(`\b[\d,]+ loops? each|0x[0-9a-f]{6,}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[0-9.]*( ?[+-]\d{4}| ?Z)?|\b\d\d:\d\d:\d\d[0-9.]*\b|\b(\d+(\.\d+)?(h|ms|m|s|µs|μs|ns))+\b|\b\d+(\.\d+)? (ns|µs|μs|ms|s|min|h)\b`)

// slowest is the line that %timeit prints where one of its runs was slow.
var slowest = regexp.MustCompile(`(?m)^The slowest run took .* times longer than the fastest\..*\n`)

// difference shows the lines that one list has and the other has not, around what is equal.
func difference(before, after []string) string {
	for len(before) > 0 && len(after) > 0 && before[0] == after[0] {
		before, after = before[1:], after[1:]
	}
	for len(before) > 0 && len(after) > 0 && before[len(before)-1] == after[len(after)-1] {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	var b strings.Builder
	for _, side := range []struct {
		sign  string
		lines []string
	}{{"-", before}, {"+", after}} {
		const most = 20
		for i, line := range side.lines {
			if i == most {
				fmt.Fprintf(&b, "  %s … and %d lines more\n", side.sign, len(side.lines)-most)
				break
			}
			fmt.Fprintf(&b, "  %s %.200s\n", side.sign, line)
		}
	}
	return b.String()
}
