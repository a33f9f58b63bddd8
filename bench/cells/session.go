package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/repl"
)

// A notebook runs cells through the interpreter that the kernel uses.
type notebook struct {
	r     *repl.Interpreter
	count int
	first float64 // what its first cell took, in seconds
}

// openNotebook opens a notebook and runs its first cell.
func openNotebook(ctx context.Context, first string) (*notebook, error) {
	r, err := repl.Open(ctx, repl.Options{Progress: func(string) {}})
	if err != nil {
		return nil, err
	}
	n := &notebook{r: r}
	if n.first, _, err = n.run(ctx, first); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return n, nil
}

// run runs a cell and returns what a front end waits for it, in seconds, and what
// it printed.
func (n *notebook) run(ctx context.Context, code string) (float64, string, error) {
	n.count++
	out := &printed{}
	start := time.Now()
	reply := n.r.Execute(ctx, cell.Request{Code: code, Count: n.count, StoreHistory: true}, out)
	seconds := time.Since(start).Seconds()
	if reply.Err != nil {
		return 0, "", fmt.Errorf("%w in\n%s", reply.Err, code)
	}
	return seconds, out.text, nil
}

// printed keeps what a cell prints.
type printed struct {
	cell.Discard
	text string
}

func (p *printed) Stream(_, text string) { p.text += text }

// firstCell begins the notebooks whose cells are measured.
const firstCell = "import \"fmt\"\nx := 1"

// measureSessions runs the same cells in two sessions, one after the other: in the
// first they were never seen before, in the second they come from the cache. Each
// is run a second time unchanged.
func measureSessions(ctx context.Context, cells int) (s measure.Samples, err error) {
	s = measure.Samples{}
	unique := time.Now().UnixNano()
	for _, names := range [][2]string{{"new_cell", "same_cell"}, {"cached_cell", ""}} {
		n, err := openNotebook(ctx, firstCell)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, n.r.Close()) }()
		for i := range cells {
			code := fmt.Sprintf("x = x + %d\nfmt.Sprint(x, %d)", i, unique)
			for _, name := range names {
				if name == "" {
					continue
				}
				seconds, _, err := n.run(ctx, code)
				if err != nil {
					return nil, err
				}
				s[name] = append(s[name], seconds)
			}
		}
	}
	return s, nil
}

// measureMany runs many cells in one session: how long the first and the last ten
// take, and the memory of the host and of this process, which is the kernel's
// side, at the end.
func measureMany(ctx context.Context, cells int) (s measure.Samples, err error) {
	n, err := openNotebook(ctx, firstCell)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.r.Close()) }()
	s = measure.Samples{}
	unique := time.Now().UnixNano()
	for i := range cells {
		seconds, _, err := n.run(ctx, fmt.Sprintf("type t%d struct{ a, b int }\nfunc f%d(v t%d) int { return v.a + x }\nx = f%d(t%d{%d, 2})\nfmt.Sprint(x, %d)", i, i, i, i, i, i, unique))
		if err != nil {
			return nil, err
		}
		switch {
		case i < 10:
			s["first_cells"] = append(s["first_cells"], seconds)
		case i >= cells-10:
			s["last_cells"] = append(s["last_cells"], seconds)
		}
	}
	host := 0.0
	for _, pid := range children(os.Getpid()) {
		host += resident(pid)
	}
	s["host_memory"], s["kernel_memory"] = []float64{host}, []float64{resident(os.Getpid())}
	return s, nil
}

// children lists the processes that pid has started and that are alive.
func children(pid int) []int {
	var list []int
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			if child, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				list = append(list, child)
			}
		}
	}
	slices.Sort(list)
	return list
}

// resident returns the bytes of memory that a process has in use.
func resident(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize())
}
