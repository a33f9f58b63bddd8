package show

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/pprof/profile"

	"github.com/goparallel/goparallel/kernel/display"
)

// mostFunctions bounds the table of %prun.
const mostFunctions = 20

// profiler is the one of a process.
type profiler struct {
	sync.Mutex
	running bool
	began   time.Time
	data    bytes.Buffer
}

func (p *profiler) begin() error {
	p.Lock()
	defer p.Unlock()
	p.data.Reset()
	if err := pprof.StartCPUProfile(&p.data); err != nil {
		return err
	}
	p.running, p.began = true, time.Now()
	return nil
}

// stop ends the profile, if there is one.
func (p *profiler) stop() (wall time.Duration, ok bool) {
	p.Lock()
	defer p.Unlock()
	if !p.running {
		return 0, false
	}
	p.running = false
	pprof.StopCPUProfile()
	return time.Since(p.began), true
}

// profiling is what %prun has begun.
var profiling struct {
	own     profiler
	engines enginesProfile
}

// beginPrun begins a profile of this process, and of the engines that there are.
func beginPrun() error {
	profiling.engines.begin()
	return profiling.own.begin()
}

// endPrun ends the profile, prints its table and shows its flame graph.
func endPrun() error {
	wall, ok := profiling.own.stop()
	if !ok {
		return nil
	}
	prof, err := profile.Parse(&profiling.own.data)
	if err != nil {
		return err
	}
	all, engines, err := profiling.engines.end(prof)
	if err != nil {
		return err
	}
	fmt.Print(table(all, wall, engines))
	if all := flames(all); all.ns > 0 {
		display.Show(display.Data{"image/svg+xml": all.svg(), "text/plain": all.text()})
	}
	return nil
}

// cost is the processor time of a function.
type cost struct {
	name      string
	own, with int64 // in it alone, and with what it calls, in nanoseconds
}

var (
	// statements is the function of a cell's statements, and runsCells are those that
	// call it.
	statements = regexp.MustCompile(`^main\.(main|init\.\d+)\b(\.func\d+)?`)
	runsCells  = regexp.MustCompile(`/goparallel/(internal/kernel/host|internal/parallel/poll)\.\(\*`)
)

// table sets the functions that took most, by their own time.
func table(prof *profile.Profile, wall time.Duration, engines int) string {
	costs := make(map[string]*cost)
	total := int64(0)
	value := len(prof.SampleType) - 1 // cpu, in nanoseconds
	for _, s := range prof.Sample {
		ns := s.Value[value]
		total += ns
		seen := make(map[string]bool)
		for i, at := range s.Location {
			for j, line := range at.Line {
				if line.Function == nil {
					continue
				}
				name := statements.ReplaceAllString(line.Function.Name, "the cell")
				if i > 0 && runsCells.MatchString(name) {
					continue // it calls the cell, so all is in it
				}
				if costs[name] == nil {
					costs[name] = &cost{name: name}
				}
				if i == 0 && j == 0 {
					costs[name].own += ns
				}
				if !seen[name] {
					seen[name] = true
					costs[name].with += ns
				}
			}
		}
	}
	if total == 0 {
		return fmt.Sprintf("%s, too short for the profiler, which looks 100 times a second\n", wall.Round(time.Microsecond))
	}
	list := slices.SortedFunc(maps.Values(costs), func(a, b *cost) int {
		return cmp.Or(cmp.Compare(b.own, a.own), cmp.Compare(b.with, a.with), strings.Compare(a.name, b.name))
	})
	var b strings.Builder
	where := ""
	if c := costs[onEngines]; c != nil {
		where = fmt.Sprintf(", %s of it on %s", duration(c.with), counted(engines, "engine"))
	}
	fmt.Fprintf(&b, "%s of processor time in %s%s\n\n%9s %6s  %9s %6s  function\n", duration(total), wall.Round(time.Millisecond), where, "own time", "", "with calls", "")
	for _, c := range list[:min(len(list), mostFunctions)] {
		fmt.Fprintf(&b, "%9s %5.1f%%  %10s %5.1f%%  %s\n", duration(c.own), percent(c.own, total), duration(c.with), percent(c.with, total), c.name)
	}
	if more := len(list) - mostFunctions; more > 0 {
		fmt.Fprintf(&b, "and %d more functions\n", more)
	}
	return b.String()
}

func duration(ns int64) string { return time.Duration(ns).Round(10 * time.Millisecond).String() }

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

func percent(part, whole int64) float64 { return 100 * float64(part) / float64(whole) }
