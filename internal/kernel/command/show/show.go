// Package show holds the magics that need more than a cell should be linked with: they
// are part of the process that runs the cells.
package show

import (
	"fmt"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/command"
	"github.com/goparallel/goparallel/kernel/display"
)

// Register makes the magics known to package command.
func Register() {
	for name, show := range map[string]func(string){
		"html": display.HTML, "markdown": display.Markdown, "svg": display.SVG, "latex": display.Latex,
		"javascript": func(source string) { display.Show(display.Data{"application/javascript": source}) },
	} {
		command.Add(name, func(source string) error { show(source); return nil })
	}
	command.Add("prun begin", func(string) error { return beginPrun() })
	command.Add("prun end", func(string) error { return endPrun() })
	command.AddTests(runTests)
	registerPX()
}

// End ends what a cell has begun and not ended, and prints it. The host calls it after
// each cell.
func End() {
	if err := endPrun(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
