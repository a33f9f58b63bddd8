// Package report holds what the benchmark found, sets it beside what was aimed
// for, and writes it as Markdown and JSON.
package report

import (
	"os"
	"path/filepath"

	"github.com/goparallel/goparallel/bench/internal/measure"
)

// Report is what a run found.
type Report struct {
	measure.Machine
	// Quick says that there were few rounds.
	Quick bool
	// Versions are those of the contestants; Out says who was left out, and why.
	Versions, Out map[string]string
	Sections      []Section
}

// Section is what one measure found.
type Section struct {
	Name string
	// Title says what was measured.
	Title string
	Lines []Line
	// Bytes says that figures are bytes.
	Bytes bool `json:",omitempty"`
	Goals []Goal
	// Data are lines that are too many for a table; Markdown leaves them out.
	Data []Line `json:",omitempty"`
	// Tables are set below the lines, Notes below the goals.
	Tables []Table
	Notes  []string
}

// Line is one contestant in one setting.
type Line struct {
	Contestant, Setting string
	// Samples has a figure for each round, in seconds, or in bytes where the section says so.
	Samples   []float64
	Median    float64
	Low, High float64 // the 95 % interval of the median
}

// NewLine summarizes the figures of a contestant.
func NewLine(contestant, setting string, samples []float64) Line {
	low, high := measure.Interval(samples)
	return Line{contestant, setting, samples, measure.Median(samples), low, high}
}

// Goal is something to reach, and what was reached.
type Goal struct {
	// Text says what is compared.
	Text string
	// Reached is how often ours fits into theirs, or, where Inverse is set,
	// theirs into ours; Wanted is the least, or the most, that it should be.
	Reached, Low, High float64
	Wanted             float64
	Inverse            bool
	// Missing says why there is nothing to compare.
	Missing string `json:",omitempty"`
}

// Met reports whether the goal was reached.
func (g Goal) Met() bool {
	if g.Missing != "" {
		return false
	}
	if g.Inverse {
		return g.Reached <= g.Wanted
	}
	return g.Reached >= g.Wanted
}

// Open reports whether the interval has both sides of the goal in it, so that
// another run may say the opposite.
func (g Goal) Open() bool { return g.Low < g.Wanted && g.Wanted < g.High }

// Faster is the goal that ours is faster than theirs by a factor.
func Faster(text string, factor float64, ours, theirs Line) Goal {
	g := Goal{Text: text, Wanted: factor, Missing: missing(ours, theirs)}
	g.Reached, g.Low, g.High = measure.Ratio(theirs.Samples, ours.Samples)
	return g
}

// AtMost is the goal that ours takes at most a factor of the time of theirs.
func AtMost(text string, factor float64, ours, theirs Line) Goal {
	g := Goal{Text: text, Wanted: factor, Inverse: true, Missing: missing(ours, theirs)}
	g.Reached, g.Low, g.High = measure.Ratio(ours.Samples, theirs.Samples)
	return g
}

func missing(lines ...Line) string {
	for _, l := range lines {
		if len(l.Samples) == 0 {
			return l.Contestant + " was not measured"
		}
	}
	return ""
}

// Line returns the line of a contestant in a setting; one without samples, if
// there is none.
func (s Section) Line(contestant, setting string) Line {
	for _, l := range s.Lines {
		if l.Contestant == contestant && l.Setting == setting {
			return l
		}
	}
	return Line{Contestant: contestant, Setting: setting}
}

// Write writes the report into a folder, as Markdown and as JSON.
func (r Report) Write(folder string) error {
	if err := r.Save(folder, "peers", r); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, r.File("peers", "md")), []byte(r.Markdown()), 0o644)
}
