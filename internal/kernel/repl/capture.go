package repl

import (
	"errors"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// capture is a file that gets what a cell prints on standard output.
type capture struct {
	file *os.File
	adds bool  // behind what the file holds
	err  error // the first one of writing
}

// Capture opens the file for the cell. What it holds goes only when the cell has compiled.
func (k kernelFor) Capture(path string, adds bool) error {
	if k.past.capture != nil {
		return fmt.Errorf("the cell's output goes to %s already: %%capture stands in a cell once", k.past.capture.file.Name())
	}
	mode := os.O_WRONLY | os.O_CREATE
	if adds {
		mode |= os.O_APPEND
	}
	f, err := os.OpenFile(path, mode, 0o644)
	if err != nil {
		return err
	}
	k.past.capture = &capture{file: f, adds: adds}
	return nil
}

// begin returns an output that writes to the file as well.
func (c *capture) begin(out cell.Output) cell.Output {
	if c == nil {
		return out
	}
	if info, err := c.file.Stat(); err != nil {
		c.err = err
	} else if !c.adds && info.Mode().IsRegular() {
		c.err = c.file.Truncate(0)
	}
	return captured{out, c}
}

// end closes the file.
func (c *capture) end() error {
	if c == nil {
		return nil
	}
	return errors.Join(c.err, c.file.Close())
}

// captured is the output of a cell with a capture.
type captured struct {
	cell.Output
	c *capture
}

// Stream shows text, and writes it to the file if it is standard output.
func (o captured) Stream(name, text string) {
	if name == "stdout" && o.c.err == nil {
		_, o.c.err = o.c.file.WriteString(text)
	}
	o.Output.Stream(name, text)
}
