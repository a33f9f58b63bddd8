package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/bench/measure"
)

func TestReport(t *testing.T) {
	ours, theirs := measure.Samples{}, measure.Samples{}
	for _, seconds := range []float64{0.05, 0.03, 0.9} { // the median is 0.05
		ours.Add(measure.Figures{"each": seconds})
		theirs.Add(measure.Figures{"each": 100 * seconds})
	}
	r := newReport(ours, theirs, "7.1.0", 3)
	table := r.table().String()
	for _, want := range []string{"50 ms", "5 s", "100.0", "≥ 70"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	dir := filepath.Join(t.TempDir(), "results")
	if err := r.Save(dir, "views", r); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(files) != 1 {
		t.Fatalf("saved %v", files)
	}
	text, _ := os.ReadFile(files[0])
	var back report
	if err := json.Unmarshal(text, &back); err != nil || back.Ours.Median("each") != 0.05 || back.Ipyparallel != "7.1.0" || back.Processors < 1 {
		t.Errorf("%v: %+v", err, back)
	}
}
