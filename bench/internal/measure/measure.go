// Package measure holds what the benchmarks share: figures of several rounds,
// what is to be known about the machine, and files of results.
package measure

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Figures are single measurements by the name of what was measured; times are
// seconds, memory is bytes.
type Figures map[string]float64

// Samples hold the figures of several rounds.
type Samples map[string][]float64

// Add appends the figures of one round.
func (s Samples) Add(f Figures) {
	for name, value := range f {
		s[name] = append(s[name], value)
	}
}

// Median returns the median of the rounds, or 0 where there are none.
func (s Samples) Median(name string) float64 { return Median(s[name]) }

// Median returns the median of values, or 0 where there are none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// Machine says where and when something was measured.
type Machine struct {
	Time       time.Time
	Go         string
	Processor  string
	Processors int
	Load       string // over 1, 5 and 15 minutes
}

// ThisMachine describes this machine, now.
func ThisMachine() Machine {
	return Machine{
		Time: time.Now().UTC().Truncate(time.Second), Go: runtime.Version(),
		Processor: processor(), Processors: runtime.NumCPU(), Load: load(),
	}
}

// Save writes a report into a folder as JSON, in a file named after its kind and
// the time of the measurement.
func (m Machine) Save(folder, kind string, report any) error {
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, m.File(kind, "json")), append(text, '\n'), 0o644)
}

// File is the name of a file about what was measured, with an extension.
func (m Machine) File(kind, extension string) string {
	return kind + "-" + m.Time.Format("2006-01-02T150405Z") + "." + extension
}

// processor returns the processor's name, where Linux tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// load returns the machine's load averages, where Linux tells them.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
